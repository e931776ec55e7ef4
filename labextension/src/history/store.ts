import type { Device, History, Reading } from '../api';

/** Seconds that are kept, as many as the server keeps. */
export const SPAN = 1800;
/** Readings that are kept: half an hour at the server's shortest interval of 0.5 s. */
export const POINTS = 3600;
/** Devices kept at once, counting those that are gone; as many as the server keeps. */
const MOST_DEVICES = 64;

/** Seconds by which the times of a reading and of the history may differ: one of them is rounded. */
const ROUNDED = 0.01;
/**
 * Seconds by which a reading may be older than the last one and still count as
 * late. With one that is older the server's clock was set back.
 */
const LATE = 10;

export const FIGURES = [
  'utilization',
  'memory',
  'temperature',
  'power'
] as const;
/** As on the wire: a fraction 0-1, bytes, °C, milliwatts. */
export type Figure = (typeof FIGURES)[number];

/** A figure over time; NaN: not known. */
export type Column = Float64Array;
type Columns = Record<Figure, Column>;
/** The columns are twice as long as what is kept, so that they are moved to the front seldom. */
const ROOM = 2 * POINTS;
/** The column of a device that nobody has seen. */
const NOTHING = emptyColumn();

type Source = (uuid: string, figure: Figure) => number | null | undefined;

/**
 * What the devices did in the last half hour, in columns of fixed size. Times
 * are the server's, in seconds since the epoch; they ascend and none comes twice.
 */
export class HistoryStore {
  /** How many readings there are; the oldest has index 0. */
  get length(): number {
    return this._end - this._start;
  }

  /** The times of the readings: a view, to be used before the next one comes. */
  get times(): Column {
    return this._times.subarray(this._start, this._end);
  }

  /** A figure of a device in each reading: a view, to be used before the next one comes. */
  column(uuid: string, figure: Figure): Column {
    const column = this._columns.get(uuid)?.[figure] ?? NOTHING;
    return column.subarray(this._start, this._end);
  }

  /** The time of the newest reading; null: there is none. */
  get last(): number | null {
    return this.length > 0 ? this.time(this.length - 1) : null;
  }

  /** The times of the oldest and the newest reading; null: there are none. */
  get range(): readonly [first: number, last: number] | null {
    return this.last === null ? null : [this.time(0), this.last];
  }

  /** The devices that were seen, in the order in which they first were. */
  get uuids(): string[] {
    return [...this._columns.keys()];
  }

  /** The time of a reading; the oldest has index 0. */
  time(index: number): number {
    return this._times[this._start + index] ?? NaN;
  }

  /** A figure of a device in one reading; null: not known. */
  value(uuid: string, figure: Figure, index: number): number | null {
    const value = this.column(uuid, figure)[index];
    return value === undefined || Number.isNaN(value) ? null : value;
  }

