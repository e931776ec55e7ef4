import type { TranslationBundle } from '@jupyterlab/translation';

import type { Device, Holder } from '../api';
import { baseName } from '../ui';

/** What a device is called for a person: `GPU 0`, or `MIG` with the end of its UUID. */
export function deviceTitle(device: Device, trans: TranslationBundle): string {
  return device.index === null
    ? trans.__('MIG %1', device.uuid.replace(/^MIG-/, '').slice(0, 8))
    : trans.__('GPU %1', String(device.index));
}

/**
 * What kind of device it is, as short as it can be told: `H100 80GB HBM3`
 * (all are NVIDIA's), and for a MIG instance its profile, `1g.5gb`.
 */
export function deviceModel(device: Device): string {
  const name = device.name ?? '';
  const profile = device.parent !== null ? /\bMIG (\S+)$/.exec(name) : null;
  return profile?.[1] ?? name.replace(/^NVIDIA /, '');
}

/** A sentence for the state of a device that is not ok. */
export function deviceState(
  state: Device['state'],
  trans: TranslationBundle
): string {
  switch (state) {
    case 'ok':
      return '';
    case 'lost':
      return trans.__(
        'The driver has lost this device. It comes back with a reset or a reboot.'
      );
    case 'reset-required':
      return trans.__(
        'This device has to be reset before it can be used again.'
      );
    case 'not-answering':
      return trans.__('This device does not answer.');
    case 'error':
      return trans.__('The driver reports an error of this device.');
  }
}

/** The same in a word or two. */
export function stateWord(
  state: Device['state'],
  trans: TranslationBundle
): string {
  switch (state) {
    case 'ok':
      return trans.__('ok');
    case 'lost':
      return trans.__('lost');
    case 'reset-required':
      return trans.__('needs a reset');
    case 'not-answering':
      return trans.__('no answer');
    case 'error':
      return trans.__('error');
  }
}

/** Why a figure of a device that works is not known; empty where that cannot be said. */
export function whyNoUtilization(
  device: Device,
  trans: TranslationBundle
): string {
  return device.mig || device.parent !== null
    ? trans.__(
        'The driver does not measure the utilization of a GPU that is divided into MIG instances, nor of these.'
      )
    : trans.__('The driver does not tell the utilization of this device.');
}

/** Who holds memory: a notebook's name, a command, or whose process it is. */
export function holderName(holder: Holder, trans: TranslationBundle): string {
  if (holder.notebook) {
    return baseName(holder.notebook);
  }
  if (holder.command) {
    return holder.command;
  }
  if (holder.kernel_id !== null) {
    return trans.__('a kernel');
  }
  return holder.user === 'other'
    ? trans.__('another user')
    : trans.__('a process');
}
