import type { Device } from '../api';
import type { Units } from '../ui';
import { memory, percent, watts } from '../ui';
import { isDetailed } from './details';
import type { Opened } from './opened';

/**
 * Devices that are new objects only where something that can be seen of them
 * changed: power and memory waver, and energy grows, with each reading.
 */
export class ShownDevices {
  constructor(private readonly opened: Opened) {}

  /** The devices of the newest reading, each as old as what it looks like; the same array where all are. */
  of(next: Device[], units: Units): Device[] {
    const known = new Map(this._last.map(device => [device.uuid, device]));
    const shown = next.map(device => {
      const before = known.get(device.uuid);
      return before && this._looksLike(before, device, units) ? before : device;
    });
    if (
      shown.length !== this._last.length ||
      shown.some((device, index) => device !== this._last[index])
    ) {
      this._last = shown;
    }
    return this._last;
  }

  private _looksLike(before: Device, next: Device, units: Units): boolean {
    return (
      before === next ||
      (!isDetailed(next, this.opened) &&
        lookOf(before, units) === lookOf(next, units))
    );
  }

  private _last: Device[] = [];
}

/** What only the details show. */
const DETAILS = {
  clocks: null,
  pcie: null,
  nvlink: null,
  performance_state: null,
  energy: null,
  fan: null
};

/** What a card without its details shows, with figures as they are written there. */
function lookOf(device: Device, units: Units): string {
  const { memory: held, power, utilization } = device;
  return JSON.stringify({
    ...device,
    ...DETAILS,
    memory: held && {
      used: memory(held.used, units),
      total: memory(held.total, units),
      reserved: memory(held.reserved, units)
    },
    unattributed_memory:
      device.unattributed_memory && memory(device.unattributed_memory, units),
    utilization: percent(utilization?.gpu),
    power: watts(power?.usage, power?.limit),
    ecc: device.ecc?.uncorrected,
    holders: device.holders.map(holder => ({
      ...holder,
      memory: memory(holder.memory, units),
      utilization: percent(holder.utilization)
    }))
  });
}
