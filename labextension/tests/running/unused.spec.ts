import {
  duration,
  rests,
  unusedFor,
  unusedSince,
  unusedText
} from '../../src/running/unused';
import { before, device, kernel, reading } from '../samples';
import { trans, holds } from './page';

const NOW = reading().taken_at;
const other = device({ index: 1 }).uuid;
const unused = (seconds: number | null, changes = {}) =>
  holds({
    unused_since: seconds === null ? null : before(seconds),
    ...changes
  });

describe('The time for which a kernel has not used its devices', () => {
  it('is that of the device it used last', () => {
    const both = kernel({
      devices: [unused(900), unused(30, { uuid: other })]
    });
    expect(unusedFor(both, NOW)).toBe(30);
  });

  it('is not known where that of one device is not', () => {
    const both = kernel({ devices: [unused(900), unused(null)] });
    expect(unusedSince(both)).toBeNull();
    expect(unusedFor(both, NOW)).toBeNull();
  });

  it('is not known of a kernel that holds nothing', () => {
    expect(unusedSince(kernel())).toBeNull();
  });

  it('is never negative: kernels may be newer than the reading', () => {
    expect(unusedFor(kernel({ devices: [unused(-5)] }), NOW)).toBe(0);
  });

  it('is said from one minute on', () => {
    expect(unusedText(59, trans)).toBeNull();
    expect(unusedText(null, trans)).toBeNull();
    expect(unusedText(12 * 60 + 40, trans)).toBe('unused for 12 min');
  });

  it.each([
    [60, '1 min'],
    [3599, '59 min'],
    [3600, '1 h'],
    [12000, '3 h 20 min'],
    [47 * 3600, '47 h'],
    [49 * 3600, '2 days']
  ])('of %d s is written %s', (seconds, text) => {
    expect(duration(seconds, trans)).toBe(text);
  });
});

describe('A kernel rests', () => {
  const resting = kernel({ devices: [unused(600)] });

  it('where it is idle and has not used what it holds for so long', () => {
    expect(rests(resting, NOW, 10)).toBe(true);
    expect(rests(resting, NOW, 11)).toBe(false);
  });

  it('where how much it holds is not told', () => {
    const untold = kernel({ devices: [unused(600, { memory: null })] });
    expect(rests(untold, NOW, 10)).toBe(true);
  });

  it.each([
    ['is busy', { state: 'busy' }],
    ['is in a state that is not known', { state: null }],
    ['belongs to another server', { server: 'http://127.0.0.1:8889/' }],
    ['holds nothing', { devices: [] }],
    ['holds no memory', { devices: [unused(600, { memory: 0 })] }],
    ['may have used a device', { devices: [unused(null)] }],
    [
      'may have used one of its devices',
      { devices: [unused(600), unused(null, { uuid: other })] }
    ]
  ])('not where it %s', (_, changes) => {
    expect(rests({ ...resting, ...changes }, NOW, 10)).toBe(false);
  });

  it('not before there is a reading', () => {
    expect(rests(resting, null, 10)).toBe(false);
  });
});
