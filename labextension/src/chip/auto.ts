import type { Units } from '../ui';
import { memory } from '../ui';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Bytes of the units in which a pin may write memory, as the server reads them. */
const FACTORS: Record<string, number> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40
};
const MIB = 2 ** 20;

/** What an `auto` asks for: so many devices, with so many bytes free on each; null: as much as there is. */
export interface IAuto {
  readonly count: number;
  readonly free: number | null;
}

/** What a pin's `auto` asks for; null: the pin is no `auto`. */
export function parseAuto(pin: string): IAuto | null {
  const text = pin.replace(/\s/g, '');
  const match = /^auto(?::(\d+)(?:,([\d.]+)([KMGT]?i?B))?)?$/i.exec(text);
  if (match === null) {
    return null;
  }
  const [, count = '1', amount, unit = ''] = match;
  const factor = FACTORS[unit.toUpperCase()];
  return {
    count: Number(count),
    free: amount && factor ? Number(amount) * factor : null
  };
}

/** The pin that asks for it. */
export function autoPin({ count, free }: IAuto): string {
  if (free === null || free <= 0) {
    return count === 1 ? 'auto' : `auto:${count}`;
  }
  const amount =
    free % FACTORS.GIB! === 0
      ? `${free / FACTORS.GIB!}GiB`
      : `${Math.ceil(free / MIB)}MiB`;
  return `auto:${count},${amount}`;
}

/** What it asks for, in words: `2 GPUs, 8.0 GiB free on each`. */
export function autoText(
  { count, free }: IAuto,
  units: Units,
  trans: TranslationBundle
): string {
  const gpus = trans._n('%1 GPU', '%1 GPUs', count);
  if (free === null) {
    return gpus;
  }
  return count === 1
    ? trans.__('%1 with %2 free', gpus, memory(free, units))
    : trans.__('%1 with %2 free on each', gpus, memory(free, units));
}
