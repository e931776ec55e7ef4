import type { TranslationBundle } from '@jupyterlab/translation';

import type { KernelUse } from '../api';

/** Seconds below which a kernel counts as just having used its devices. */
const JUST_NOW = 60;

/**
 * Since when a kernel has used none of the devices on which it holds memory,
 * milliseconds since the epoch. Null: it holds none, or its use of one is not known.
 */
export function unusedSince({
  devices
}: Pick<KernelUse, 'devices'>): number | null {
  const times = devices.map(({ unused_since: since }) =>
    since ? Date.parse(since) : NaN
  );
  return times.length === 0 || times.some(Number.isNaN)
    ? null
    : Math.max(...times);
}

/**
 * The same in seconds up to a reading. By the readings' clock: that of this
 * browser may go wrong, and behind the last reading nothing is known.
 */
export function unusedFor(
  kernel: Pick<KernelUse, 'devices'>,
  takenAt: string | null
): number | null {
  const since = unusedSince(kernel);
  return since === null || takenAt === null
    ? null
    : Math.max(0, (Date.parse(takenAt) - since) / 1000);
}

/** Whether a kernel holds memory on any device; of how much the driver need not tell. */
export function holdsMemory({ devices }: KernelUse): boolean {
  return devices.some(({ memory }) => memory !== 0);
}

/**
 * Whether a kernel of this server holds memory of devices, runs nothing, and is
 * known not to have used any of them for so many minutes.
 */
export function rests(
  kernel: KernelUse,
  takenAt: string | null,
  minutes: number
): boolean {
  const seconds = unusedFor(kernel, takenAt);
  return (
    kernel.server === null &&
    kernel.state === 'idle' &&
    holdsMemory(kernel) &&
    seconds !== null &&
    seconds >= minutes * 60
  );
}

/** `unused for 12 min`; null: it was used just now, or that is not known. */
export function unusedText(
  seconds: number | null,
  trans: TranslationBundle
): string | null {
  return seconds === null || seconds < JUST_NOW
    ? null
    : trans.__('unused for %1', duration(seconds, trans));
}

/** `12 min`, `3 h 20 min`, `2 days`. */
export function duration(seconds: number, trans: TranslationBundle): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) {
    return trans.__('%1 min', minutes);
  }
  if (hours >= 48) {
    const days = Math.floor(hours / 24);
    return trans._n('%1 day', '%1 days', days);
  }
  return minutes % 60 === 0
    ? trans.__('%1 h', hours)
    : trans.__('%1 h %2 min', hours, minutes % 60);
}
