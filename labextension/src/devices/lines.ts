import type { TranslationBundle } from '@jupyterlab/translation';

import type { Device } from '../api';
import { groupsOf } from './holding';
import { deviceModel, deviceTitle, holderName, stateWord } from './names';
import { pinnedDevices } from './pins';
import type { Units } from '../ui';
import { fraction, memory, memoryOf } from '../ui';

/** A device as it can be chosen: in the menu, and in the dialog for several. */
export interface IDeviceLine {
  readonly uuid: string;
  /** `GPU 0 · H100 80GB HBM3`. */
  readonly title: string;
  /** Its free memory, or why it cannot be had. */
  readonly note: string;
  /** Who holds memory on it; empty: nobody that can be seen. */
  readonly holders: string;
  /** What of its memory this notebook's kernel holds, and what is in use besides; null: not known. */
  readonly shares: { readonly own: number; readonly others: number } | null;
  /** It is a part of the device above it. */
  readonly nested: boolean;
  readonly enabled: boolean;
  readonly chosen: boolean;
}

/** What the lines are made of. */
export interface ILinesOf {
  readonly devices: Device[];
  /** The pin that counts; null: not known. */
  readonly pin: string | null;
  /** The id of the notebook's kernel. */
  readonly kernel: string | null;
  readonly units: Units;
  readonly trans: TranslationBundle;
}

/**
 * The devices that a kernel can be given, which `auto` chooses among. CUDA gives
 * the first instance of a GPU that is divided, never the whole of it
 * (https://docs.nvidia.com/datacenter/tesla/mig-user-guide/).
 */
export function choosable(devices: Device[]): Device[] {
  return devices.filter(
    device =>
      device.allotted && device.state === 'ok' && !isDivided(device, devices)
  );
}

function isDivided({ mig, uuid }: Device, devices: Device[]): boolean {
  return mig && devices.some(({ parent }) => parent === uuid);
}

/** All devices in their order, MIG instances below their GPU. */
export function deviceLines(known: ILinesOf): IDeviceLine[] {
  const { devices, pin, trans } = known;
  const pinned = pin === null ? [] : (pinnedDevices(pin, devices) ?? []);
  const enabled = new Set(choosable(devices));
  return nested(devices).map(device => ({
    uuid: device.uuid,
    title: [deviceTitle(device, trans), deviceModel(device)]
      .filter(Boolean)
      .join(' · '),
    note: noteOf(device, known),
    holders: holdersOf(device, known),
    shares: sharesOf(device, known),
    nested: device.parent !== null,
    enabled: enabled.has(device),
    chosen: pinned.includes(device)
  }));
}

/** The whole devices, each with its instances after it. */
function nested(devices: Device[]): Device[] {
  const uuids = new Set(devices.map(device => device.uuid));
  const isPart = ({ parent }: Device) => parent !== null && uuids.has(parent);
  return devices
    .filter(device => !isPart(device))
    .flatMap(device => [
      device,
      ...devices.filter(part => isPart(part) && part.parent === device.uuid)
    ]);
}

function noteOf(device: Device, { devices, units, trans }: ILinesOf): string {
  if (!device.allotted) {
    return trans.__('not allotted to this server');
  }
  if (device.state !== 'ok') {
    return stateWord(device.state, trans);
  }
  if (isDivided(device, devices)) {
    return trans.__('divided into instances');
  }
  const { free, total } = device.memory ?? {};
  return trans.__('%1 free', memoryOf(free, total, units));
}

/** `train.ipynb 12 GiB, 2 others`: the kernels first, of those this notebook's. */
function holdersOf(device: Device, { kernel, units, trans }: ILinesOf): string {
  const groups = groupsOf(device);
  const own = groups.find(({ kernelId }) => kernelId === (kernel ?? ''));
  const first = own ?? groups[0];
  if (first === undefined) {
    const unseen = device.unattributed_memory ?? 0;
    return unseen > 0
      ? trans.__('%1 not visible from here', memory(unseen, units))
      : '';
  }
  const name = own
    ? trans.__('this notebook')
    : holderName(first.holder, trans);
  const holder = `${name} ${memory(first.memory, units)}`;
  return groups.length === 1
    ? holder
    : trans._n('%2, %1 other', '%2, %1 others', groups.length - 1, holder);
}

function sharesOf(device: Device, { kernel }: ILinesOf): IDeviceLine['shares'] {
  const { used, total } = device.memory ?? {};
  const all = fraction(used, total);
  if (all === null) {
    return null;
  }
  const mine = groupsOf(device).find(({ kernelId }) => kernelId === kernel);
  const own = kernel === null ? 0 : (fraction(mine?.memory, total) ?? 0);
  return { own: Math.min(own, all), others: Math.max(0, all - own) };
}
