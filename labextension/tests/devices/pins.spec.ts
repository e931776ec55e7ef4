import { nullTranslator } from '@jupyterlab/translation';

import {
  givenText,
  heldMemory,
  pinText,
  pinnedDevices
} from '../../src/devices/pins';

import { GIB, device, kernel } from '../samples';

const trans = nullTranslator.load('');
const devices = [0, 1, 2].map(index => device({ index }));
const [first, second, third] = devices as [
  (typeof devices)[0],
  (typeof devices)[0],
  (typeof devices)[0]
];
const instance = {
  ...device(),
  index: null,
  uuid: 'MIG-1',
  parent: first.uuid
};

describe('A pin', () => {
  it.each([
    ['all', 'all GPUs'],
    ['none', 'no GPU'],
    ['auto', 'auto'],
    ['auto:1,8GiB', 'auto:1,8GiB'],
    ['1', 'GPU 1'],
    ['0,2', 'GPUs 0, 2'],
    [second.uuid, 'GPU 1'],
    ['gpu-00000002', 'GPU 2'],
    ['GPU-ffffffff-1234', 'GPU GPU-ffffffff (not here)']
  ])('%s reads “%s”', (pin, text) => {
    expect(pinText(pin, devices, trans)).toBe(text);
  });

  it('names devices by index and by the beginning of a UUID', () => {
    expect(pinnedDevices(`0, ${third.uuid}`, devices)).toEqual([first, third]);
    expect(pinnedDevices('', devices)).toEqual([]);
    expect(pinnedDevices('auto:2', devices)).toBeNull();
  });
});

describe('What a kernel was given', () => {
  it.each([
    [null, 'all GPUs'],
    [[], 'no GPU'],
    [[second.uuid], 'GPU 1'],
    [[third.uuid, first.uuid], 'GPUs 0, 2'],
    [['MIG-1'], 'a MIG instance'],
    [['GPU-ffffffff-1234'], 'GPU GPU-ffffffff (not here)']
  ])('%j reads “%s”', (given, text) => {
    expect(givenText(given, [...devices, instance], trans)).toBe(text);
  });

  it('is the sum of what it holds, unless a part is not known', () => {
    const use = (memory: number | null) => ({
      uuid: 'x',
      memory,
      utilization: null,
      unused_since: null
    });
    expect(heldMemory(kernel({ devices: [use(GIB), use(2 * GIB)] }))).toBe(
      3 * GIB
    );
    expect(heldMemory(kernel({ devices: [use(GIB), use(null)] }))).toBeNull();
    expect(heldMemory(kernel({ devices: [] }))).toBe(0);
  });
});
