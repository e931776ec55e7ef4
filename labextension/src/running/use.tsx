import * as React from 'react';

import type { Device, KernelUse } from '../api';
import { deviceTitle, inColor } from '../devices';
import type { Units } from '../ui';
import { fraction, memory, memoryOf, percent, useSignalValue } from '../ui';
import type { ITools } from './tools';
import { unusedFor, unusedText } from './unused';

/** Digits of an unknown UUID that are enough to recognise it. */
const SHOWN = 12;

interface IUseProps {
  kernel: KernelUse;
  units: Units;
  tools: ITools;
}

/** What a kernel holds and uses of each device, and for how long it has used none. */
export function DeviceUses(props: IUseProps): React.ReactElement | null {
  const { kernel, tools } = props;
  return kernel.devices.length === 0 ? null : (
    <>
      <ul
        className="jp-tfgpu-Kernel-devices"
        aria-label={tools.trans.__('Memory and utilization by device')}
      >
        {kernel.devices.map(use => (
          <DeviceUse key={use.uuid} {...props} use={use} />
        ))}
      </ul>
      <Unused kernel={kernel} tools={tools} />
    </>
  );
}

function DeviceUse(
  props: IUseProps & { use: KernelUse['devices'][number] }
): React.ReactElement {
  const { kernel, use, units, tools } = props;
  const { live, colors, trans } = tools;
  const device = () => deviceOf(use.uuid, tools);
  const total = useSignalValue(
    live.readingChanged,
    () => device()?.memory?.total ?? null
  );
  const title = useSignalValue(live.readingChanged, () =>
    titleOf(use.uuid, tools)
  );
  const others = useSignalValue(live.readingChanged, () => {
    const used = device()?.memory?.used ?? null;
    const rest =
      used === null || use.memory === null ? null : used - use.memory;
    // In percent: the bar is not wide enough for more.
    return Math.round(100 * (fraction(rest, total) ?? 0));
  });
  return (
    <li>
      <span className="jp-tfgpu-Kernel-device">{title}</span>
      <span
        className="jp-tfgpu-Bar"
        title={trans.__(
          'Of the memory of %1: %2',
          title,
          memoryOf(use.memory, total, units)
        )}
        aria-hidden
        style={inColor(colors.of(kernel.id))}
      >
        <span
          className="jp-tfgpu-Bar-part jp-mod-kernel"
          style={{ flexBasis: share(fraction(use.memory, total) ?? 0) }}
        />
        <span
          className="jp-tfgpu-Bar-part jp-mod-reserved"
          style={{ flexBasis: share(others / 100) }}
        />
      </span>
      <span
        className="jp-tfgpu-Number"
        title={
          use.memory === null
            ? trans.__(
                'The driver does not tell here how much memory a process holds, as under WSL2 and Windows.'
              )
            : trans.__('Memory')
        }
      >
        {memory(use.memory, units)}
      </span>
      <span
        className="jp-tfgpu-Number jp-tfgpu-Kernel-utilization"
        title={
          use.utilization === null
            ? trans.__('The driver does not tell how much this kernel uses it.')
            : trans.__('Utilization by this kernel')
        }
      >
        {percent(use.utilization)}
      </span>
    </li>
  );
}

/**
 * For how long none of its devices was used; where one was, those that were not.
 * Renders by itself as time goes on, so that the row around it need not.
 */
function Unused(props: {
  kernel: KernelUse;
  tools: ITools;
}): React.ReactElement | null {
  const { kernel, tools } = props;
  const { live, newest } = tools;
  const text = useSignalValue(live.readingChanged, () => {
    const now = newest.of(kernel.id) ?? kernel;
    return (
      unusedOf(now.devices, tools) ??
      now.devices
        .map(use => [unusedOf([use], tools), titleOf(use.uuid, tools)])
        .filter(([unused]) => unused !== null)
        .map(([unused, title]) => `${title} ${unused}`)
        .join(', ')
    );
  });
  return text === '' ? null : (
    <div className="jp-tfgpu-Kernel-unused jp-tfgpu-Note jp-tfgpu-Number">
      {text}
    </div>
  );
}

function unusedOf(
  devices: KernelUse['devices'],
  { live, trans }: ITools
): string | null {
  const seconds = unusedFor({ devices }, live.reading?.taken_at ?? null);
  return unusedText(seconds, trans);
}

function deviceOf(uuid: string, { live }: ITools): Device | undefined {
  return live.reading?.devices.find(device => device.uuid === uuid);
}

function titleOf(uuid: string, tools: ITools): string {
  const device = deviceOf(uuid, tools);
  return device ? deviceTitle(device, tools.trans) : uuid.slice(0, SHOWN);
}

function share(fraction: number): string {
  return `${(100 * fraction).toFixed(1)}%`;
}
