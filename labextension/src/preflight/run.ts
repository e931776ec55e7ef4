import type { ISessionContext } from '@jupyterlab/apputils';
import type {
  INotebookCellExecutor,
  INotebookModel
} from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';

/** A cell as it is shown. */
export type Cell = INotebookCellExecutor.IRunCellOptions['cell'];

/** The kernel that a cell runs in. */
export type RunKernel = Pick<
  Kernel.IKernelConnection,
  'id' | 'status' | 'statusChanged'
>;

/** The session of a notebook, as far as it matters before a cell runs. */
export type RunSession = Pick<ISessionContext, 'name' | 'restartKernel'> & {
  readonly session: { readonly kernel: RunKernel | null } | null;
};

/** A code cell that is to run in a kernel. */
export interface ICellRun {
  readonly code: string;
  /** The sources of the code cells above it. */
  readonly earlier: string[];
  readonly kernel: RunKernel;
  readonly session: RunSession;
}

/** The run of a cell as things are; null where there is nothing to look at: another kind of cell, no kernel. */
export function runOf(
  cell: Pick<Cell, 'model'>,
  notebook: Pick<INotebookModel, 'cells' | 'defaultKernelLanguage'>,
  session: RunSession | undefined
): ICellRun | null {
  const kernel = session?.session?.kernel;
  const language = notebook.defaultKernelLanguage;
  if (!kernel || cell.model.type !== 'code' || !isPython(language)) {
    return null;
  }
  return {
    code: sourceOf(cell.model),
    earlier: codeAbove(cell.model, notebook.cells),
    kernel,
    session
  };
}

/** A notebook that was never saved may not say what it is written in. */
function isPython(language: string): boolean {
  return language === '' || /^(i?python)\d*$/i.test(language);
}

function codeAbove(
  cell: Cell['model'],
  cells: Iterable<Cell['model']>
): string[] {
  const sources: string[] = [];
  for (const each of cells) {
    if (each.id === cell.id) {
      break;
    }
    if (each.type === 'code') {
      sources.push(sourceOf(each));
    }
  }
  return sources;
}

function sourceOf(model: Cell['model']): string {
  return model.sharedModel.getSource();
}
