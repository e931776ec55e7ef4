import type { TranslationBundle } from '@jupyterlab/translation';

import type { Device, KernelUse } from '../api';
import { deviceTitle } from '../devices';
import type { Units } from '../ui';
import { baseName, memory, percent, temperature, unmarked } from '../ui';
import type { Alert } from './alert';

/** JupyterLab cuts a notification behind 140 characters; a long name shall not cost the rest. */
const NAME = 36;

/** What a person is told of an alert. */
export function sentence(
  alert: Alert,
  units: Units,
  simulated: boolean,
  trans: TranslationBundle
): string {
  const text = say(alert, units, trans);
  return simulated ? trans.__('Simulated: %1', text) : text;
}

function say(alert: Alert, units: Units, trans: TranslationBundle): string {
  switch (alert.kind) {
    case 'memory':
      return trans.__(
        '%1: %2 of its memory is in use, over %3.',
        nameOf(alert.device, trans),
        percent(alert.share),
        percent(alert.limit / 100)
      );
    case 'temperature':
      return trans.__(
        '%1 is at %2, over %3.',
        nameOf(alert.device, trans),
        temperature(alert.celsius, units),
        temperature(alert.limit, units)
      );
    case 'unused': {
      const holds =
        alert.memory === null
          ? trans.__('memory')
          : memory(alert.memory, units);
      return trans.__(
        '%1 holds %2 on %3 and has not used it since %4.',
        kernelName(alert.kernel, trans),
        holds,
        nameOf(alert.device, trans),
        timeOf(alert.since)
      );
    }
    case 'lost':
      return sayLost(alert.device, alert.driver.message, trans);
    case 'driver':
      return alert.driver.message === null
        ? trans.__('The GPU driver does not work any more.')
        : trans.__(
            'The GPU driver does not work any more: %1',
            unmarked(alert.driver.message)
          );
  }
}

function sayLost(
  device: Device | null,
  message: string | null,
  trans: TranslationBundle
): string {
  if (device === null) {
    return message === null
      ? trans.__('The driver has lost a GPU.')
      : unmarked(message);
  }
  return device.state === 'reset-required'
    ? trans.__(
        '%1 has to be reset before it can be used again.',
        nameOf(device, trans)
      )
    : trans.__(
        '%1 is lost. It comes back with a reset or a reboot.',
        nameOf(device, trans)
      );
}

/** What a person is told when the cause of an alert has ended; null: nothing. */
export function sayBack(alert: Alert, trans: TranslationBundle): string | null {
  switch (alert.kind) {
    case 'lost':
      return alert.device === null
        ? null
        : trans.__('%1 is back.', nameOf(alert.device, trans));
    case 'driver':
      return trans.__('The GPU driver works again.');
    default:
      return null;
  }
}

/** `train.ipynb`, or what is known of a kernel without a notebook. */
export function kernelName(
  kernel: KernelUse,
  trans: TranslationBundle
): string {
  if (kernel.notebook !== null) {
    return shorten(baseName(kernel.notebook));
  }
  return kernel.kernelspec === null
    ? trans.__('A kernel')
    : trans.__('A kernel (%1)', shorten(kernel.kernelspec));
}

/** `GPU 0 (NVIDIA H100)`. */
export function nameOf(device: Device, trans: TranslationBundle): string {
  const title = deviceTitle(device, trans);
  return device.name === null ? title : `${title} (${shorten(device.name)})`;
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit'
  });
}

function shorten(name: string): string {
  return name.length <= NAME ? name : `${name.slice(0, NAME - 1)}…`;
}
