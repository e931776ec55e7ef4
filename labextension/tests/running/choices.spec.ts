import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { readFileSync } from 'fs';
import * as path from 'path';

import { RunningChoices } from '../../src/running/choices';
import type { Settings } from '../../src/running/choices';

const schema = JSON.parse(
  readFileSync(path.join(__dirname, '../../schema/running.json'), 'utf-8')
) as { properties: { [name: string]: { default: unknown } } };

/** Settings as JupyterLab keeps them. */
function testSettings(composite: ReadonlyPartialJSONObject) {
  const changed = new Signal<object, void>({});
  const settings = {
    composite,
    changed,
    set: jest.fn(() => Promise.resolve())
  };
  return settings as typeof settings & Settings;
}

describe('How kernels are listed', () => {
  it('is without settings as the schema has it by default', () => {
    const { sort, restingMinutes } = schema.properties;
    const { sort: chosen, minutes } = new RunningChoices();
    expect([chosen, minutes]).toEqual([sort?.default, restingMinutes?.default]);
  });

  it('is as the settings say, and follows them', () => {
    const choices = new RunningChoices();
    const settings = testSettings({ sort: 'name', restingMinutes: 30 });
    choices.follow(settings);
    expect([choices.sort, choices.minutes]).toEqual(['name', 30]);
    const told = jest.fn();
    choices.changed.connect(told);
    Object.assign(settings.composite, { restingMinutes: 1440 });
    settings.changed.emit();
    expect(choices.minutes).toBe(1440);
    expect(told).toHaveBeenCalledTimes(1);
    settings.changed.emit();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it.each([0, 1441, -5, 'ten', null, NaN])(
    'takes %p minutes as not set',
    minutes => {
      const choices = new RunningChoices();
      choices.follow(testSettings({ restingMinutes: minutes, sort: 'size' }));
      expect([choices.sort, choices.minutes]).toEqual(['memory', 10]);
    }
  );

  it('is remembered as it is chosen', async () => {
    const choices = new RunningChoices();
    const settings = testSettings({});
    choices.follow(settings);
    await choices.choose('unused');
    expect(choices.sort).toBe('unused');
    expect(settings.set).toHaveBeenCalledWith('sort', 'unused');
  });

  it('holds where it cannot be remembered, and says so', async () => {
    const choices = new RunningChoices();
    choices.cannotWrite();
    await expect(choices.choose('name')).rejects.toThrow('settings');
    expect(choices.sort).toBe('name');
  });
});
