import { COLORS, HolderColors } from '../../src/devices/colors';
import { TestLive } from '../fakes';
import { device, reading } from '../samples';
import { StandInServer } from '../server';
import { holder } from './shown';

describe('The colour of a kernel', () => {
  let live: TestLive;
  let colors: HolderColors;

  /** A reading in which these kernels hold memory, the first two on a device of their own. */
  function hold(...kernels: string[]): void {
    const holders = kernels.map(kernel_id => holder({ kernel_id }));
    const devices = [
      device({ holders: holders.slice(0, 2) }),
      device({ index: 1, holders: [...holders.slice(2), holder()] })
    ];
    live.tellReading(reading({ devices }));
  }

  const names = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => `k${from + index}`);
  const of = (kernels: string[]) => kernels.map(id => colors.of(id));

  beforeEach(() => {
    live = new TestLive(new StandInServer({}));
    colors = new HolderColors(live);
  });

  it('is one of its own for as many as there are colours', () => {
    const kernels = names(COLORS);
    hold(...kernels);
    expect(new Set(of(kernels)).size).toBe(COLORS);
    expect(colors.of('k0')).toBe('var(--jp-tfgpu-holder-0)');
  });

  it('stays, whoever comes and goes', () => {
    hold('a', 'b', 'c');
    const before = of(['b', 'c']);
    hold('c', 'b', 'd');
    hold('d', 'b', 'c');
    expect(of(['b', 'c'])).toEqual(before);
  });

  it('comes back with the kernel where nobody needed it', () => {
    hold('a', 'b');
    const before = colors.of('a');
    hold('b');
    hold('b', 'c', 'a');
    expect(colors.of('a')).toBe(before);
    expect(new Set(of(['a', 'b', 'c'])).size).toBe(3);
  });

  it('is never that of another on the screen while some are free', () => {
    hold(...names(COLORS));
    const here = [...names(COLORS - 1, 1), 'new'];
    hold(...here);
    expect(new Set(of(here)).size).toBe(COLORS);
    const back = [...here.slice(1), 'k0'];
    hold(...back);
    expect(new Set(of(back)).size).toBe(COLORS);
  });

  it('is shared by as few as can be where there are more kernels', () => {
    const kernels = names(2 * COLORS);
    hold(...kernels);
    const used = of(kernels);
    for (const color of new Set(used)) {
      expect(used.filter(one => one === color)).toHaveLength(2);
    }
  });
});
