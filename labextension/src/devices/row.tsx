import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Device } from '../api';
import type { Units } from '../ui';
import { memoryOf, percent, temperature } from '../ui';
import { Badges, badgesOf } from './badges';
import { Bar } from './bar';
import { LiveSparkline, Use } from './figures';
import { groupsOf, partsOf } from './holding';
import { deviceModel, deviceTitle, stateWord } from './names';
import type { ITools } from './tools';

/** A device that is used by less than this share of the time does not catch the eye. */
const BUSY = 0.05;

interface IRowProps {
  device: Device;
  units: Units;
  tools: ITools;
}

/** The figures beside the name in a compact row; of a device that does not work its state. */
export function RowFigures(props: IRowProps): React.ReactElement {
  const { device, units, tools } = props;
  if (device.state !== 'ok') {
    return (
      <span className="jp-tfgpu-Badge jp-mod-broken">
        {stateWord(device.state, tools.trans)}
      </span>
    );
  }
  const busy = (device.utilization?.gpu ?? 0) >= BUSY;
  return (
    <span className={`jp-tfgpu-Row-figures${busy ? ' jp-mod-busy' : ''}`}>
      <Use {...props} />
      {device.parent === null && (
        <span className="jp-tfgpu-Number">
          {temperature(device.temperature, units)}
        </span>
      )}
    </span>
  );
}

/** What stands below: the memory by holder, the last readings, and what is unusual. */
export function RowBody(props: IRowProps): React.ReactElement | null {
  const { device, tools } = props;
  if (device.state !== 'ok') {
    return null;
  }
  const parts = partsOf(device, groupsOf(device));
  const use = device.utilization?.gpu ?? 0;
  return (
    <>
      <span className="jp-tfgpu-Row-use" style={{ height: `${use * 100}%` }} />
      <span className="jp-tfgpu-Row-line">
        <Bar parts={parts} label={null} colors={tools.colors} />
        <LiveSparkline uuid={device.uuid} tools={tools} label={null} />
      </span>
      <Badges device={device} brief trans={tools.trans} />
    </>
  );
}

/** A compact row in a sentence. */
export function rowLabel(
  device: Device,
  units: Units,
  trans: TranslationBundle
): string {
  const { state, memory, utilization } = device;
  const said = [deviceTitle(device, trans), deviceModel(device)];
  if (state === 'ok') {
    said.push(
      trans.__('utilization %1', percent(utilization?.gpu)),
      trans.__('memory %1', memoryOf(memory?.used, memory?.total, units))
    );
    if (device.parent === null) {
      said.push(temperature(device.temperature, units));
    }
  } else {
    said.push(stateWord(state, trans));
  }
  said.push(...badgesOf(device, trans).map(({ text }) => text));
  return said.filter(Boolean).join(', ');
}
