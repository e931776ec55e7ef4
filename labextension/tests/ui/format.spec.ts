import {
  baseName,
  fraction,
  memory,
  memoryOf,
  percent,
  shortPath,
  size,
  temperature,
  watts
} from '../../src/ui/format';
import type { Units } from '../../src/ui/format';

const GIB = 2 ** 30;
const units: Units = { temperature: 'C', memory: 'GiB' };
const other: Units = { temperature: 'F', memory: 'GB' };

describe('What is not known', () => {
  it.each([null, undefined])('is a dash, never 0 (%s)', missing => {
    const shown = [size, memory, percent, temperature].map(format =>
      format(missing, units)
    );
    expect(shown).toEqual(['–', '–', '–', '– °C']);
    expect(memoryOf(missing, missing, units)).toBe('–');
    expect(watts(missing, 350000)).toBe('– / 350 W');
    expect(watts(missing, missing)).toBe('– W');
    expect(fraction(missing, 1)).toBeNull();
  });

  it('leaves what is known', () => {
    expect(memoryOf(null, 80 * GIB, units)).toBe('– / 80.0 GiB');
    expect(watts(120400, null)).toBe('120 W');
  });
});

describe('Figures', () => {
  it('have their unit', () => {
    expect(memory(12.34 * GIB, units)).toBe('12.3 GiB');
    expect(memory(512 * 2 ** 20, units)).toBe('512 MiB');
    expect(memory(0, units)).toBe('0.0 GiB');
    expect(memoryOf(GIB, 24 * GIB, units)).toBe('1.0 / 24.0 GiB');
    expect(percent(0.456)).toBe('46 %');
    expect(temperature(0, units)).toBe('0 °C');
    expect(watts(120400, 350000)).toBe('120 / 350 W');
  });

  it('follow the units', () => {
    expect(memory(12.34e9, other)).toBe('12.3 GB');
    expect(memory(512e6, other)).toBe('512 MB');
    expect(memory(GIB, other)).toBe('1.1 GB');
    expect(memoryOf(8e9, 80e9, other)).toBe('8.0 / 80.0 GB');
    expect(temperature(54, other)).toBe('129 °F');
    expect(temperature(null, other)).toBe('– °F');
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
