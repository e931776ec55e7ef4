/** Where it is kept in the session of the browser's tab, which a reload does not end. */
const NAME = 'jupyter-tfgpu:alerts-dismissed';

/** The alerts that the user has dismissed and whose cause goes on: a reload does not tell them again. */
export class Dismissed {
  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this._keys = new Set(read(storage));
  }

  has(key: string): boolean {
    return this._keys.has(key);
  }

  add(key: string): void {
    this._keys.add(key);
    this._write();
  }

  /** Forgets those that `keeps` does not want to be kept. */
  keep(keeps: (key: string) => boolean): void {
    const before = this._keys.size;
    this._keys = new Set([...this._keys].filter(keeps));
    if (this._keys.size !== before) {
      this._write();
    }
  }

  private _write(): void {
    try {
      this.storage.setItem(NAME, JSON.stringify([...this._keys]));
    } catch (error) {
      // A browser may forbid it or have no room: the alerts are then told again.
      console.debug('jupyter-tfgpu:', error);
    }
  }

  private _keys: Set<string>;
}

function read(storage: Pick<Storage, 'getItem'>): string[] {
  try {
    const value: unknown = JSON.parse(storage.getItem(NAME) ?? '[]');
    return Array.isArray(value)
      ? value.filter((key): key is string => typeof key === 'string')
      : [];
  } catch {
    return [];
  }
}
