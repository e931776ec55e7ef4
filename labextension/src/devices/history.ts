import type { Reading } from '../api';
import type { ILiveModel } from '../live';
import { fraction } from '../ui';

/** Readings that a sparkline shows. */
export const LENGTH = 60;

/** Fractions 0-1, oldest first; null: not known then. */
export type Series = readonly (number | null)[];

/** What one device did in the readings that this page has seen. */
export interface IDeviceHistory {
  readonly utilization: Series;
  readonly memory: Series;
}

const EMPTY: IDeviceHistory = { utilization: [], memory: [] };

/** The last readings of each device. A history that looks the same as before keeps its identity. */
export class ReadingHistory {
  constructor(live: ILiveModel) {
    if (live.reading) {
      this._add(live.reading);
    }
    live.readingChanged.connect((_, reading) => this._add(reading));
  }

  of(uuid: string): IDeviceHistory {
    return this._devices.get(uuid) ?? EMPTY;
  }

  private _add(reading: Reading): void {
    for (const device of reading.devices) {
      const before = this.of(device.uuid);
      const utilization = append(
        before.utilization,
        device.utilization?.gpu ?? null
      );
      const memory = append(
        before.memory,
        fraction(device.memory?.used, device.memory?.total)
      );
      if (utilization !== before.utilization || memory !== before.memory) {
        this._devices.set(device.uuid, { utilization, memory });
      }
    }
  }

  private readonly _devices = new Map<string, IDeviceHistory>();
}

/** The series with one value more, at most `LENGTH`; itself where that looks the same. */
function append(series: Series, value: number | null): Series {
  const full = series.length === LENGTH;
  if (full && series.every(old => old === value)) {
    return series;
  }
  return [...(full ? series.slice(1) : series), value];
}
