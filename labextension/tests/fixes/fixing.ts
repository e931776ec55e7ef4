import type { Finding, FixAnswer, FixChange } from '../../src/api';
import type { IFixing, IRestartable } from '../../src/fixes';

export const CHANGE: FixChange = {
  what: 'variable',
  target: 'tfgpu-tf2',
  name: 'CUDA_VISIBLE_DEVICES',
  before: '-1',
  after: null,
  why: null
};

export function answer(changes: Partial<FixAnswer> = {}): FixAnswer {
  return {
    schema: 'tfgpu.fix/1',
    code: 'gpu-hidden',
    title: 'Take CUDA_VISIBLE_DEVICES out of the kernelspec',
    changes: [CHANGE],
    id: null,
    dry_run: true,
    undone: false,
    state: 'state-1',
    restart_needed: false,
    message: null,
    task: null,
    ...changes
  };
}

/** Fixes that do at once what they are for. */
export class TestFixing implements IFixing {
  constructor(readonly kernel: IRestartable | null = null) {}

  readonly look = jest.fn<Promise<FixAnswer>, [Finding]>(() =>
    Promise.resolve(answer())
  );
  readonly apply = jest.fn<Promise<FixAnswer>, [Finding, FixAnswer]>(
    (...[, look]) => Promise.resolve({ ...look, id: 'abc', dry_run: false })
  );
  readonly undo = jest.fn((fix: FixAnswer): Promise<FixAnswer> =>
    Promise.resolve({ ...fix, undone: true })
  );
}
