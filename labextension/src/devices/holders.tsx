import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Device, Holder } from '../api';
import { baseName, memory } from '../ui';

/** Who holds memory on a device: notebooks by name, other processes by command. */
export function Holders(props: {
  device: Device;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { device, trans } = props;
  const rest = device.unattributed_memory;
  if (device.holders.length === 0 && !rest) {
    return null;
  }
  return (
    <ul
      className="jp-tfgpu-Holders"
      aria-label={trans.__('Who holds memory on it')}
    >
      {device.holders.map(holder => (
        <li
          key={holder.pid}
          className={holder.notebook ? 'jp-mod-notebook' : ''}
        >
          <span
            className="jp-tfgpu-Holder-name"
            title={holderTitle(holder, trans)}
          >
            {holderName(holder, trans)}
          </span>
          <span className="jp-tfgpu-Number">{memory(holder.memory)}</span>
        </li>
      ))}
      {rest ? (
        <li>
          <span
            className="jp-tfgpu-Holder-name"
            title={trans.__(
              'Memory in use that belongs to no process visible from here.'
            )}
          >
            {trans.__('not visible from here')}
          </span>
          <span className="jp-tfgpu-Number">{memory(rest)}</span>
        </li>
      ) : null}
    </ul>
  );
}

function holderName(holder: Holder, trans: TranslationBundle): string {
  if (holder.notebook) {
    return baseName(holder.notebook);
  }
  if (holder.command) {
    return holder.command;
  }
  return holder.user === 'other'
    ? trans.__('another user')
    : trans.__('a process');
}

function holderTitle(holder: Holder, trans: TranslationBundle): string {
  const pid = trans.__('process %1', String(holder.pid));
  const name = holder.notebook ?? holder.command;
  return name ? `${name} (${pid})` : pid;
}
