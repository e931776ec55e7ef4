/** Waiting times that double from `first` to `last` (milliseconds), each ±20 % so that pages spread out. */
export class Backoff {
  constructor(
    private readonly first = 1000,
    private readonly last = 30000,
    private readonly random: () => number = Math.random
  ) {
    this._delay = first;
  }

  /** The next waiting time in milliseconds. */
  next(): number {
    const delay = this._delay;
    this._delay = Math.min(this.last, this._delay * 2);
    return delay * (0.8 + 0.4 * this.random());
  }

  /** After a success the waiting starts anew. */
  reset(): void {
    this._delay = this.first;
  }

  private _delay: number;
}
