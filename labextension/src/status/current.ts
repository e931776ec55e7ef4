import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

/** The kernel of the notebook that the user works in. */
export interface ICurrentKernel {
  /** Its id; null where the user works in something else, or without a kernel. */
  readonly id: string | null;
  readonly changed: ISignal<unknown, unknown>;
}

/** Where there are no notebooks. */
export class NoKernel implements ICurrentKernel {
  readonly id = null;
  readonly changed = new Signal<this, void>(this);
}

/** The notebook in front, where the shell says what is in front: else the one that was used last. */
export class NotebookKernel implements ICurrentKernel {
  constructor(
    private readonly tracker: Pick<
      INotebookTracker,
      'currentWidget' | 'currentChanged'
    >,
    private readonly shell: Pick<
      JupyterFrontEnd.IShell,
      'currentWidget' | 'currentChanged'
    >
  ) {
    tracker.currentChanged.connect(this._follow, this);
    shell.currentChanged?.connect(this._follow, this);
    this._follow();
  }

  get id(): string | null {
    return this._context?.session?.kernel?.id ?? null;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  private _follow(): void {
    const { tracker, shell } = this;
    const notebook = tracker.currentWidget;
    const inFront = !shell.currentChanged || shell.currentWidget === notebook;
    const context = inFront ? (notebook?.sessionContext ?? null) : null;
    if (context !== this._context) {
      this._context?.kernelChanged.disconnect(this._tell, this);
      this._context = context;
      context?.kernelChanged.connect(this._tell, this);
      this._tell();
    }
  }

  private _tell(): void {
    this._changed.emit();
  }

  private _context: ISessionContext | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
