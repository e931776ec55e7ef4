import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import type { Device } from '../../src/api';
import { readChoices } from '../../src/display/choices';
import type { Settings } from '../../src/display/model';
import { Display } from '../../src/display/model';
import { device } from '../samples';

/** Settings that hold what is set, or refuse to. */
class TestSettings {
  readonly changed = new Signal<this, void>(this);
  refuses = false;

  constructor(public composite: ReadonlyPartialJSONObject = {}) {}

  readonly set = jest.fn((key: string, value: string[]) => {
    if (this.refuses) {
      return Promise.reject(new Error('read only'));
    }
    this.tell({ ...this.composite, [key]: value });
    return Promise.resolve();
  });

  tell(composite: ReadonlyPartialJSONObject): void {
    this.composite = composite;
    this.changed.emit();
  }
}

const gpu = (index: number): Device => device({ index });
const instance = (uuid: string, parent: string): Device => ({
  ...device({ uuid, parent }),
  index: null
});
const uuid = (index: number): string => gpu(index).uuid;

describe('How devices are shown', () => {
  const devices = [
    gpu(0),
    instance('MIG-a', uuid(0)),
    instance('MIG-b', uuid(0)),
    gpu(1),
    gpu(2)
  ];
  let settings: TestSettings;
  let display: Display;

  const names = () =>
    display
      .shown(devices)
      .map(({ index, uuid }) => (index === null ? uuid : String(index)));

  beforeEach(() => {
    settings = new TestSettings();
    display = new Display(() => devices);
    display.follow(settings as unknown as Settings);
  });

  it('is as the driver lists them where nothing is chosen', () => {
    expect(display.shown(devices)).toBe(devices);
    expect(display.units).toEqual({ temperature: 'C', memory: 'GiB' });
    expect(display.density).toBe('auto');
  });

  it('follows the settings, wherever a device stood before', () => {
    settings.tell({ order: [uuid(2), 'GPU-of-another-machine', 'MIG-b'] });
    expect(names()).toEqual(['2', '0', 'MIG-b', 'MIG-a', '1']);
  });

  it('moves a device over what is hidden, and its instances with it', async () => {
    await display.hide(uuid(1));
    await display.move(uuid(0), 1);
    expect(names()).toEqual(['2', '0', 'MIG-a', 'MIG-b']);
    await display.move('MIG-b', -1);
    expect(names()).toEqual(['2', '0', 'MIG-b', 'MIG-a']);
    await display.show(uuid(1));
    expect(names()).toEqual(['1', '2', '0', 'MIG-b', 'MIG-a']);
  });

  it('does not move a device over an edge', async () => {
    await display.move(uuid(0), -1);
    await display.move(uuid(2), 1);
    await display.move('MIG-b', 1);
    await display.move('GPU-none', 1);
    expect(settings.set).not.toHaveBeenCalled();
  });

  it('keeps devices of other machines in their order', async () => {
    settings.tell({ order: ['GPU-x', uuid(1), 'GPU-y'] });
    await display.move(uuid(2), -1);
    expect(settings.composite.order).toEqual([
      uuid(1),
      uuid(2),
      uuid(0),
      'MIG-a',
      'MIG-b',
      'GPU-x',
      'GPU-y'
    ]);
  });

  it('hides a GPU with its instances, and shows it again', async () => {
    await display.hide(uuid(0));
    expect(names()).toEqual(['1', '2']);
    expect(settings.set).toHaveBeenCalledWith('hidden', [uuid(0)]);
    await display.hide(uuid(1));
    await display.show(uuid(0), uuid(1));
    expect(settings.composite.hidden).toEqual([]);
    expect(display.shown(devices)).toBe(devices);
  });

  it('shows an instance whose GPU is not here', () => {
    settings.tell({ hidden: ['GPU-elsewhere'] });
    const alone = [instance('MIG-c', 'GPU-elsewhere')];
    expect(display.shown(alone)).toBe(alone);
  });

  it('keeps a change that cannot be written, and says so', async () => {
    settings.refuses = true;
    await expect(display.hide(uuid(1))).rejects.toThrow('read only');
    expect(names()).not.toContain('1');
  });

  it('works without settings', async () => {
    display = new Display(() => devices);
    await display.hide(uuid(1));
    expect(names()).not.toContain('1');
  });

  it('gives the same array while it looks the same', () => {
    settings.tell({ hidden: [uuid(1)] });
    const before = display.shown(devices);
    expect(display.shown(devices)).toBe(before);
    const changed = devices.map(one => (one.index === 1 ? gpu(1) : one));
    expect(display.shown(changed)).toBe(before);
  });

  it('says that it changed where it did, once', () => {
    const changed = jest.fn();
    display.changed.connect(changed);
    settings.tell({ temperatureUnit: 'F' });
    const { units } = display;
    expect(units.temperature).toBe('F');
    settings.tell({ temperatureUnit: 'F', order: [] });
    expect(changed).toHaveBeenCalledTimes(1);
    settings.tell({ temperatureUnit: 'F', density: 'compact' });
    expect(changed).toHaveBeenCalledTimes(2);
    expect(display.units).toBe(units);
  });
});

describe('Settings that somebody broke', () => {
  it('count as far as they make sense', () => {
    const choices = readChoices({
      order: ['GPU-1', 3, null, 'GPU-1'],
      hidden: 'GPU-2',
      temperatureUnit: 'K',
      memoryUnit: 'GB',
      density: 7
    });
    expect(choices).toEqual({
      order: ['GPU-1'],
      hidden: [],
      units: { temperature: 'C', memory: 'GB' },
      density: 'auto'
    });
  });
});
