import type { Device } from '../api';
import type { IChoices } from './choices';

type Arrangement = Pick<IChoices, 'order' | 'hidden'>;

/** The devices to show, in the chosen order; those that the order does not name stand last, as they came. */
export function arrange(devices: Device[], choices: Arrangement): Device[] {
  return inOrder(devices, choices.order, device =>
    isShown(device, devices, choices)
  );
}

/**
 * The order after a device was put before (`by` -1) or behind (1) the next one
 * that is shown beside it: MIG instances move among those of their GPU. The
 * order itself where there is no such neighbour.
 */
export function moved(
  devices: Device[],
  choices: Arrangement,
  uuid: string,
  by: -1 | 1
): readonly string[] {
  const device = devices.find(one => one.uuid === uuid);
  if (!device) {
    return choices.order;
  }
  const beside = arrange(devices, choices).filter(
    one => parentOf(one, devices) === parentOf(device, devices)
  );
  const neighbour = beside[beside.indexOf(device) + by];
  if (!beside.includes(device) || !neighbour) {
    return choices.order;
  }
  const order = inOrder(devices, choices.order, () => true)
    .map(one => one.uuid)
    .filter(one => one !== uuid);
  const at = order.indexOf(neighbour.uuid);
  order.splice(by < 0 ? at : at + 1, 0, uuid);
  // Devices that are not here now keep their place among each other.
  const absent = choices.order.filter(one => one !== uuid);
  return [...order, ...absent.filter(one => !order.includes(one))];
}

function inOrder(
  devices: Device[],
  order: readonly string[],
  wanted: (device: Device) => boolean
): Device[] {
  const rank = ({ uuid }: Device) => {
    const at = order.indexOf(uuid);
    return at < 0 ? order.length : at;
  };
  const sorted = [...devices].sort((a, b) => rank(a) - rank(b));
  return sorted
    .filter(device => parentOf(device, devices) === null)
    .flatMap(device => [
      device,
      ...sorted.filter(one => parentOf(one, devices) === device.uuid)
    ])
    .filter(wanted);
}

/** The UUID of a MIG instance's GPU, where that is here too. */
function parentOf(device: Device, devices: Device[]): string | null {
  return devices.some(one => one.uuid === device.parent) ? device.parent : null;
}

/** A hidden GPU takes its MIG instances with it. */
function isShown(
  { uuid, parent }: Device,
  devices: Device[],
  { hidden }: Arrangement
): boolean {
  return (
    !hidden.includes(uuid) &&
    !(
      parent !== null &&
      hidden.includes(parent) &&
      devices.some(one => one.uuid === parent)
    )
  );
}
