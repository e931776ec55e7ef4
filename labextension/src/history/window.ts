import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { SPAN } from './store';

/** From and to, in seconds since the epoch. */
export type Range = readonly [from: number, to: number];

/** The shortest time that can be zoomed into, in seconds. */
const SHORTEST = 5;

/**
 * The part of time that all charts show: the last so many seconds, moving on
 * with each reading, or a part that the user zoomed into, which stays put.
 */
export class TimeWindow {
  /** `last`: the time of the newest reading, where there is one. */
  constructor(private readonly last: () => number | null) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** How many seconds are shown while the window follows. */
  get span(): number {
    return this._span;
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

  /** Shows the last so many seconds, and follows. */
  follow(seconds: number = this._span): void {
    this._span = seconds;
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
    const last = this.last() ?? Date.now() / 1000;
    return [last - this._span, last];
  }

  private get _known(): Range {
    const last = this.last() ?? Date.now() / 1000;
    return [last - SPAN, last];
  }

  private _span = SPAN;
  private _zoom: Range | null = null;
  private _held: Range | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
