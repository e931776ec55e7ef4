/**
 * Whether a cell may start. `behind`: how many cells wait for that. `moot` is
 * aborted once it will not start, whatever the answer.
 */
export type Decide = (
  behind: () => number,
  moot: AbortSignal
) => boolean | Promise<boolean>;

/**
 * The cells of one notebook in the order in which they are to start. JupyterLab
 * starts all of a run at once: those behind a question wait for its answer, and
 * are left out with the cell that it was about.
 */
export class Row {
  /** Starts a cell once those before it have started and `decide` says so; false where it is left out. */
  async enter(decide: Decide, start: () => Promise<boolean>): Promise<boolean> {
    const { signal } = this._ending;
    const before = this._waiting > 0 ? this._last : null;
    let leave = () => {};
    this._last = new Promise<void>(resolve => {
      leave = resolve;
    });
    this._waiting += 1;
    let running: Promise<boolean>;
    try {
      // Without a question a cell starts within this very call, as it would without us.
      if (before !== null) {
        await before;
      }
      if (signal.aborted) {
        return false;
      }
      const decided = decide(() => this._waiting - 1, signal);
      const may = typeof decided === 'boolean' ? decided : await decided;
      if (signal.aborted) {
        return false;
      }
      if (!may) {
        this.leaveOut();
        return false;
      }
      running = start();
    } finally {
      this._waiting -= 1;
      leave();
    }
    return running;
  }

  /** Leaves out the cells that wait, as a kernel does with its queue after an error. */
  leaveOut(): void {
    this._ending.abort();
    this._ending = new AbortController();
  }

  private _waiting = 0;
  /** Fulfilled once the last cell is started or left out. */
  private _last: Promise<void> = Promise.resolve();
  private _ending = new AbortController();
}
