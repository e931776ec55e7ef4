import { nullTranslator } from '@jupyterlab/translation';

import { autoPin, autoText, parseAuto } from '../../src/chip/auto';
import type { Units } from '../../src/ui';
import { GIB } from '../samples';
import { unbroken } from '../units';

const units: Units = { temperature: 'C', memory: 'GiB' };
const trans = nullTranslator.load('');

describe('An automatic choice', () => {
  it.each([
    ['auto', { count: 1, free: null }],
    ['auto:2', { count: 2, free: null }],
    ['auto:1,8GiB', { count: 1, free: 8 * GIB }],
    ['auto:2,500MiB', { count: 2, free: 500 * 2 ** 20 }]
  ])('%s is read and written alike', (pin, auto) => {
    expect(parseAuto(pin)).toEqual(auto);
    expect(autoPin(auto)).toBe(pin);
  });

  it('is none of the other pins', () => {
    expect(parseAuto('all')).toBeNull();
    expect(parseAuto('GPU-1')).toBeNull();
    expect(parseAuto('auto:x')).toBeNull();
  });

  it('is read in any unit and spacing, and written so that it is not less', () => {
    expect(parseAuto('AUTO:1, 8 GB')).toEqual({ count: 1, free: 8e9 });
    expect(autoPin({ count: 1, free: 8e9 })).toBe('auto:1,7630MiB');
  });

  it('reads', () => {
    expect(autoText({ count: 2, free: null }, units, trans)).toBe('2 GPUs');
    expect(autoText({ count: 1, free: 8 * GIB }, units, trans)).toBe(
      unbroken('1 GPU with 8.0 GiB free')
    );
    expect(autoText({ count: 2, free: 8 * GIB }, units, trans)).toBe(
      unbroken('2 GPUs with 8.0 GiB free on each')
    );
  });
});
