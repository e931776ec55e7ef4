import type { Figure, HistoryStore } from './store';

/** A step between two readings is a gap where it is longer than so many of the steps beside it. */
const GAP = 3;
/** The longest interval, in seconds, at which a server reads; a longer step is nobody's interval. */
const LONGEST_INTERVAL = 60;

/** Stands for a row without a reading: a moment at which nobody looked. */
export const NOBODY_LOOKED = -1;

/** The times of the rows of all charts, and the reading of each row. */
export interface IRows {
  /** Seconds since the epoch, ascending. */
  readonly times: number[];
  /** The index of the reading in the store, or `NOBODY_LOOKED`. */
  readonly readings: number[];
}

/**
 * The readings as rows, with an empty row wherever nobody looked for long.
 * The server may have read at other intervals than this page's (seconds), as
 * another page asked for: a step counts as long beside its neighbours.
 */
export function rowsOf(store: HistoryStore, interval: number): IRows {
  const times: number[] = [];
  const readings: number[] = [];
  const step = (index: number) =>
    index > 0 && index < store.length
      ? Math.min(LONGEST_INTERVAL, store.time(index) - store.time(index - 1))
      : 0;
  for (let index = 0; index < store.length; index += 1) {
    const time = store.time(index);
    if (index > 0) {
      const before = store.time(index - 1);
      const usual = Math.max(interval, step(index - 1), step(index + 1));
      if (time - before > GAP * usual) {
        times.push((before + time) / 2);
        readings.push(NOBODY_LOOKED);
      }
    }
    times.push(time);
    readings.push(index);
  }
  return { times, readings };
}

/** A figure of a device in these rows, in the unit that it is drawn in; null: not known. */
export function columnOf(
  store: HistoryStore,
  rows: IRows,
  uuid: string,
  figure: Figure,
  convert: (value: number) => number
): (number | null)[] {
  const read = store.reader(uuid, figure);
  return rows.readings.map(reading => {
    const value = reading === NOBODY_LOOKED ? null : read(reading);
    return value === null ? null : convert(value);
  });
}
