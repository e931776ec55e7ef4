import type { Device, KernelUse } from '../api';

/** The devices that a kernel was given or holds memory on; null where that is all of them, or none. */
export function matters(
  devices: Device[],
  kernel: KernelUse | null
): Device[] | null {
  const uuids = new Set([
    ...(kernel?.given ?? []),
    ...(kernel?.devices ?? []).map(device => device.uuid)
  ]);
  const chosen = devices.filter(device => uuids.has(device.uuid));
  return chosen.length > 0 && chosen.length < devices.length ? chosen : null;
}

/** Devices that are no part of another one among them: memory would count twice. */
export function wholeDevices(devices: Device[]): Device[] {
  const uuids = new Set(devices.map(device => device.uuid));
  return devices.filter(({ parent }) => parent === null || !uuids.has(parent));
}
