import { Order } from '../../src/running/order';
import type { Sort } from '../../src/running/order';
import { GIB, before, kernel } from '../samples';
import { holds } from './page';

const holding = (id: string, memory: number | null, seconds = 0) =>
  kernel({ id, devices: [holds({ memory, unused_since: before(seconds) })] });
const nameOf = ({ id }: { id: string }) => id;

describe('Kernels are sorted', () => {
  const sorted = (sort: Sort, ...items: ReturnType<typeof kernel>[]) =>
    new Order().of(items, sort, nameOf, false).map(({ id }) => id);

  it('by memory, the most first; unknown stands above none', () => {
    expect(
      sorted(
        'memory',
        kernel({ id: 'none' }),
        holding('unknown', null),
        holding('less', 2 * GIB),
        holding('most', 9 * GIB)
      )
    ).toEqual(['most', 'less', 'unknown', 'none']);
  });

  it('by the time without use, the longest first; unknown is last', () => {
    const unknown = kernel({
      id: 'unknown',
      devices: [holds({ unused_since: null })]
    });
    expect(
      sorted(
        'unused',
        unknown,
        holding('used', GIB, 0),
        holding('long', GIB, 900),
        holding('longer', GIB, 9000)
      )
    ).toEqual(['longer', 'long', 'used', 'unknown']);
  });

  it('by name, numbers as numbers', () => {
    expect(
      sorted('name', holding('run10', 9 * GIB), holding('run9', GIB))
    ).toEqual(['run9', 'run10']);
  });
});

describe('The order', () => {
  const ids = (order: Order, held: boolean, ...items: [string, number][]) =>
    order
      .of(
        items.map(([id, memory]) => holding(id, memory)),
        'memory',
        nameOf,
        held
      )
      .map(({ id }) => id);

  it('is not changed by memory that wavers', () => {
    const order = new Order();
    expect(ids(order, false, ['a', 2.0 * GIB], ['b', 2.02 * GIB])).toEqual([
      'a',
      'b'
    ]);
    expect(ids(order, false, ['a', 2.01 * GIB], ['b', 1.99 * GIB])).toEqual([
      'a',
      'b'
    ]);
  });

  it('stays while it is held; who comes stands behind, who goes leaves no gap', () => {
    const order = new Order();
    ids(order, false, ['a', 3 * GIB], ['b', 2 * GIB], ['c', GIB]);
    expect(
      ids(order, true, ['b', 2 * GIB], ['c', 9 * GIB], ['new', 8 * GIB])
    ).toEqual(['b', 'c', 'new']);
    expect(
      ids(order, false, ['b', 2 * GIB], ['c', 9 * GIB], ['new', 8 * GIB])
    ).toEqual(['c', 'new', 'b']);
  });

  it('that is chosen anew holds at once', () => {
    const order = new Order();
    const items = [holding('b', 9 * GIB), holding('a', GIB)];
    order.of(items, 'memory', nameOf, false);
    const now = order.of(items, 'name', nameOf, true);
    expect(now.map(({ id }) => id)).toEqual(['a', 'b']);
  });
});
