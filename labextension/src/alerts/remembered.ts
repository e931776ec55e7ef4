/** Where it is kept in the session of the browser's tab, which a reload does not end. */
const NAME = 'jupyter-tfgpu:alerts';

type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** What became of an alert: the user was told of it, or has dismissed it too. */
type Fate = 'told' | 'dismissed';

/** What became of the alerts whose cause goes on, so that a reload does not tell them as if they were new. */
export class Remembered {
  /** `storage`: asked for each time, as a browser may forbid the very look at it. */
  constructor(private readonly storage: () => Store) {
    this._fates = new Map(read(storage));
  }

  of(key: string): Fate | undefined {
    return this._fates.get(key);
  }

  add(key: string, fate: Fate): void {
    this._fates.set(key, fate);
    this._write();
  }

  /** Forgets those that `keeps` does not want to be kept. */
  keep(keeps: (key: string) => boolean): void {
    const before = this._fates.size;
    this._fates = new Map([...this._fates].filter(([key]) => keeps(key)));
    if (this._fates.size !== before) {
      this._write();
    }
  }

  private _write(): void {
    try {
      this.storage().setItem(NAME, JSON.stringify([...this._fates]));
    } catch (error) {
      // A browser may forbid it or have no room: the alerts are then told again.
      console.debug('jupyter-tfgpu:', error);
    }
  }

  private _fates: Map<string, Fate>;
}

function read(storage: () => Store): [string, Fate][] {
  try {
    const value: unknown = JSON.parse(storage().getItem(NAME) ?? '[]');
    return Array.isArray(value) ? value.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is [string, Fate] {
  return (
    Array.isArray(value) &&
    typeof value[0] === 'string' &&
    (value[1] === 'told' || value[1] === 'dismissed')
  );
}
