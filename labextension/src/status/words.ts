import type { TranslationBundle } from '@jupyterlab/translation';

import type { Device, Driver } from '../api';
import { deviceTitle } from '../devices';
import { deviceState } from '../devices/names';
import type { ILiveModel } from '../live';
import type { Units } from '../ui';
import { memoryOf, percent, temperature } from '../ui';
import { isWorking } from './figures';

/** A few words for a driver that does not work. */
export function driverText(
  status: Driver['status'],
  trans: TranslationBundle
): string {
  switch (status) {
    case 'not-loaded':
      return trans.__('GPU: driver not loaded');
    case 'library-mismatch':
      return trans.__('GPU: driver mismatch');
    case 'no-permission':
      return trans.__('GPU: no permission');
    case 'gpu-lost':
      return trans.__('GPU: lost');
    case 'not-answering':
      return trans.__('GPU: driver not answering');
    default:
      return trans.__('GPU: driver error');
  }
}

/**
 * Why the figures are not those of now; null: they are, or the driver hangs,
 * which its own message tells better. A pause alone is no reason.
 */
export function reasonDimmed(
  live: Pick<ILiveModel, 'state' | 'stale' | 'receivedAt'>,
  driver: Driver['status'],
  trans: TranslationBundle
): string | null {
  const since = live.receivedAt?.toLocaleTimeString() ?? '';
  if (live.state === 'closed') {
    return trans.__(
      'Connection lost: this is how it was at %1. Trying again…',
      since
    );
  }
  return live.stale && driver !== 'not-answering'
    ? trans.__('No new reading since %1.', since)
    : null;
}

/** A line on each device. */
export function tell(
  devices: Device[],
  units: Units,
  trans: TranslationBundle
): string[] {
  return devices.map(device => {
    const { name, memory, utilization } = device;
    const title = deviceTitle(device, trans);
    const who = name === null ? title : `${title}, ${name}`;
    const what = isWorking(device)
      ? [
          percent(utilization?.gpu),
          memoryOf(memory?.used, memory?.total, units),
          temperature(device.temperature, units)
        ].join(' · ')
      : deviceState(device.state, trans);
    return `${who}: ${what}`;
  });
}
