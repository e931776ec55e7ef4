import type { Finding } from '../api';

/** Where it is kept in the session of the browser's tab, which a reload does not end. */
const NAME = 'jupyter-tfgpu:preflight';
/** The oldest are forgotten first. */
const MOST = 300;

type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** Of which kernels and causes the user knows and runs cells all the same. */
export class Asked {
  /** `storage`: asked for each time, as a browser may forbid the very look at it. */
  constructor(private readonly storage: () => Store) {
    this._keys = read(storage);
  }

  has(kernelId: string, finding: Finding): boolean {
    return this._keys.includes(key(kernelId, finding));
  }

  add(kernelId: string, findings: readonly Finding[]): void {
    const added = findings.map(finding => key(kernelId, finding));
    const before = this._keys.filter(each => !added.includes(each));
    this._keys = [...before, ...added].slice(-MOST);
    try {
      this.storage().setItem(NAME, JSON.stringify(this._keys));
    } catch (error) {
      // A browser may forbid it or have no room: it is then asked again after a reload.
      console.debug('jupyter-tfgpu:', error);
    }
  }

  private _keys: string[];
}

function key(kernelId: string, { code, framework }: Finding): string {
  return `${kernelId} ${code} ${framework ?? ''}`;
}

function read(storage: () => Store): string[] {
  try {
    const value: unknown = JSON.parse(storage().getItem(NAME) ?? '[]');
    return Array.isArray(value)
      ? value.filter(each => typeof each === 'string')
      : [];
  } catch {
    return [];
  }
}