  /** The index of the reading at this time; -1: there is none. */
  indexOf(time: number): number {
    let low = 0;
    let high = this.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.time(middle);
      if (Math.abs(found - time) < ROUNDED) {
        return middle;
      }
      if (found < time) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  /**
   * Takes a live reading in. Returns false where the server's clock was set
   * back: what was known is then dropped, as the server drops it.
   */
  add(reading: Reading): boolean {
    const time = Date.parse(reading.taken_at) / 1000;
    const last = this.last;
    if (Number.isNaN(time)) {
      return true;
    }
    const inOrder = last === null || time > last - LATE;
    if (!inOrder) {
      this._clear();
    }
    if (last === null || !inOrder || time > last + ROUNDED) {
      const devices = new Map(reading.devices.map(one => [one.uuid, one]));
      const source: Source = (uuid, figure) =>
        figureOf(devices.get(uuid), figure);
      this._push(time, [...devices.keys()], source);
    }
    return inOrder;
  }

  /**
   * Joins what the server remembers with what is here. A reading that both have
   * is taken from the server; what a restarted server forgot stays.
   */
  merge(history: History): void {
    const own = new HistoryStore();
    own._takeFrom(this);
    this._clear();
    const seen = Object.keys(history.devices);
    let mine = 0;
    history.times.forEach((time, index) => {
      for (; mine < own.length && own.time(mine) < time + ROUNDED; mine += 1) {
        if (own.time(mine) <= time - ROUNDED) {
          this._copy(own, mine);
        }
      }
      this._push(
        time,
        seen,
        (uuid, figure) => history.devices[uuid]?.[figure][index]
      );
    });
    for (; mine < own.length; mine += 1) {
      this._copy(own, mine);
    }
  }

  private _copy(other: HistoryStore, index: number): void {
    this._push(other.time(index), other.uuids, (uuid, figure) =>
      other.value(uuid, figure, index)
    );
  }

  /** Puts a reading behind the last one; a time that is not later is left out. */
  private _push(time: number, uuids: string[], source: Source): void {
    if (this.last !== null && time <= this.last) {
      return;
    }
    while (
      this.length === POINTS ||
      (this.length > 0 && this.time(0) < time - SPAN)
    ) {
      this._start += 1;
    }
    this._makeRoom();
    const slot = this._end;
    this._end += 1;
    this._times[slot] = time;
    for (const uuid of uuids) {
      if (FIGURES.some(figure => isKnown(source(uuid, figure)))) {
        this._seen.set(uuid, time);
      }
      if (!this._columns.has(uuid)) {
        this._seen.set(uuid, this._seen.get(uuid) ?? time);
        this._columns.set(uuid, emptyColumns());
      }
    }
    this._forget(time, uuids);
    for (const [uuid, columns] of this._columns) {
      for (const figure of FIGURES) {
        columns[figure][slot] = source(uuid, figure) ?? NaN;
      }
    }
  }

  /** Drops devices of which nothing is known any more, and the longest gone beyond the limit. */
  private _forget(now: number, listed: string[]): void {
    const gone = [...this._seen]
      .filter(([uuid]) => !listed.includes(uuid))
      .sort(([, some], [, other]) => some - other);
    const tooMany = this._seen.size - MOST_DEVICES;
    gone.forEach(([uuid, seen], index) => {
      if (index < tooMany || now - seen > SPAN) {
        this._seen.delete(uuid);
        this._columns.delete(uuid);
      }
    });
  }

  /** Where the columns are full to the end, what is kept is moved to their front. */
  private _makeRoom(): void {
    if (this._end === ROOM) {
      for (const column of this._all()) {
        column.copyWithin(0, this._start, this._end);
      }
      this._end -= this._start;
      this._start = 0;
    }
  }

  private _all(): Column[] {
    const columns = [...this._columns.values()];
    return [this._times, ...columns.flatMap(one => Object.values(one))];
  }

  private _clear(): void {
    this._takeFrom(new HistoryStore());
  }

  private _takeFrom(other: HistoryStore): void {
    this._times = other._times;
    this._columns = other._columns;
    this._seen = other._seen;
    this._start = other._start;
    this._end = other._end;
  }

  private _times = emptyColumn();
  private _columns = new Map<string, Columns>();
  /** When each device last had a figure. */
  private _seen = new Map<string, number>();
  /** What is kept stands between these in the columns. */
  private _start = 0;
  private _end = 0;
}

function emptyColumn(): Column {
  return new Float64Array(ROOM).fill(NaN);
}

function emptyColumns(): Columns {
  return {
    utilization: emptyColumn(),
    memory: emptyColumn(),
    temperature: emptyColumn(),
    power: emptyColumn()
  };
}

/** What a reading says of a device; the figures of one that does not answer are old ones. */
function figureOf(device: Device | undefined, figure: Figure): number | null {
  if (device?.state !== 'ok') {
    return null;
  }
  switch (figure) {
    case 'utilization':
      return device.utilization?.gpu ?? null;
    case 'memory':
      return device.memory?.used ?? null;
    case 'temperature':
      return device.temperature;
    case 'power':
      return device.power?.usage ?? null;
  }
}

function isKnown(value: number | null | undefined): value is number {
  return typeof value === 'number';
}
