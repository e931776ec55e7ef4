import { readFileSync } from 'fs';
import * as path from 'path';

import { DEFAULTS, readRules } from '../../src/alerts/rules';

interface ISchema {
  properties: {
    [rule: string]: { properties: { [key: string]: { default: unknown } } };
  };
}

const schema = JSON.parse(
  readFileSync(path.join(__dirname, '../../schema/alerts.json'), 'utf-8')
) as ISchema;

describe('The rules in the settings', () => {
  it('are what the schema says where nothing is set', () => {
    const said = Object.fromEntries(
      Object.entries(schema.properties).map(([name, { properties }]) => [
        name,
        Object.fromEntries(
          Object.entries(properties).map(([key, one]) => [key, one.default])
        )
      ])
    );
    expect(readRules({})).toEqual(DEFAULTS);
    expect(said).toEqual(DEFAULTS);
  });

  it('are taken one by one', () => {
    const rules = readRules({ memory: { enabled: true }, lost: {} });
    expect(rules.memory).toEqual({ enabled: true, percent: 90 });
    expect(rules.lost).toEqual({ enabled: true });
    expect(readRules({ lost: { enabled: false } }).lost.enabled).toBe(false);
  });

  it('count as not set where they make no sense', () => {
    const rules = readRules({
      memory: { enabled: 'yes', percent: 150 },
      temperature: { enabled: true, celsius: '80' },
      unused: { enabled: true, minutes: 0 },
      lost: 3,
      driver: [true]
    });
    expect(rules).toEqual({
      ...DEFAULTS,
      temperature: { enabled: true, celsius: 85 },
      unused: { enabled: true, minutes: 30 }
    });
  });
});
