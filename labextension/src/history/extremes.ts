import type { Column } from './store';
import type { Range } from './window';

/** The newest, least and most of what is known of a figure in a part of time. */
export interface IExtremes {
  readonly latest: number;
  readonly low: number;
  readonly high: number;
}

/** The extremes of a column; null: nothing is known. `times` ascend. */
export function extremesOf(
  times: Column,
  values: Column,
  [from, to]: Range
): IExtremes | null {
  let latest = NaN;
  let low = Infinity;
  let high = -Infinity;
  for (let index = 0; index < times.length; index += 1) {
    const value = values[index]!;
    if (!Number.isNaN(value) && times[index]! >= from && times[index]! <= to) {
      latest = value;
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
  }
  return high < low ? null : { latest, low, high };
}
