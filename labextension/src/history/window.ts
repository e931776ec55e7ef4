import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { SPAN } from './store';

/** From and to, in seconds since the epoch. */
export type Range = readonly [from: number, to: number];

/** The lengths to choose from, in seconds. */
export const SPANS = [300, 900, SPAN] as const;

/** The shortest time that can be zoomed into, in seconds. */
const SHORTEST = 5;

/**
 * The part of time that all charts show: the last so many seconds, moving on
 * with each reading, or a part that the user zoomed into, which stays put.
 */
export class TimeWindow {
  /** `read`: the times of the oldest and the newest reading, where there are any. */
  constructor(private readonly read: () => Range | null) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * How many seconds are shown while the window follows: what the user chose,
   * else the shortest length that all readings fit in.
   */
  get span(): number {
    const [first, last] = this.read() ?? [0, 0];
    const enough = SPANS.find(seconds => seconds >= last - first);
    return this._chosen ?? enough ?? SPAN;
  }

  get zoomed(): boolean {
    return this._zoom !== null;
  }

  /** What is shown now. */
  get range(): Range {
    if (this._held || this._zoom) {
      return this._held ?? this._zoom ?? this._live;
    }
    return this._live;
  }

  /** Shows the last so many seconds, those of before if none are given, and follows. */
  follow(seconds?: number): void {
    this._chosen = seconds ?? this._chosen;
    this._zoom = null;
    this._held = null;
    this._changed.emit();
  }

  /** Shows this part, as far as it is within the half hour that is known. */
  zoom(from: number, to: number): void {
    const [first, last] = this._known;
    const length = Math.min(
      last - first,
      Math.max(SHORTEST, Math.abs(to - from))
    );
    const middle = (from + to) / 2;
    const start = Math.min(Math.max(first, middle - length / 2), last - length);
    this._zoom = [start, start + length];
    this._held = null;
    this._changed.emit();
  }

  /** Moves by a share of what is shown: 0.1 to later, -0.1 to earlier times. */
  pan(share: number): void {
    const [from, to] = this.range;
    const by = share * (to - from);
    this.zoom(from + by, to + by);
  }

  /** Shows `factor` times as much; the time `at` stays where it is. */
  scale(factor: number, at?: number): void {
    const [from, to] = this.range;
    const fixed = at ?? (from + to) / 2;
    const [first, last] = this._known;
    if ((to - from) * factor >= last - first) {
      this.follow(SPAN);
    } else if ((to - from) * factor >= SHORTEST) {
      this.zoom(fixed - (fixed - from) * factor, fixed + (to - fixed) * factor);
    }
  }

  /** Keeps what is shown where it is while the user drags over it. */
  hold(held: boolean): void {
    if (held !== (this._held !== null)) {
      this._held = held ? this.range : null;
      this._changed.emit();
    }
  }

  private get _live(): Range {
    return [this._last - this.span, this._last];
  }

  private get _known(): Range {
    return [this._last - SPAN, this._last];
  }

  private get _last(): number {
    return this.read()?.[1] ?? Date.now() / 1000;
  }

  private _chosen: number | null = null;
  private _zoom: Range | null = null;
  private _held: Range | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
