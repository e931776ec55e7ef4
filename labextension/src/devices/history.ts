import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Device, Reading } from '../api';
import type { ILiveModel } from '../live';
import { fraction } from '../ui';
import { EMPTY, LENGTH, seenEarlier } from './series';
import type { IDeviceHistory, Series } from './series';

/**
 * Intervals and seconds between two readings above which some are missing
 * between them. A driver may be slow, and a changed interval takes a reading.
 */
const MISSED = 3;
const SLOW = 6;

const UNKNOWN: Pick<Device, 'memory' | 'utilization'> = {
  memory: null,
  utilization: null
};

/**
 * The last readings of each device: those of this page, and before them what
 * the server saw. A history that looks the same as before keeps its identity.
 */
export class ReadingHistory {
  constructor(private readonly live: ILiveModel) {
    if (live.reading) {
      this._add(live.reading);
    }
    live.readingChanged.connect((_, reading) => this._add(reading));
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  of(uuid: string): IDeviceHistory {
    return this._devices.get(uuid) ?? EMPTY;
  }

  private _add(reading: Reading): void {
    const gap = Array<null>(this._missedBefore(reading)).fill(null);
    for (const device of reading.devices) {
      // The figures of a device that does not answer are old ones.
      const { memory: held, utilization: use } =
        device.state === 'ok' ? device : UNKNOWN;
      const before = this.of(device.uuid);
      const utilization = append(before.utilization, [
        ...gap,
        use?.gpu ?? null
      ]);
      const memory = append(before.memory, [
        ...gap,
        fraction(held?.used, held?.total)
      ]);
      if (utilization !== before.utilization || memory !== before.memory) {
        this._devices.set(device.uuid, { utilization, memory });
      }
    }
    this._changed.emit();
    if (!this._asked) {
      this._asked = true;
      void this._askForEarlier(reading);
    }
  }

  /** How many readings this page has missed before this one, as while it was hidden; at most a line full. */
  private _missedBefore(reading: Reading): number {
    const now = Date.parse(reading.taken_at) / 1000;
    const seconds = now - (this._last ?? now);
    const steps = seconds / this.live.interval;
    this._last = now;
    return steps > MISSED && seconds > SLOW
      ? Math.min(LENGTH, Math.round(steps) - 1)
      : 0;
  }

  /** Puts what the server saw before the first reading of this page in front of it. */
  private async _askForEarlier(first: Reading): Promise<void> {
    const { client, interval } = this.live;
    try {
      const history = await client.history(LENGTH * interval);
      const until = Date.parse(first.taken_at) / 1000;
      for (const device of first.devices) {
        const earlier = seenEarlier(history, device, until, interval);
        if (earlier === EMPTY) {
          continue;
        }
        const { utilization, memory } = this.of(device.uuid);
        this._devices.set(device.uuid, {
          utilization: [...earlier.utilization, ...utilization].slice(-LENGTH),
          memory: [...earlier.memory, ...memory].slice(-LENGTH)
        });
      }
      this._changed.emit();
    } catch (error) {
      // The lines then begin with this page.
      console.debug('jupyter-tfgpu:', error);
    }
  }

  private _asked = false;
  /** When the last reading was taken, seconds since the epoch. */
  private _last: number | null = null;
  private readonly _devices = new Map<string, IDeviceHistory>();
  private readonly _changed = new Signal<this, void>(this);
}

/** Steps in which values are kept: finer than the line is drawn, coarser than memory wavers. */
const STEPS = 1000;

/** The series with these values more, at most `LENGTH`; itself where that looks the same. */
function append(series: Series, values: Series): Series {
  const next = [...series, ...values.map(coarse)].slice(-LENGTH);
  const same =
    next.length === series.length &&
    next.every((value, index) => value === series[index]);
  return same ? series : next;
}

function coarse(share: number | null): number | null {
  return share === null ? null : Math.round(share * STEPS) / STEPS;
}
