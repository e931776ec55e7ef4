import type { INotebookCellExecutor } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

import type { Finding, PreflightAnswer } from '../../src/api';
import type { RunKernel } from '../../src/preflight/run';

export type Options = INotebookCellExecutor.IRunCellOptions;

/** A kernel that does nothing, but has a state. */
export class TestKernel {
  constructor(readonly id = 'k1') {}

  status = 'idle';
  readonly statusChanged = new Signal<this, string>(this);

  becomes(status: string): void {
    this.status = status;
    this.statusChanged.emit(status);
  }

  get asKernel(): RunKernel {
    return this as unknown as RunKernel;
  }
}

/** A notebook with these cells, of which each can be run; `%md` begins one that is no code. */
export class TestNotebook {
  constructor(sources: string[], kernel: TestKernel | null = new TestKernel()) {
    this.kernel = kernel;
    this.cells = sources.map((source, index) => ({
      isDisposed: false,
      model: {
        id: `c${index}`,
        type: source.startsWith('%md') ? 'markdown' : 'code',
        tags: [] as string[],
        sharedModel: { getSource: () => source },
        getMetadata(name: string) {
          return name === 'tags' ? this.tags : undefined;
        }
      }
    }));
    this.model = {
      cells: this.cells.map(({ model }) => model),
      defaultKernelLanguage: 'python'
    };
  }

  kernel: TestKernel | null;
  readonly cells;
  readonly model;
  readonly restartKernel = jest.fn(() => Promise.resolve());

  /** What JupyterLab hands to an executor for a cell. */
  options(index: number): Options {
    const { kernel, model, restartKernel } = this;
    return {
      cell: this.cells[index],
      notebook: model,
      sessionContext: {
        name: 'train.ipynb',
        session: { kernel },
        restartKernel
      }
    } as unknown as Options;
  }

  /** Of each cell, as Run All does it. */
  get all(): Options[] {
    return this.cells.map((_, index) => this.options(index));
  }
}

export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    code: 'gpu-hidden',
    severity: 'error',
    title: '`CUDA_VISIBLE_DEVICES` hides every GPU',
    detail: 'It is set to -1.',
    framework: null,
    evidence: [],
    fixes: [
      {
        title: 'Take it out',
        commands: ['unset CUDA_VISIBLE_DEVICES'],
        where: 'terminal',
        automatic: false,
        sets: {},
        unsets: [],
        repairs: null
      }
    ],
    ...changes
  };
}

export function answer(
  changes: Partial<PreflightAnswer> = {}
): PreflightAnswer {
  return {
    trains: true,
    framework: 'tensorflow',
    imports: [],
    findings: [finding()],
    ...changes
  };
}

/** What tells which cells are worth a question. */
export const WORDS = { words: ['fit', 'keras'], longest: 200, limit: 1000 };

/** What a browser keeps for its tab. */
export class TestStorage {
  private readonly _kept = new Map<string, string>();

  getItem(name: string): string | null {
    return this._kept.get(name) ?? null;
  }

  setItem(name: string, value: string): void {
    this._kept.set(name, value);
  }
}
