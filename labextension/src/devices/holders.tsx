import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Device } from '../api';
import type { Units } from '../ui';
import { memory, percent, useSignalValue } from '../ui';
import { inColor } from './colors';
import type { IGroup, IPart } from './holding';
import { UNSEEN } from './holding';
import { holderName } from './names';
import { useOpened } from './opened';
import type { ITools } from './tools';

/** Other processes that are listed before the rest is folded away. */
const LISTED = 4;

interface IHoldersProps {
  device: Device;
  groups: readonly IGroup[];
  parts: readonly IPart[] | null;
  units: Units;
  tools: ITools;
  /** The key of the holder that is pointed at, here or in the bar. */
  lit: string | null;
  onLit: (key: string | null) => void;
}

/** Who holds memory on a device: notebooks by name, other processes by command. */
export function Holders(props: IHoldersProps): React.ReactElement | null {
  const { device, groups, parts, tools } = props;
  const { opened, trans } = tools;
  const [all, toggle] = useOpened(opened, `holders ${device.uuid}`);
  const rest = device.unattributed_memory;
  const untold = parts?.find(({ kind }) => kind === 'used');
  if (groups.length === 0 && !rest && !untold) {
    return null;
  }
  const kernels = groups.filter(({ kernelId }) => kernelId !== null);
  const listed = all ? groups : groups.slice(0, kernels.length + LISTED);
  const folded = groups.length - listed.length;
  return (
    <ul
      className="jp-tfgpu-Holders"
      aria-label={trans.__('Who holds memory on it')}
    >
      {listed.map(group => (
        <HolderRow key={group.key} {...props} group={group} />
      ))}
      {(folded > 0 || all) && (
        <li>
          <button type="button" className="jp-tfgpu-Link" onClick={toggle}>
            {all
              ? trans.__('Show fewer')
              : trans._n('%1 more process', '%1 more processes', folded)}
          </button>
        </li>
      )}
      {rest ? (
        <NobodysRow
          {...props}
          kind="unseen"
          bytes={rest}
          name={trans.__('not visible from here')}
          title={trans.__(
            'Memory in use that belongs to no process visible from here.'
          )}
        />
      ) : null}
      {untold && (
        <NobodysRow
          {...props}
          kind="used"
          bytes={untold.bytes}
          name={trans.__('in use, not told by whom')}
          title={trans.__(
            'Memory in use of which the driver does not tell here who holds it, as under WSL2 and Windows.'
          )}
        />
      )}
    </ul>
  );
}

function HolderRow(
  props: IHoldersProps & { group: IGroup }
): React.ReactElement {
  const { group, units, tools } = props;
  const { kernelId } = group;
  return (
    <Row
      {...props}
      id={group.key}
      kind={kernelId === null ? 'process' : 'kernel'}
      color={kernelId === null ? null : tools.colors.of(kernelId)}
    >
      <HolderName group={group} tools={tools} />
      {group.utilization !== null && (
        <span className="jp-tfgpu-Holder-use jp-tfgpu-Number">
          {percent(group.utilization)}
        </span>
      )}
      <span
        className="jp-tfgpu-Number"
        title={
          group.memory === null
            ? tools.trans.__(
                'The driver does not tell here how much memory a process holds, as under WSL2 and Windows.'
              )
            : undefined
        }
      >
        {memory(group.memory, units)}
      </span>
    </Row>
  );
}

/** Memory in use that no holder in the list is known to hold. */
function NobodysRow(
  props: IHoldersProps & {
    kind: 'unseen' | 'used';
    bytes: number;
    name: string;
    title: string;
  }
): React.ReactElement {
  return (
    <Row {...props} id={UNSEEN} color={null}>
      <span className="jp-tfgpu-Holder-name" title={props.title}>
        {props.name}
      </span>
      <span className="jp-tfgpu-Number">
        {memory(props.bytes, props.units)}
      </span>
    </Row>
  );
}

/** A row with the swatch of its stretch of the bar; pointing at one shows the other. */
function Row(props: {
  id: string;
  kind: 'kernel' | 'process' | 'unseen' | 'used';
  color: string | null;
  lit: string | null;
  onLit: (key: string | null) => void;
  children: React.ReactNode;
}): React.ReactElement {
  const { id, kind, color, lit, onLit } = props;
  const point = () => onLit(id);
  const leave = () => onLit(null);
  return (
    <li
      className={`jp-mod-${kind}${id === lit ? ' jp-mod-lit' : ''}`}
      onMouseEnter={point}
      onMouseLeave={leave}
      onFocus={point}
      onBlur={leave}
    >
      <span
        className={`jp-tfgpu-Swatch jp-mod-${kind}`}
        style={color === null ? undefined : inColor(color)}
        aria-hidden
      />
      {props.children}
    </li>
  );
}

/** A holder's name; that of a notebook of this server opens it. */
function HolderName(props: {
  group: IGroup;
  tools: ITools;
}): React.ReactElement {
  const { group, tools } = props;
  const { notebooks, trans } = tools;
  const path = useSignalValue(notebooks.changed, () =>
    notebooks.pathOf(group.kernelId)
  );
  const name = holderName(group.holder, trans);
  const title = groupTitle(group, trans);
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

/** The whole name, the processes, and what they use of the device where that is known. */
function groupTitle(group: IGroup, trans: TranslationBundle): string {
  const { holder, pids, utilization } = group;
  const processes = trans._n(
    'process %2',
    '%1 processes: %2',
    pids.length,
    pids.join(', ')
  );
  const name = holder.notebook ?? holder.command;
  const title = name ? `${name} (${processes})` : processes;
  return utilization === null
    ? title
    : `${title}\n${trans.__('Utilization: %1', percent(utilization))}`;
}
