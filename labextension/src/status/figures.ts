import type { Device } from '../api';
import type { Units } from '../ui';
import { fraction, percent, size } from '../ui';

/** Devices that have a bar; more would not be told apart. */
const BARS = 8;

/** The figures as they are written. */
export interface IFigures {
  readonly utilization: string;
  readonly used: string;
  readonly total: string;
  readonly unit: string;
}

/** A device in the picture: both are whole percents, null where not known. */
export interface IBar {
  readonly uuid: string;
  readonly broken: boolean;
  readonly utilization: number | null;
  readonly memory: number | null;
}

/** Whether a device has figures; those of one that does not answer are the last it gave. */
export function isWorking(device: Device): boolean {
  return device.state === 'ok' || device.state === 'not-answering';
}

/**
 * The figures of these devices together: the mean of the utilizations that are
 * known (the driver tells none of a GPU in MIG instances), and all memory, not
 * known where that of one is not. Null: none of them works.
 */
export function figuresOf(devices: Device[], units: Units): IFigures | null {
  const working = devices.filter(isWorking);
  if (working.length === 0) {
    return null;
  }
  const used = sum(working.map(device => device.memory?.used ?? null));
  const total = sum(working.map(device => device.memory?.total ?? null));
  return {
    utilization: percent(mean(working)),
    used: size(used, units),
    total: size(total, units),
    unit: units.memory
  };
}

/** The picture of these devices; none where they are too many. */
export function barsOf(devices: Device[]): IBar[] {
  return devices.length > BARS
    ? []
    : devices.map(device => {
        const { uuid, memory, utilization } = device;
        return {
          uuid,
          broken: !isWorking(device),
          utilization: whole(utilization?.gpu ?? null),
          memory: whole(fraction(memory?.used, memory?.total))
        };
      });
}

function mean(devices: Device[]): number | null {
  const known = devices.flatMap(device => device.utilization?.gpu ?? []);
  return known.length === 0
    ? null
    : known.reduce((some, one) => some + one, 0) / known.length;
}

function sum(values: (number | null)[]): number | null {
  return values.reduce(
    (some, one) => (some === null || one === null ? null : some + one),
    0
  );
}

function whole(share: number | null): number | null {
  return share === null ? null : Math.round(share * 100);
}
