import type { KernelspecChange } from '../api';

/** Where it is kept in the browser. */
const NAME = 'jupyter-tfgpu:postponed-changes';

type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** The suggested changes that the user wants to hear no more of, until others are suggested. */
export class Postponed {
  /** `storage`: asked for each time, as a browser may forbid the very look at it. */
  constructor(private readonly storage: () => Store) {
    try {
      this._changes = storage().getItem(NAME);
    } catch {
      this._changes = null; // It is then asked again after a reload.
    }
  }

  has(changes: KernelspecChange[]): boolean {
    return this._changes === keyOf(changes);
  }

  add(changes: KernelspecChange[]): void {
    this._changes = keyOf(changes);
    try {
      this.storage().setItem(NAME, this._changes);
    } catch {
      // The storage is full or forbidden: it is remembered as long as this page is.
    }
  }

  private _changes: string | null;
}

/** The same for the same changes in whatever order. */
function keyOf(changes: KernelspecChange[]): string {
  return changes
    .map(({ action, name, environment, display_name }) =>
      JSON.stringify([action, name, environment, display_name])
    )
    .sort()
    .join('\n');
}
