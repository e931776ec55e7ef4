import { nullTranslator } from '@jupyterlab/translation';

import { figuresIn } from '../../src/history/figures';
import type { IFigure } from '../../src/history/figures';
import { dashOf, colorOf, lineOf } from '../../src/history/lines';
import { inWords } from '../../src/history/words';
import { GIB, device } from '../samples';
import { unbroken } from '../units';

const trans = nullTranslator.load('jupyter_tfgpu');

/** The four figures by name, in the user's units. */
function figures(
  temperature: 'C' | 'F' = 'C',
  memory: 'GiB' | 'GB' = 'GiB'
): Record<string, IFigure> {
  const all = figuresIn({ temperature, memory }, trans);
  return Object.fromEntries(all.map(figure => [figure.key, figure]));
}

describe('A figure', () => {
  it('is in the user’s units, on the axis and in words', () => {
    const { memory, temperature } = figures('F', 'GB');
    expect([memory!.unit, temperature!.unit]).toEqual(['GB', '°F']);
    expect(memory!.convert(2e9)).toBe(2);
    expect(memory!.text(2e9)).toBe(unbroken('2.0 GB'));
    expect(temperature!.convert(100)).toBe(212);
    expect(temperature!.text(100)).toBe(unbroken('212 °F'));
    expect(figures().memory!.convert(GIB)).toBe(1);
    expect(figures().temperature!.convert(54)).toBe(54);
  });

  it('says what is not known', () => {
    Object.values(figures()).forEach(figure =>
      expect(figure.text(null)).toBe('–')
    );
  });

  it('has an axis that what is possible fits on, and what was seen', () => {
    const { utilization, memory, power } = figures();
    expect(utilization!.ends([20, 30], 100)).toEqual([0, 100]);
    expect(memory!.ends([2, 30], 80)).toEqual([0, 80]);
    expect(power!.ends([20, 310], 300)).toEqual([0, 310]);
    expect(power!.ends(null, 0)).toEqual([0, 1]);
  });

  it('has an axis of temperatures that does not jump with each degree', () => {
    const { temperature } = figures();
    expect(temperature!.ends([41, 68], 0)).toEqual([40, 70]);
    expect(temperature!.ends([42, 66], 0)).toEqual([40, 70]);
    expect(temperature!.ends([50, 50], 0)).toEqual([40, 60]);
    expect(temperature!.ends(null, 0)).toEqual([20, 100]);
  });
});

describe('The lines', () => {
  it('differ in colour or dash, thirty-two of them', () => {
    const looks = Array.from({ length: 32 }, (_, number) => {
      const line = lineOf(device(), number, false, trans);
      return `${colorOf(line)} ${dashOf(line).join()}`;
    });
    expect(new Set(looks).size).toBe(32);
  });

  it('are said in words, each with its newest, least and most', () => {
    const lines = [0, 1].map(index =>
      lineOf(device({ index }), index, false, trans)
    );
    const found = [{ latest: 0.5, low: 0.1, high: 0.9 }, null];
    const words = inWords(
      figures().utilization!,
      lines,
      found,
      [0, 300],
      trans
    );
    expect(words).toMatch(/^Utilization from .* to .*\. /);
    expect(words).toContain(
      unbroken('GPU 0: 50 %, lowest 10 %, highest 90 %. GPU 1: not known')
    );
  });
});
