import type { KernelUse } from '../api';
import { unusedSince } from './unused';

/** What stands above: who holds most memory, who has not used its devices longest, or the names. */
export type Sort = 'memory' | 'unused' | 'name';

export const SORTS: readonly Sort[] = ['memory', 'unused', 'name'];

/** Bytes by which two kernels have to differ: memory wavers while a kernel trains. */
const STEP = 2 ** 28;

/** Kernels in an order in which none jumps without need. */
export class Order {
  /**
   * The kernels, sorted. `held`: those that were there stay in their order, as
   * while one of them is pointed at; those that came stand behind them.
   */
  of(
    kernels: readonly KernelUse[],
    sort: Sort,
    nameOf: (kernel: KernelUse) => string,
    held: boolean
  ): KernelUse[] {
    const rank = ({ id }: KernelUse) => {
      const at = this._last.indexOf(id);
      return at < 0 ? Infinity : at;
    };
    const keep = held && sort === this._sort;
    const compare = comparing(sort, nameOf);
    const sorted = [...kernels].sort(
      (a, b) => (keep ? byNumber(rank(a), rank(b)) : 0) || compare(a, b)
    );
    this._sort = sort;
    this._last = sorted.map(({ id }) => id);
    return sorted;
  }

  private _sort: Sort | null = null;
  private _last: string[] = [];
}

function comparing(
  sort: Sort,
  nameOf: (kernel: KernelUse) => string
): (a: KernelUse, b: KernelUse) => number {
  const byName = (a: KernelUse, b: KernelUse) =>
    nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true }) ||
    (a.id < b.id ? -1 : 1);
  const byMemory = (a: KernelUse, b: KernelUse) =>
    byNumber(stepsOf(b), stepsOf(a));
  switch (sort) {
    case 'memory':
      return (a, b) => byMemory(a, b) || byName(a, b);
    case 'unused':
      return (a, b) =>
        byNumber(unusedSince(a) ?? Infinity, unusedSince(b) ?? Infinity) ||
        byMemory(a, b) ||
        byName(a, b);
    case 'name':
      return byName;
  }
}

/** What a kernel holds as far as that is known; memory of an unknown amount stands above none. */
function stepsOf({ devices }: KernelUse): number {
  const bytes = devices.reduce((sum, { memory }) => sum + (memory ?? 0), 0);
  return Math.round(bytes / STEP) + (devices.length > 0 ? 0.5 : 0);
}

/** Infinite ones are equal. */
function byNumber(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
