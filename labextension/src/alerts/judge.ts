import type { Device, Kernels, Reading } from '../api';
import { fraction } from '../ui';
import type { Alert } from './alert';
import type { IRules } from './rules';

/** Percent points and degrees that a figure has to fall below its limit before it counts anew. */
const MEMORY_SLACK = 2;
const TEMPERATURE_SLACK = 3;

/** The key of a lost device that the driver cannot name. */
export const LOST_UNNAMED = 'lost:';

/** What is known at a moment. `devices`: those that the user wants to be told about. */
export interface IMoment {
  readonly reading: Reading;
  readonly devices: Device[];
  /** Null: not known yet. */
  readonly kernels: Kernels | null;
  readonly driverWorked: boolean;
  /** Whether an alert has begun and not ended. */
  isOn(key: string): boolean;
}

/**
 * Whether there is something to tell: an alert; null: no; undefined: that
 * cannot be said now, and what was told before still counts.
 */
export type Verdict = Alert | null | undefined;

/** Each verdict under the key of its alert; what has no verdict is no more. */
type Judge = (rules: IRules, moment: IMoment) => [string, Verdict][];

const memory: Judge = (rules, { devices, isOn }) =>
  devices.map(device => {
    const key = `memory:${device.uuid}`;
    const limit = rules.memory.percent;
    const { used, total } = device.memory ?? {};
    const share = fraction(used, total);
    const over = isOver(
      device,
      percentOf(share),
      limit,
      isOn(key) ? MEMORY_SLACK : 0
    );
    const alert = {
      key,
      kind: 'memory' as const,
      device,
      share: share ?? 0,
      limit
    };
    return [key, verdict(over, alert)];
  });

const temperature: Judge = (rules, { devices, isOn }) =>
  devices.map(device => {
    const key = `temperature:${device.uuid}`;
    const limit = rules.temperature.celsius;
    const celsius = device.temperature;
    const over = isOver(
      device,
      celsius,
      limit,
      isOn(key) ? TEMPERATURE_SLACK : 0
    );
    const alert = {
      key,
      kind: 'temperature' as const,
      device,
      celsius: celsius ?? 0,
      limit
    };
    return [key, verdict(over, alert)];
  });

const unused: Judge = (rules, { reading, devices, kernels }) =>
  // Those of another server are told, and can be ended, on its own pages.
  (kernels?.kernels ?? [])
    .filter(({ server }) => server === null)
    .flatMap(kernel =>
      kernel.devices.flatMap(use => {
        const device = devices.find(({ uuid }) => uuid === use.uuid);
        if (!device) {
          return [];
        }
        const key = `unused:${kernel.id}:${use.uuid}`;
        const now = Date.parse(reading.taken_at);
        const since = use.unused_since ? Date.parse(use.unused_since) : null;
        const minutes = since === null ? null : (now - since) / 60_000;
        const long = isOver(device, minutes, rules.unused.minutes, 0);
        const alert = {
          key,
          kind: 'unused' as const,
          device,
          kernel,
          memory: use.memory,
          since: since ?? now
        };
        return [[key, verdict(long, alert)] as [string, Verdict]];
      })
    );

/** Devices that are lost, and where the driver speaks of one that it cannot name, that. */
const lost: Judge = (_, { reading, devices }) => {
  const { driver } = reading;
  const named: [string, Verdict][] = devices.map(device => {
    const key = `lost:${device.uuid}`;
    const alert = { key, kind: 'lost' as const, device, driver };
    const known = device.state !== 'not-answering' && device.state !== 'error';
    return [key, verdict(known ? isLost(device) : undefined, alert)];
  });
  const unnamed = driver.status === 'gpu-lost' && !reading.devices.some(isLost);
  const alert = {
    key: LOST_UNNAMED,
    kind: 'lost' as const,
    device: null,
    driver
  };
  return [...named, [LOST_UNNAMED, unnamed ? alert : null]];
};

/** A driver that worked and does not any more. That it has lost a device is told by the device. */
const driver: Judge = (_, { reading, driverWorked, isOn }) => {
  const { driver } = reading;
  const key = 'driver';
  const ill =
    driver.status !== 'ok' && (isOn(key) || (driverWorked && !works(reading)));
  return [[key, ill ? { key, kind: 'driver', driver } : null]];
};

export const JUDGES: { readonly [kind in Alert['kind']]: Judge } = {
  memory,
  temperature,
  unused,
  lost,
  driver
};

/** Whether the driver works, with or without all of its devices. */
export function works({ driver }: Reading): boolean {
  return driver.status === 'ok' || driver.status === 'gpu-lost';
}

function isLost(device: Device): boolean {
  return device.state === 'lost' || device.state === 'reset-required';
}

/** Whether a figure of a device is over its limit; undefined: it is not known, or an old one. */
function isOver(
  device: Device,
  value: number | null,
  limit: number,
  slack: number
): boolean | undefined {
  if (device.state === 'not-answering') {
    return undefined;
  }
  if (device.state !== 'ok') {
    return false;
  }
  return value === null ? undefined : value > limit - slack;
}

function verdict(told: boolean | undefined, alert: Alert): Verdict {
  return told === undefined ? undefined : told ? alert : null;
}

function percentOf(share: number | null): number | null {
  return share === null ? null : share * 100;
}
