import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Device } from '../api';
import type { Units } from '../ui';
import type { IAuto } from './auto';
import { autoPin } from './auto';
import { choosable } from '../devices/lines';

/** Bytes of the units in which memory is asked for. */
const SIZES = { GiB: 2 ** 30, GB: 1e9 };

/** As many as the server takes in a pin. */
const MOST = 64;

/** Asks how many devices are to be chosen at the start, and by what; the pin, null where nothing is to change. */
export async function askAuto(
  now: IAuto | null,
  devices: Device[],
  units: Units,
  trans: TranslationBundle
): Promise<string | null> {
  const { button, value } = await showDialog({
    title: trans.__('Choose GPUs when the kernel starts'),
    body: new AutoBody(now, choosable(devices), units, trans),
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: trans.__('Choose') })
    ],
    focusNodeSelector: 'input'
  });
  return button.accept ? value : null;
}

class AutoBody extends ReactWidget implements Dialog.IBodyWidget<string> {
  constructor(
    now: IAuto | null,
    private readonly devices: Device[],
    private readonly units: Units,
    private readonly trans: TranslationBundle
  ) {
    super();
    this._wanted = now ?? { count: 1, free: null };
  }

  getValue(): string {
    return autoPin(this._wanted);
  }

  protected override render(): React.ReactElement {
    return (
      <Auto
        wanted={this._wanted}
        devices={this.devices}
        units={this.units}
        onChange={wanted => {
          this._wanted = wanted;
        }}
        trans={this.trans}
      />
    );
  }

  private _wanted: IAuto;
}

function Auto(props: {
  /** What is asked for at first. */
  wanted: IAuto;
  devices: Device[];
  units: Units;
  onChange: (wanted: IAuto) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { devices, units, onChange, trans } = props;
  const unit = SIZES[units.memory];
  const [wanted, setWanted] = React.useState(props.wanted);
  // What is typed may be half a number.
  const [count, setCount] = React.useState(String(wanted.count));
  const [free, setFree] = React.useState(
    wanted.free === null ? '' : String(Number((wanted.free / unit).toFixed(1)))
  );
  const take = (next: IAuto) => {
    setWanted(next);
    onChange(next);
  };
  const takeCount = (text: string) => {
    setCount(text);
    const number = Math.floor(Number(text));
    take({ ...wanted, count: Math.min(MOST, Math.max(1, number || 1)) });
  };
  const takeFree = (text: string) => {
    setFree(text);
    const number = Number(text);
    take({ ...wanted, free: number > 0 ? number * unit : null });
  };
  return (
    <div className="jp-tfgpu-Choice">
      <label className="jp-tfgpu-Choice-field">
        <span>{trans.__('How many GPUs')}</span>
        <input
          type="number"
          className="jp-mod-styled"
          min={1}
          max={MOST}
          value={count}
          onChange={event => takeCount(event.target.value)}
        />
      </label>
      <label className="jp-tfgpu-Choice-field">
        <span>
          {trans.__('Free memory on each, at least (%1)', units.memory)}
        </span>
        <input
          type="number"
          className="jp-mod-styled"
          min={0}
          step="any"
          placeholder={trans.__('any')}
          value={free}
          onChange={event => takeFree(event.target.value)}
        />
      </label>
      <p aria-live="polite">{nowText(wanted, devices, trans)}</p>
    </div>
  );
}

/** Whether there are enough now; at the start it is looked at again. */
function nowText(
  { count, free }: IAuto,
  devices: Device[],
  trans: TranslationBundle
): string {
  const fit = devices.filter(
    ({ memory }) => free === null || (memory?.free ?? 0) >= free
  ).length;
  const sentence =
    free === null
      ? trans._n('This server has %1 GPU.', 'This server has %1 GPUs.', fit)
      : trans._n(
          '%1 GPU has that much free now.',
          '%1 GPUs have that much free now.',
          fit
        );
  return [sentence, consequence(count, devices.length, fit, trans)].join(' ');
}

function consequence(
  count: number,
  all: number,
  fit: number,
  trans: TranslationBundle
): string {
  if (all < count) {
    return trans.__('A kernel that starts now gets fewer than it asks for.');
  }
  return fit < count
    ? trans.__('A kernel that starts now gets others too, and says so.')
    : trans.__('The freest are taken at each start.');
}
