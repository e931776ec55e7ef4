import type { TranslationBundle } from '@jupyterlab/translation';

import type { Device, KernelUse, Verdict } from '../api';
import { givenText, heldMemory, pinnedDevices, pinText } from '../devices/pins';
import type { ILiveModel } from '../live';
import { reasonDimmed } from '../status';
import type { ICounting } from './stored';
import { whoseChoice } from './words';

/** What the chip shows. All of it is text and numbers, so that two can be compared. */
export interface IChipView {
  /** The GPUs that the kernel has; without a kernel those it would get. */
  readonly label: string;
  /** The pin that counts at the next start, where it differs from what the kernel has. */
  readonly pending: string | null;
  /** Who chose the pin that counts, in a sentence. */
  readonly chosenBy: string;
  /** Bytes this kernel holds; null: not known; undefined: no kernel that holds any. */
  readonly memory: number | null | undefined;
  /** Its share of its devices' time, 0-1, the mean where it uses several; null: not known; undefined: as above. */
  readonly utilization: number | null | undefined;
  /** Why the figures are not those of now; null: they are. */
  readonly old: string | null;
  readonly verdict: Verdict | null;
  /** Sentences on the start and on the devices as they are now. */
  readonly warnings: readonly string[];
  readonly simulated: boolean;
  readonly started: boolean;
}

/** What is known when the view is made. */
export interface IKnown {
  readonly live: Pick<ILiveModel, 'state' | 'stale' | 'reading' | 'receivedAt'>;
  /** The notebook's kernel; null: none, or none that the server told of yet. */
  readonly kernel: KernelUse | null;
  /** What counts at the next start; null: not known yet. */
  readonly counting: ICounting | null;
  readonly kernelspec: string | null;
  /** Why stored pins may not count; null: they do. */
  readonly problem: string | null;
  readonly trans: TranslationBundle;
}

/** What there is to show; null: nothing yet, or the server lacks our part. */
export function look(known: IKnown): IChipView | null {
  const { live, kernel, counting, kernelspec, problem, trans } = known;
  const { reading } = live;
  if (live.state === 'no-extension' || counting === null) {
    return null;
  }
  const devices = reading?.devices ?? [];
  const pinned = pinText(counting.pin, devices, trans);
  const holding = kernel !== null && kernel.devices.length > 0;
  const label = labelOf(known, counting.pin);
  const pending = kernel?.restart_needed ? pinned : null;
  // Such as `auto`, where the kernel has `GPU 1`.
  const what = pinned === (pending ?? label) ? null : pinned;
  return {
    label,
    pending,
    chosenBy: whoseChoice(counting.from, kernelspec, what, trans),
    memory: holding ? heldMemory(kernel) : undefined,
    utilization: holding ? meanUtilization(kernel, devices) : undefined,
    old: reading && reasonDimmed(live, reading.driver.status, trans),
    verdict: kernel?.verdict ?? null,
    warnings: [
      ...(problem === null ? [] : [problem]),
      ...(kernel ? warningsOf(kernel) : [])
    ],
    simulated: reading?.simulated ?? false,
    started: kernel !== null
  };
}

/** What is to be said of a kernel's start, then of its devices as they are now. */
export function warningsOf({ note, warnings }: KernelUse): string[] {
  return note === null ? warnings : [note, ...warnings];
}

function labelOf({ live, kernel, trans }: IKnown, pin: string): string {
  const { reading } = live;
  const devices = reading?.devices ?? [];
  const namesNone =
    kernel === null
      ? pinnedDevices(pin, devices) === null
      : kernel.given === null;
  if (namesNone && hasNone(reading)) {
    return trans.__('no GPU');
  }
  return kernel === null
    ? pinText(pin, devices, trans)
    : givenText(kernel.given, devices, trans);
}

/** Whether there is no device to have: the driver lists none, or there is no driver. */
function hasNone(reading: ILiveModel['reading']): boolean {
  const status = reading?.driver.status;
  return (
    reading?.devices.length === 0 && (status === 'ok' || status === 'absent')
  );
}

/** The mean over the devices on which it is known; null: on none. */
function meanUtilization(
  { devices: uses }: KernelUse,
  devices: Device[]
): number | null {
  const known = uses.flatMap(({ uuid, utilization }) => {
    const works = devices.find(device => device.uuid === uuid)?.state === 'ok';
    return works && utilization !== null ? [utilization] : [];
  });
  return known.length === 0
    ? null
    : known.reduce((sum, one) => sum + one, 0) / known.length;
}
