import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { Units } from '../ui';
import type { Density } from './tokens';

/** What the settings say, as far as it makes sense. */
export interface IChoices {
  /** UUIDs; those of devices that are not here count where they come back. */
  readonly order: readonly string[];
  readonly hidden: readonly string[];
  readonly units: Units;
  readonly density: Density;
}

export const DEFAULTS: IChoices = {
  order: [],
  hidden: [],
  units: { temperature: 'C', memory: 'GiB' },
  density: 'auto'
};

/**
 * The choices in settings, which an administrator or a user may have written by
 * hand: what is of a wrong type or has no meaning counts as not set.
 */
export function readChoices(values: ReadonlyPartialJSONObject): IChoices {
  const { units, density } = DEFAULTS;
  return {
    order: texts(values.order),
    hidden: texts(values.hidden),
    units: {
      temperature: oneOf(['C', 'F'], values.temperatureUnit, units.temperature),
      memory: oneOf(['GiB', 'GB'], values.memoryUnit, units.memory)
    },
    density: oneOf(['auto', 'cards', 'compact'], values.density, density)
  };
}

/** The texts of a list, each once. */
function texts(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return [...new Set(items.filter(item => typeof item === 'string'))];
}

function oneOf<T>(known: T[], value: unknown, otherwise: T): T {
  return known.find(one => one === value) ?? otherwise;
}
