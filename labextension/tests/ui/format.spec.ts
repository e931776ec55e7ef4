import {
  baseName,
  celsius,
  fraction,
  gib,
  memory,
  memoryOf,
  percent,
  shortPath,
  watts
} from '../../src/ui/format';

const GIB = 2 ** 30;

describe('What is not known', () => {
  it.each([null, undefined])('is a dash, never 0 (%s)', missing => {
    const shown = [gib, memory, percent, celsius].map(format =>
      format(missing)
    );
    expect(shown).toEqual(['–', '–', '–', '– °C']);
    expect(memoryOf(missing, missing)).toBe('–');
    expect(watts(missing, 350000)).toBe('– / 350 W');
    expect(watts(missing, missing)).toBe('– W');
    expect(fraction(missing, 1)).toBeNull();
  });

  it('leaves what is known', () => {
    expect(memoryOf(null, 80 * GIB)).toBe('– / 80.0 GiB');
    expect(watts(120400, null)).toBe('120 W');
  });
});

describe('Figures', () => {
  it('have their unit', () => {
    expect(memory(12.34 * GIB)).toBe('12.3 GiB');
    expect(memory(512 * 2 ** 20)).toBe('512 MiB');
    expect(memory(0)).toBe('0.0 GiB');
    expect(memoryOf(GIB, 24 * GIB)).toBe('1.0 / 24.0 GiB');
    expect(percent(0.456)).toBe('46 %');
    expect(celsius(0)).toBe('0 °C');
    expect(watts(120400, 350000)).toBe('120 / 350 W');
  });

  it('make fractions between 0 and 1', () => {
    expect(fraction(1, 4)).toBe(0.25);
    expect(fraction(5, 4)).toBe(1);
    expect(fraction(0, 0)).toBeNull();
  });
});

describe('A path', () => {
  it('keeps its end where it is long', () => {
    expect(shortPath('/opt/envs/tf2')).toBe('/opt/envs/tf2');
    expect(shortPath('/home/somebody/miniforge3/envs/tensorflow-2')).toBe(
      '…/miniforge3/envs/tensorflow-2'
    );
    expect(shortPath('C:\\Users\\somebody\\miniforge3\\envs\\tf2', 24)).toBe(
      '…\\miniforge3\\envs\\tf2'
    );
  });

  it('keeps a last part that is longer than the room', () => {
    const name = 'x'.repeat(60);
    expect(shortPath(`/envs/${name}`)).toBe(`…/${name}`);
  });

  it('has a last part', () => {
    expect(baseName('work/train.ipynb')).toBe('train.ipynb');
    expect(baseName('train.ipynb')).toBe('train.ipynb');
  });
});
