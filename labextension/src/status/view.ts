import type { TranslationBundle } from '@jupyterlab/translation';

import { describeNoExtension } from '../api';
import type { Device, Driver, KernelUse, Reading } from '../api';
import type { IDisplay } from '../display';
import type { ILiveModel } from '../live';
import { unmarked } from '../ui';
import { figuresOf, isWorking } from './figures';
import type { IBar, IFigures } from './figures';
import { barsOf } from './figures';
import { matters, wholeDevices } from './matters';
import { driverText, reasonDimmed, tell } from './words';

/** What the item shows. All of it is text and numbers, so that two can be compared. */
export interface IStatusView {
  /** `quiet`: there is nothing to see; `warning`: something is wrong. */
  readonly level: 'quiet' | 'ok' | 'warning';
  readonly label: string;
  readonly figures: IFigures | null;
  readonly bars: readonly IBar[];
  /** A word or two on what is wrong with a device. */
  readonly trouble: string | null;
  readonly simulated: boolean;
  /** The figures are old, or the connection is lost. */
  readonly dimmed: boolean;
  /** Everything, in sentences, a line each. */
  readonly title: string;
}

/** What is known when the view is made. */
export interface IKnown {
  readonly live: Pick<ILiveModel, 'state' | 'stale' | 'reading' | 'receivedAt'>;
  /** The kernel of the notebook that the user works in; null: none. */
  readonly kernel: KernelUse | null;
  readonly display: Pick<IDisplay, 'shown' | 'units'>;
  readonly trans: TranslationBundle;
}

/** What there is to show; null: nothing yet, or the user hides every device. */
export function look(known: IKnown): IStatusView | null {
  const { live, display, trans } = known;
  const { reading, state } = live;
  if (state === 'no-extension') {
    const title = describeNoExtension(trans);
    return words('warning', trans.__('GPU: server part missing'), title);
  }
  if (reading === null) {
    return state === 'closed'
      ? {
          ...words(
            'quiet',
            trans.__('GPU: no connection'),
            trans.__('The server does not answer. Trying again…')
          ),
          dimmed: true
        }
      : null;
  }
  const devices = display.shown(reading.devices);
  if (reading.devices.length > 0 && devices.length === 0) {
    return null;
  }
  const view =
    devices.length === 0 || reading.driver.status === 'not-answering'
      ? lookAtDriver(reading, devices, known)
      : lookAtDevices(reading, devices, known);
  const dimmed = reasonDimmed(live, reading.driver.status, trans);
  return {
    ...view,
    simulated: reading.simulated,
    dimmed: dimmed !== null,
    title: [
      ...(dimmed === null ? [] : [dimmed]),
      ...(reading.simulated ? [trans.__('The devices are simulated.')] : []),
      view.title
    ].join('\n')
  };
}

/** A driver that shows no device, or hangs. */
function lookAtDriver(
  { driver }: Reading,
  devices: Device[],
  { display, trans }: IKnown
): IStatusView {
  const title = [
    ...sentences(driver),
    ...tell(devices, display.units, trans)
  ].join('\n');
  if (driver.status === 'absent' || driver.status === 'ok') {
    return words(
      'quiet',
      trans.__('no GPU'),
      title || trans.__('The driver answers and lists no device.')
    );
  }
  const text = driverText(driver.status, trans);
  return words('warning', text, title || text);
}

function lookAtDevices(
  { driver }: Reading,
  devices: Device[],
  { kernel, display, trans }: IKnown
): IStatusView {
  const { units } = display;
  const chosen = matters(devices, kernel);
  const counted = wholeDevices(chosen ?? devices);
  const broken = devices.filter(device => !isWorking(device));
  return {
    level: driver.status === 'ok' && broken.length === 0 ? 'ok' : 'warning',
    label: labelOf(counted, wholeDevices(devices), trans),
    figures: figuresOf(counted, units),
    bars: barsOf(counted),
    trouble: broken.length > 0 ? troubleOf(broken, trans) : null,
    simulated: false,
    dimmed: false,
    title: [
      ...sentences(driver),
      ...(chosen ? [trans.__('Devices of this notebook’s kernel:')] : []),
      ...tell(chosen ?? devices, units, trans),
      ...(chosen
        ? tell(
            broken.filter(one => !chosen.includes(one)),
            units,
            trans
          )
        : [])
    ].join('\n')
  };
}

/** `GPU` where there is one alone, `GPU 1`, `4 GPUs`, `2 of 4 GPUs`. */
function labelOf(
  counted: Device[],
  all: Device[],
  trans: TranslationBundle
): string {
  const [only] = counted;
  if (all.length === 1 && only === all[0]) {
    return trans.__('GPU');
  }
  if (counted.length === 1 && only) {
    return nameOf(only, trans);
  }
  return counted.length === all.length
    ? trans._n('%1 GPU', '%1 GPUs', all.length)
    : trans.__('%1 of %2 GPUs', String(counted.length), String(all.length));
}

function nameOf(device: Device, trans: TranslationBundle): string {
  return device.index === null
    ? trans.__('MIG')
    : trans.__('GPU %1', String(device.index));
}

function troubleOf(broken: Device[], trans: TranslationBundle): string {
  const lost = broken.filter(device => device.state === 'lost').length;
  return lost > 0
    ? trans._n('%1 lost', '%1 lost', lost)
    : trans._n('%1 not usable', '%1 not usable', broken.length);
}

function sentences({ message, advice }: Driver): string[] {
  return [message, advice].filter(text => text !== null).map(unmarked);
}

function words(
  level: IStatusView['level'],
  label: string,
  title: string
): IStatusView {
  return {
    level,
    label,
    figures: null,
    bars: [],
    trouble: null,
    simulated: false,
    dimmed: false,
    title
  };
}
