import type { TranslationBundle } from '@jupyterlab/translation';

import type { Device, KernelUse } from '../api';

/** Digits of an unknown UUID that are enough to recognise it. */
const SHOWN = 12;

/** The devices that a pin's text names, by index or (the beginning of) a UUID; null for all, none and auto. */
export function pinnedDevices(pin: string, devices: Device[]): Device[] | null {
  const words = pin.split(',').map(word => word.trim());
  if (words.some(word => /^(all|none|auto(:.*)?)$/i.test(word))) {
    return null;
  }
  return devices.filter(device => words.some(word => names(word, device)));
}

function names(word: string, device: Device): boolean {
  return /^\d+$/.test(word)
    ? device.index === Number(word)
    : word !== '' && device.uuid.toLowerCase().startsWith(word.toLowerCase());
}

/** A pin for a person: `GPU 1`, `GPUs 0, 2`, `all GPUs`, `no GPU`, `auto`. */
export function pinText(
  pin: string,
  devices: Device[],
  trans: TranslationBundle
): string {
  switch (pin.toLowerCase()) {
    case 'all':
      return trans.__('all GPUs');
    case 'none':
      return trans.__('no GPU');
  }
  const pinned = pinnedDevices(pin, devices);
  if (pinned === null) {
    return pin; // auto, auto:2: the same in every language.
  }
  return pinned.length > 0
    ? devicesText(pinned, trans)
    : trans.__('GPU %1 (not here)', pin.slice(0, SHOWN));
}

/** The devices that a kernel was started with; `given` null: all that the server has. */
export function givenText(
  given: string[] | null,
  devices: Device[],
  trans: TranslationBundle
): string {
  if (given === null) {
    return trans.__('all GPUs');
  }
  if (given.length === 0) {
    return trans.__('no GPU');
  }
  const here = devices.filter(device => given.includes(device.uuid));
  return here.length > 0
    ? devicesText(here, trans)
    : trans.__('GPU %1 (not here)', given[0]?.slice(0, SHOWN) ?? '');
}

function devicesText(devices: Device[], trans: TranslationBundle): string {
  const indices = devices.flatMap(device =>
    device.index === null ? [] : [device.index]
  );
  if (indices.length < devices.length) {
    return devices.length === 1
      ? trans.__('a MIG instance')
      : trans._n('%1 device', '%1 devices', devices.length);
  }
  return indices.length === 1
    ? trans.__('GPU %1', String(indices[0]))
    : trans.__('GPUs %1', indices.join(', '));
}

/** Bytes that a kernel holds on all its devices; null: not known of one of them. */
export function heldMemory(kernel: KernelUse): number | null {
  return kernel.devices.reduce<number | null>(
    (sum, device) =>
      sum === null || device.memory === null ? null : sum + device.memory,
    0
  );
}
