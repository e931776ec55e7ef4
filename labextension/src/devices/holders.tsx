import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Device, Holder } from '../api';
import type { Units } from '../ui';
import { baseName, memory, useSignalValue } from '../ui';
import type { INotebooks } from './notebooks';

/** Who holds memory on a device: notebooks by name, other processes by command. */
export function Holders(props: {
  device: Device;
  notebooks: INotebooks;
  units: Units;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { device, notebooks, units, trans } = props;
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
          <HolderName holder={holder} notebooks={notebooks} trans={trans} />
          <span className="jp-tfgpu-Number">
            {memory(holder.memory, units)}
          </span>
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
          <span className="jp-tfgpu-Number">{memory(rest, units)}</span>
        </li>
      ) : null}
    </ul>
  );
}

/** A holder's name; that of a notebook of this server opens it. */
function HolderName(props: {
  holder: Holder;
  notebooks: INotebooks;
  trans: TranslationBundle;
}): React.ReactElement {
  const { holder, notebooks, trans } = props;
  const path = useSignalValue(notebooks.changed, () =>
    notebooks.pathOf(holder.kernel_id)
  );
  const name = holderName(holder, trans);
  const title = holderTitle(holder, trans);
  if (path === null) {
    return (
      <span className="jp-tfgpu-Holder-name" title={title}>
        {name}
      </span>
    );
  }
  return (
    <button
      type="button"
      className="jp-tfgpu-Holder-name jp-tfgpu-Link"
      title={title}
      aria-label={trans.__('Open %1', name)}
      onClick={() => notebooks.open(path)}
    >
      {name}
    </button>
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
