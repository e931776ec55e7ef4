import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Device } from '../api';
import type { Units } from '../ui';
import { fraction, memoryOf, percent, temperature, watts } from '../ui';
import { Holders } from './holders';
import { deviceState, deviceTitle } from './names';
import type { INotebooks } from './notebooks';
import type { IDeviceHistory } from './series';
import { Sparkline } from './sparkline';

/** States with figures to show; of a device that does not answer they are the last it gave. */
const SHOWN: Device['state'][] = ['ok', 'not-answering'];

interface ICardProps {
  device: Device;
  history: IDeviceHistory;
  notebooks: INotebooks;
  units: Units;
  trans: TranslationBundle;
}

/** One device: its name, memory, use, and who holds it. */
export const DeviceCard = React.memo(
  (props: ICardProps): React.ReactElement => {
    const { device, trans } = props;
    const title = deviceTitle(device, trans);
    return (
      <section className="jp-tfgpu-Card jp-tfgpu-Device" aria-label={title}>
        <header className="jp-tfgpu-Card-header">
          <span className="jp-tfgpu-Device-title">{title}</span>
          <span className="jp-tfgpu-Device-name" title={device.uuid}>
            {device.name}
          </span>
          <Badges {...props} />
        </header>
        {device.state !== 'ok' && <State {...props} />}
        {SHOWN.includes(device.state) && <Figures {...props} />}
        <Holders {...props} />
      </section>
    );
  }
);

function Badges({ device, trans }: ICardProps): React.ReactElement | null {
  if (device.allotted) {
    return null;
  }
  return (
    <span
      className="jp-tfgpu-Badge jp-mod-muted"
      title={trans.__(
        'The server was started with CUDA_VISIBLE_DEVICES, and this device is not among them.'
      )}
    >
      {trans.__('not allotted')}
    </span>
  );
}

function State({ device, trans }: ICardProps): React.ReactElement {
  return (
    <div className="jp-tfgpu-Message jp-mod-error" role="status">
      {deviceState(device.state, trans)}
    </div>
  );
}

function Figures({
  device,
  history,
  units,
  trans
}: ICardProps): React.ReactElement {
  const { memory, utilization, power } = device;
  const used = fraction(memory?.used, memory?.total);
  return (
    <>
      <Labelled label={trans.__('Memory')}>
        {memoryOf(memory?.used, memory?.total, units)}
      </Labelled>
      <Bar
        label={trans.__('Memory')}
        value={used}
        text={memoryOf(memory?.used, memory?.total, units)}
      />
      {device.host_memory && (
        <div className="jp-tfgpu-Note">
          {trans.__('This device uses the memory of the host.')}
        </div>
      )}
      <Labelled label={trans.__('Utilization')}>
        {percent(utilization?.gpu)}
      </Labelled>
      <Sparkline
        {...history}
        label={trans.__('Utilization and memory over the last readings')}
      />
      <div className="jp-tfgpu-Device-figures">
        <span className="jp-tfgpu-Number" title={trans.__('Temperature')}>
          {temperature(device.temperature, units)}
        </span>
        <span
          className="jp-tfgpu-Number"
          title={trans.__('Power, used and allowed')}
        >
          {watts(power?.usage, power?.limit)}
        </span>
      </div>
    </>
  );
}

/** A number at the right edge with its name at the left. */
function Labelled(props: {
  label: string;
  children: string;
}): React.ReactElement {
  return (
    <div className="jp-tfgpu-Device-figures">
      <span>{props.label}</span>
      <span className="jp-tfgpu-Number">{props.children}</span>
    </div>
  );
}

/** A bar for a fraction 0-1; null: not known. */
function Bar(props: {
  label: string;
  value: number | null;
  text: string;
}): React.ReactElement {
  const { label, value, text } = props;
  const share = value === null ? null : Math.round(value * 100);
  return (
    <div
      className="jp-tfgpu-Bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(share !== null && { 'aria-valuenow': share })}
      aria-valuetext={text}
    >
      <div className="jp-tfgpu-Bar-fill" style={{ width: `${share ?? 0}%` }} />
    </div>
  );
}
