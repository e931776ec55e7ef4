import {
  baseName,
  fraction,
  megahertz,
  memory,
  memoryOf,
  percent,
  rate,
  shortPath,
  size,
  temperature,
  wattHours,
  watts
} from '../../src/ui/format';
import type { Units } from '../../src/ui/format';
import { unbroken } from '../units';

const GIB = 2 ** 30;
const units: Units = { temperature: 'C', memory: 'GiB' };
const other: Units = { temperature: 'F', memory: 'GB' };

describe('What is not known', () => {
  it.each([null, undefined])('is a dash, never 0 (%s)', missing => {
    const shown = [size, memory, percent, temperature].map(format =>
      format(missing, units)
    );
    expect(shown).toEqual(['–', '–', '–', unbroken('– °C')]);
    expect(memoryOf(missing, missing, units)).toBe('–');
    expect(watts(missing, 350000)).toBe(unbroken('– / 350 W'));
    expect(watts(missing, missing)).toBe(unbroken('– W'));
    expect(fraction(missing, 1)).toBeNull();
  });

  it('leaves what is known', () => {
    expect(memoryOf(null, 80 * GIB, units)).toBe(unbroken('– / 80.0 GiB'));
    expect(watts(120400, null)).toBe(unbroken('120 W'));
  });
});

describe('Figures', () => {
  it('have their unit', () => {
    expect(memory(12.34 * GIB, units)).toBe(unbroken('12.3 GiB'));
    expect(memory(512 * 2 ** 20, units)).toBe(unbroken('512 MiB'));
    expect(memory(0, units)).toBe(unbroken('0.0 GiB'));
    expect(memoryOf(GIB, 24 * GIB, units)).toBe(unbroken('1.0 / 24.0 GiB'));
    expect(percent(0.456)).toBe(unbroken('46 %'));
    expect(temperature(0, units)).toBe(unbroken('0 °C'));
    expect(watts(120400, 350000)).toBe(unbroken('120 / 350 W'));
  });

  it('follow the units', () => {
    expect(memory(12.34e9, other)).toBe(unbroken('12.3 GB'));
    expect(memory(512e6, other)).toBe(unbroken('512 MB'));
    expect(memory(GIB, other)).toBe(unbroken('1.1 GB'));
    expect(memoryOf(8e9, 80e9, other)).toBe(unbroken('8.0 / 80.0 GB'));
    expect(temperature(54, other)).toBe(unbroken('129 °F'));
    expect(temperature(null, other)).toBe(unbroken('– °F'));
  });

  it('fit rates, clocks and energy', () => {
    expect(rate(2.5 * GIB, units)).toBe(unbroken('2.5 GiB/s'));
    expect(rate(300 * 2 ** 20, units)).toBe(unbroken('300 MiB/s'));
    expect(rate(2 ** 18, units)).toBe(unbroken('0.3 MiB/s'));
    expect(rate(0, other)).toBe(unbroken('0 MB/s'));
    expect(rate(null, units)).toBe('–');
    expect(megahertz(1410, 1980)).toBe(unbroken('1410 / 1980 MHz'));
    expect(megahertz(null, null)).toBe(unbroken('– MHz'));
    expect(wattHours(43_200_000)).toBe(unbroken('12 Wh'));
    expect(wattHours(9e9)).toBe(unbroken('2.5 kWh'));
    expect(wattHours(null)).toBe('–');
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
