/** Where the names are kept in the browser. */
const NAME = 'jupyter-tfgpu:recent-kernels';

/** How many are kept. */
const KEPT = 3;

type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** The names of the kernelspecs that were chosen last, the newest first. */
export class RecentKernels {
  /** `storage`: asked for each time, as a browser may forbid the very look at it. */
  constructor(private readonly storage: () => Store) {}

  get names(): readonly string[] {
    try {
      const value: unknown = JSON.parse(this.storage().getItem(NAME) ?? '[]');
      return Array.isArray(value)
        ? value.filter(name => typeof name === 'string').slice(0, KEPT)
        : [];
    } catch {
      return [];
    }
  }

  add(name: string): void {
    const others = this.names.filter(other => other !== name);
    try {
      this.storage().setItem(
        NAME,
        JSON.stringify([name, ...others].slice(0, KEPT))
      );
    } catch (error) {
      // A browser may forbid it or have no room: then nothing is offered as used last.
      console.debug('jupyter-tfgpu:', error);
    }
  }
}
