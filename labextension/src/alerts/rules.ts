import type {
  ReadonlyPartialJSONObject,
  ReadonlyPartialJSONValue
} from '@lumino/coreutils';

/** What the user wants to be told, each by itself. */
export interface IRules {
  /** Percent of a device's memory. */
  readonly memory: { readonly enabled: boolean; readonly percent: number };
  /** Degrees Celsius. */
  readonly temperature: { readonly enabled: boolean; readonly celsius: number };
  /** Minutes that a kernel holds memory without using the device. */
  readonly unused: { readonly enabled: boolean; readonly minutes: number };
  readonly lost: { readonly enabled: boolean };
  readonly driver: { readonly enabled: boolean };
}

export const DEFAULTS: IRules = {
  memory: { enabled: false, percent: 90 },
  temperature: { enabled: false, celsius: 85 },
  unused: { enabled: false, minutes: 30 },
  lost: { enabled: true },
  driver: { enabled: false }
};

/** The rules in settings; what is of a wrong type or out of its limits counts as not set. */
export function readRules(values: ReadonlyPartialJSONObject): IRules {
  const { memory, temperature, unused, lost, driver } = DEFAULTS;
  const enabled = (name: keyof IRules, otherwise: boolean) => {
    const value = part(values, name).enabled;
    return typeof value === 'boolean' ? value : otherwise;
  };
  return {
    memory: {
      enabled: enabled('memory', memory.enabled),
      percent: within(part(values, 'memory').percent, 1, 100, memory.percent)
    },
    temperature: {
      enabled: enabled('temperature', temperature.enabled),
      celsius: within(
        part(values, 'temperature').celsius,
        20,
        120,
        temperature.celsius
      )
    },
    unused: {
      enabled: enabled('unused', unused.enabled),
      minutes: within(part(values, 'unused').minutes, 1, 1440, unused.minutes)
    },
    lost: { enabled: enabled('lost', lost.enabled) },
    driver: { enabled: enabled('driver', driver.enabled) }
  };
}

function part(
  values: ReadonlyPartialJSONObject,
  name: keyof IRules
): ReadonlyPartialJSONObject {
  const value = values[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as ReadonlyPartialJSONObject)
    : {};
}

function within(
  value: ReadonlyPartialJSONValue | undefined,
  least: number,
  most: number,
  otherwise: number
): number {
  return typeof value === 'number' && value >= least && value <= most
    ? value
    : otherwise;
}
