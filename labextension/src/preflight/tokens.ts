import { Token } from '@lumino/coreutils';

import type { Judge } from './judge';
import type { Questions } from './questions';
import type { Cell } from './run';

/** What is needed before a cell runs, for whoever runs it or sees that it is run. */
export interface IPreflight {
  readonly judge: Judge;
  readonly questions: Questions;
  /** The cells that our executor has seen: of others the user can only be told. */
  readonly seen: WeakSet<Cell>;
}

export const IPreflight = new Token<IPreflight>(
  'jupyter-tfgpu:IPreflight',
  'Says before a cell runs what keeps it from training on the GPU.'
);
