import type { TranslationBundle } from '@jupyterlab/translation';

import type { Device } from '../api';

interface IReason {
  /** What it is, in a word or two. */
  readonly name: string;
  /** What it means. */
  readonly title: string;
  /** Whether something is wrong with the machine, rather than the device at work within its limits. */
  readonly alarming: boolean;
}

/**
 * Why a device runs slower than it could, for a person. The server names the
 * reasons after NVML's nvmlClocksEventReason (nvml.h).
 */
function throttleReason(reason: string, trans: TranslationBundle): IReason {
  const [name, title, alarming] = words(reason, trans);
  return { name, title, alarming };
}

/** The same of all reasons that a device has; what is wrong comes first. */
export function throttleReasons(
  { throttle }: Device,
  trans: TranslationBundle
): IReason[] {
  const reasons = (throttle ?? []).map(each => throttleReason(each, trans));
  return [
    ...reasons.filter(({ alarming }) => alarming),
    ...reasons.filter(({ alarming }) => !alarming)
  ];
}

function words(
  reason: string,
  trans: TranslationBundle
): [name: string, title: string, alarming: boolean] {
  switch (reason) {
    case 'power':
      return [
        trans.__('power limit'),
        trans.__(
          'It draws as much power as its limit allows. Usual at full load.'
        ),
        false
      ];
    case 'thermal':
      return [
        trans.__('heat'),
        trans.__('It is too hot. Look at fans, dust and the room.'),
        true
      ];
    case 'sync-boost':
      return [
        trans.__('sync boost'),
        trans.__('It keeps pace with the slowest device of its group.'),
        false
      ];
    case 'power-brake':
      return [
        trans.__('power brake'),
        trans.__('The power supply asks it to slow down.'),
        true
      ];
    case 'board-limit':
      return [
        trans.__('board limit'),
        trans.__('The board has reached one of its limits.'),
        false
      ];
    case 'reliability':
      return [
        trans.__('voltage limit'),
        trans.__('The voltage may not go higher: the chip would wear out.'),
        false
      ];
    case 'hardware':
      return [
        trans.__('hardware'),
        trans.__(
          'The hardware slows it down: heat, power, or a fault; the driver does not say which.'
        ),
        true
      ];
    default:
      return [reason, trans.__('The driver gives this reason.'), false];
  }
}
