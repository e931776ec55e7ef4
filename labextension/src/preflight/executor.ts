import type { INotebookCellExecutor } from '@jupyterlab/notebook';

import type { Judge } from './judge';
import type { Questions } from './questions';
import type { Decide } from './row';
import { Row } from './row';
import type { Cell } from './run';
import { runOf } from './run';

type Options = INotebookCellExecutor.IRunCellOptions;

/** Runs cells as JupyterLab does, and asks before those of which there is something to say. */
export class AskingExecutor implements INotebookCellExecutor {
  /** `run`: how JupyterLab runs a cell. `seen` gets the cells that pass here. */
  constructor(
    private readonly judge: Judge,
    private readonly questions: Pick<Questions, 'mayRun'>,
    private readonly seen: WeakSet<Cell>,
    private readonly run: (options: Options) => Promise<boolean>
  ) {}

  runCell(options: Options): Promise<boolean> {
    const { cell, notebook } = options;
    this.seen.add(cell);
    if (cell.model.type !== 'code') {
      return this.run(options);
    }
    const row = this._rowOf(notebook);
    return row.enter(
      (...situation) => this._decide(options, ...situation),
      () => this._start(options, row)
    );
  }

  private _decide(
    { cell, notebook, sessionContext }: Options,
    ...[behind, moot]: Parameters<Decide>
  ): boolean | Promise<boolean> {
    if (cell.isDisposed) {
      return true;
    }
    const run = runOf(cell, notebook, sessionContext);
    const looking = run && this.judge.look(run);
    if (looking === null) {
      return true;
    }
    return looking
      .then(
        news =>
          news === null || this.questions.mayRun(run!, news, behind(), moot)
      )
      .catch((error: unknown) => {
        // A cell about which nobody can be asked runs.
        console.warn('jupyter-tfgpu:', error);
        return true;
      });
  }

  private _start(options: Options, row: Row): Promise<boolean> {
    const { cell, notebook, sessionContext } = options;
    if (cell.isDisposed) {
      return Promise.resolve(false); // Deleted while it waited.
    }
    const run = runOf(cell, notebook, sessionContext);
    if (run) {
      this.judge.runs(run);
    }
    const running = this.run(options);
    // A kernel drops its queue after an error; those that we hold would have been in it.
    running.then(
      ran => {
        if (!ran && !cell.isDisposed) {
          row.leaveOut();
        }
      },
      () => {
        if (!mayFail(cell)) {
          row.leaveOut();
        }
      }
    );
    return running;
  }

  private _rowOf(notebook: Options['notebook']): Row {
    const row = this._rows.get(notebook) ?? new Row();
    this._rows.set(notebook, row);
    return row;
  }

  private readonly _rows = new WeakMap<Options['notebook'], Row>();
}

/** Whether a cell is meant to fail: the kernel then goes on. */
function mayFail(cell: Cell): boolean {
  const tags: unknown = cell.isDisposed
    ? undefined
    : cell.model.getMetadata('tags');
  return Array.isArray(tags) && tags.includes('raises-exception');
}
