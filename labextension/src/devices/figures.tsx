import * as React from 'react';

import type { Device } from '../api';
import type { Units } from '../ui';
import { UNKNOWN, percent, temperature, useSignalValue, watts } from '../ui';
import { deviceTitle, whyNoUtilization } from './names';
import { Sparkline } from './sparkline';
import type { ITools } from './tools';

interface IFiguresProps {
  device: Device;
  units: Units;
  tools: ITools;
}

/** How a device is used, how warm it is, and what it draws. */
export function Figures(props: IFiguresProps): React.ReactElement {
  const { device, units, tools } = props;
  const { power } = device;
  const { trans } = tools;
  return (
    <>
      <div className="jp-tfgpu-Device-figures">
        <span>{trans.__('Utilization')}</span>
        <Use {...props} />
      </div>
      <Line {...props} />
      {device.parent === null && (
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
      )}
    </>
  );
}

/** The utilization; where it is not known, why. */
export function Use({ device, tools }: IFiguresProps): React.ReactElement {
  const use = device.utilization?.gpu ?? null;
  if (use !== null) {
    return <span className="jp-tfgpu-Number">{percent(use)}</span>;
  }
  return (
    <span
      className="jp-tfgpu-Number jp-tfgpu-Reason"
      title={whyNoUtilization(device, tools.trans)}
    >
      {UNKNOWN}
    </span>
  );
}

/** The last readings as a line; a button to the whole history where that is installed. */
function Line({ device, tools }: IFiguresProps): React.ReactElement {
  const { actions, trans } = tools;
  const clickable = useSignalValue(actions.changed, () => actions.hasHistory);
  const line = (
    <LiveSparkline
      uuid={device.uuid}
      tools={tools}
      label={trans.__('Utilization and memory over the last readings')}
    />
  );
  if (!clickable) {
    return line;
  }
  return (
    <button
      type="button"
      className="jp-tfgpu-HistoryButton"
      title={trans.__(
        'Utilization (line) and memory (dashes) over the last readings. Click for the history.'
      )}
      aria-label={trans.__(
        'Show the history of %1',
        deviceTitle(device, trans)
      )}
      onClick={() => actions.openHistory(device.uuid)}
    >
      {line}
    </button>
  );
}

/** The line renders by itself, so that the card around it need not. */
export function LiveSparkline(props: {
  uuid: string;
  tools: ITools;
  label: string | null;
}): React.ReactElement {
  const { uuid, tools, label } = props;
  const { history } = tools;
  const series = useSignalValue(history.changed, () => history.of(uuid));
  return <Sparkline {...series} label={label} />;
}
