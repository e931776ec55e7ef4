import type { TranslationBundle } from '@jupyterlab/translation';

import type { Device } from '../api';
import { UNKNOWN, memory, percent, temperature, watts } from '../ui';
import type { Units } from '../ui';
import type { Figure } from './store';

/** The lower and the upper end. */
export type Ends = readonly [number, number];

/** How a figure is drawn and written. */
export interface IFigure {
  readonly key: Figure;
  readonly title: string;
  /** The unit of the axis. */
  readonly unit: string;
  /** From the wire's unit to the axis'. */
  readonly convert: (value: number) => number;
  /** A value of the wire with its unit; null: not known. */
  readonly text: (value: number | null) => string;
  /** The most that a device can have, in the wire's unit; null: not known. */
  readonly limit: (device: Device) => number | null;
  /**
   * The ends of the axis for the least and the most that is shown (null: nothing
   * is) and the limit (0: not known), in the axis' unit.
   */
  readonly ends: (shown: Ends | null, limit: number) => Ends;
  /** Steps of the axis; without them those that suit decimal numbers. */
  readonly steps?: number[];
}

/** Steps of ten degrees, so that the axis does not jump with each degree. */
const DEGREES = 10;
/** The axis of temperatures while none is known. */
const USUAL: Ends = [21, 99];

const POWERS_OF_TWO = Array.from(
  { length: 16 },
  (_, power) => 2 ** (power - 4)
);

/** Each figure, in the user's units. */
export function figuresIn(units: Units, trans: TranslationBundle): IFigure[] {
  const bytes = units.memory === 'GiB' ? 2 ** 30 : 1e9;
  const fahrenheit = units.temperature === 'F';
  return [
    {
      key: 'utilization',
      title: trans.__('Utilization'),
      unit: '%',
      convert: value => value * 100,
      text: percent,
      limit: () => 1,
      ends: () => [0, 100]
    },
    {
      key: 'memory',
      title: trans.__('Memory'),
      unit: units.memory,
      convert: value => value / bytes,
      text: value => memory(value, units),
      limit: device => device.memory?.total ?? null,
      ends: fromZero,
      ...(units.memory === 'GiB' && { steps: POWERS_OF_TWO })
    },
    {
      key: 'temperature',
      title: trans.__('Temperature'),
      unit: fahrenheit ? '°F' : '°C',
      convert: value => (fahrenheit ? (value * 9) / 5 + 32 : value),
      text: value => (value === null ? UNKNOWN : temperature(value, units)),
      limit: () => null,
      ends: aroundAll
    },
    {
      key: 'power',
      title: trans.__('Power'),
      unit: 'W',
      convert: value => value / 1000,
      text: value => (value === null ? UNKNOWN : watts(value, null)),
      limit: device => device.power?.limit ?? null,
      ends: fromZero
    }
  ];
}

function fromZero(shown: Ends | null, limit: number): Ends {
  return [0, Math.max(shown?.[1] ?? 0, limit) || 1];
}

function aroundAll(shown: Ends | null): Ends {
  const [low, high] = shown ?? USUAL;
  return [
    Math.floor((low - 1) / DEGREES) * DEGREES,
    Math.ceil((high + 1) / DEGREES) * DEGREES
  ];
}
