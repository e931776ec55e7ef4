import type { TranslationBundle } from '@jupyterlab/translation';

import type { Device } from '../api';

/** What a device is called for a person: `GPU 0`, or `MIG` with the end of its UUID. */
export function deviceTitle(device: Device, trans: TranslationBundle): string {
  return device.index === null
    ? trans.__('MIG %1', device.uuid.replace(/^MIG-/, '').slice(0, 8))
    : trans.__('GPU %1', String(device.index));
}

/** A sentence for the state of a device that is not ok. */
export function deviceState(
  state: Device['state'],
  trans: TranslationBundle
): string {
  switch (state) {
    case 'ok':
      return '';
    case 'lost':
      return trans.__(
        'The driver has lost this device. It comes back with a reset or a reboot.'
      );
    case 'reset-required':
      return trans.__(
        'This device has to be reset before it can be used again.'
      );
    case 'not-answering':
      return trans.__('This device does not answer.');
    case 'error':
      return trans.__('The driver reports an error of this device.');
  }
}
