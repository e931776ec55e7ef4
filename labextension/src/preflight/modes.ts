import type { ICellRun, RunKernel } from './run';

/** What a kernel does before a training cell. */
export type Mode = 'off' | 'warn' | 'block';

interface IState {
  mode: Mode;
  /** Whether the next cell that trains is let run. */
  allowed: boolean;
}

const MAGIC =
  /^[ \t]*%tfgpu[ \t]+(?:watch[ \t]+(off|warn|block)|(allow))[ \t\r]*$/gm;
const ENDS: readonly string[] = ['restarting', 'autorestarting', 'dead'];

/**
 * What the cells that ran from this page have told their kernels with `%tfgpu
 * watch` and `%tfgpu allow`: a user who turned the notice off wants no question.
 */
export class Modes {
  /** Notes what a cell that runs now tells its kernel. */
  note({ code, kernel }: Pick<ICellRun, 'code' | 'kernel'>): void {
    for (const [, mode, allow] of code.matchAll(MAGIC)) {
      const state = this._of(kernel);
      if (allow) {
        state.allowed = true;
      } else {
        state.mode = mode as Mode;
      }
    }
  }

  modeOf({ id }: RunKernel): Mode {
    return this._states.get(id)?.mode ?? 'warn';
  }

  /** Whether a cell is let run; one that trains uses that up. */
  passes({ id }: RunKernel, trains: boolean): boolean {
    const state = this._states.get(id);
    const passes = state?.allowed ?? false;
    if (state && trains) {
      state.allowed = false;
    }
    return passes;
  }

  private _of(kernel: RunKernel): IState {
    let state = this._states.get(kernel.id);
    if (!state) {
      state = { mode: 'warn', allowed: false };
      this._states.set(kernel.id, state);
      kernel.statusChanged.connect(this._onStatus, this);
    }
    return state;
  }

  /** A kernel that starts again knows nothing of what it was told. */
  private _onStatus(kernel: RunKernel, status: string): void {
    if (ENDS.includes(status)) {
      this._states.delete(kernel.id);
      kernel.statusChanged.disconnect(this._onStatus, this);
    }
  }

  private readonly _states = new Map<string, IState>();
}
