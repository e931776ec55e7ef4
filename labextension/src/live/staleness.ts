/** A reading counts as old after this many intervals. */
const INTERVALS = 3;
/** Seconds that a server may be silent beyond that. */
const SILENCE = 10;

/** Milliseconds that a server may be silent which shall tell a reading every `interval` seconds. */
export function patience(interval: number): number {
  return (INTERVALS * interval + SILENCE) * 1000;
}

/** Knows whether the last reading is old, and says when that changes. */
export class Staleness {
  /** `changed` is called with the new answer. */
  constructor(private readonly changed: (stale: boolean) => void) {}

  get stale(): boolean {
    return this._stale;
  }

  /** A reading came that was `age` seconds old; others follow every `interval` seconds. */
  came(age: number, interval: number): void {
    this._takenAt = Date.now() - age * 1000;
    this.look(interval);
  }

  /** Looks anew, as after another interval was chosen or a computer has slept. */
  look(interval: number): void {
    window.clearTimeout(this._timer);
    if (this._takenAt === null) {
      return;
    }
    const left = this._takenAt + INTERVALS * interval * 1000 - Date.now();
    this._set(left <= 0);
    if (left > 0) {
      this._timer = window.setTimeout(() => this._set(true), left);
    }
  }

  dispose(): void {
    window.clearTimeout(this._timer);
  }

  private _set(stale: boolean): void {
    if (stale !== this._stale) {
      this._stale = stale;
      this.changed(stale);
    }
  }

  private _stale = false;
  private _timer = 0;
  /** Milliseconds since the epoch, by this browser's clock. */
  private _takenAt: number | null = null;
}
