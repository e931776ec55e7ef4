import type { Device, History } from '../api';
import { fraction } from '../ui';

/** Readings that a sparkline shows. */
export const LENGTH = 60;

/** Seconds by which the times of a reading and of the history may differ: one of them is rounded. */
const ROUNDED = 0.01;

/** Fractions 0-1, oldest first; null: not known then. */
export type Series = readonly (number | null)[];

/** What one device did in the last readings. */
export interface IDeviceHistory {
  readonly utilization: Series;
  readonly memory: Series;
}

export const EMPTY: IDeviceHistory = { utilization: [], memory: [] };

/**
 * What the server saw of a device before `until` (seconds since the epoch).
 * Where it did not look for longer than `interval` seconds there is a gap.
 */
export function seenEarlier(
  history: History,
  device: Device,
  until: number,
  interval: number
): IDeviceHistory {
  const columns = history.devices[device.uuid];
  const times = history.times.filter(time => time < until - ROUNDED);
  if (!columns || times.length === 0) {
    return EMPTY;
  }
  const gaps = times.map((time, index) => {
    const next = times[index + 1] ?? until;
    return Math.max(0, Math.round((next - time) / interval) - 1);
  });
  const total = device.memory?.total;
  return {
    utilization: spread(columns.utilization, gaps),
    memory: spread(
      columns.memory.map(used => fraction(used, total)),
      gaps
    )
  };
}

/** The values, each with so many unknown ones behind it; as many values as there are gaps. */
function spread(values: Series, gaps: number[]): Series {
  return gaps.flatMap((gap, index) => [
    values[index] ?? null,
    ...new Array<null>(gap).fill(null)
  ]);
}
