import { caretDownIcon, ellipsesIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Device } from '../api';
import type { Units } from '../ui';
import { atPointer, belowButton } from '../ui';
import { Badges } from './badges';
import { Details } from './details';
import { Figures } from './figures';
import { Memory } from './memory';
import { openDeviceMenu } from './menu';
import { deviceModel, deviceState, deviceTitle } from './names';
import { useOpened } from './opened';
import { RowBody, RowFigures, rowLabel } from './row';
import type { ITools } from './tools';

/** States with figures to show; of a device that does not answer they are the last it gave. */
const SHOWN: Device['state'][] = ['ok', 'not-answering'];

export interface ICardProps {
  device: Device;
  /** A row that opens to a card. */
  compact: boolean;
  /** A MIG instance below its GPU. */
  nested: boolean;
  units: Units;
  tools: ITools;
}

/** One device: its name, memory, use, and who holds it. */
export const DeviceCard = React.memo(
  (props: ICardProps): React.ReactElement => {
    const { device, compact, nested, tools } = props;
    const [opened, toggle] = useOpened(tools.opened, `row ${device.uuid}`);
    const closed = compact && !opened;
    const classes = ['jp-tfgpu-Card', 'jp-tfgpu-Device'];
    if (nested) {
      classes.push('jp-mod-nested');
    }
    if (closed) {
      classes.push('jp-mod-compact');
    }
    return (
      <section
        className={classes.join(' ')}
        aria-label={deviceTitle(device, tools.trans)}
        data-uuid={device.uuid}
        onContextMenu={event => {
          // With Shift it is the browser's own, as elsewhere in JupyterLab.
          if (!event.shiftKey) {
            event.preventDefault();
            event.stopPropagation();
            openDeviceMenu(device, tools, atPointer(event));
          }
        }}
      >
        <header className="jp-tfgpu-Card-header">
          {compact ? (
            <RowButton {...props} opened={opened} toggle={toggle} />
          ) : (
            <Title {...props} />
          )}
          {!closed && <MenuButton {...props} />}
        </header>
        {!closed && <Body {...props} />}
      </section>
    );
  }
);

function Title({ device, tools }: ICardProps): React.ReactElement {
  return (
    <>
      <span className="jp-tfgpu-Device-title">
        {deviceTitle(device, tools.trans)}
      </span>
      <span
        className="jp-tfgpu-Device-name"
        title={[device.name, device.uuid].filter(Boolean).join('\n')}
      >
        {deviceModel(device)}
      </span>
    </>
  );
}

/** The head of a compact row. It stays where it is as the row opens, and keeps the focus. */
function RowButton(
  props: ICardProps & { opened: boolean; toggle: () => void }
): React.ReactElement {
  const { device, units, tools, opened, toggle } = props;
  return (
    <button
      type="button"
      className="jp-tfgpu-Row"
      aria-expanded={opened}
      aria-label={rowLabel(device, units, tools.trans)}
      onClick={toggle}
    >
      <span className="jp-tfgpu-Row-line">
        <Title {...props} />
        {opened ? (
          <caretDownIcon.react tag="span" stylesheet="menuItem" />
        ) : (
          <RowFigures {...props} />
        )}
      </span>
      {!opened && <RowBody {...props} />}
    </button>
  );
}

function MenuButton({ device, tools }: ICardProps): React.ReactElement {
  const { trans } = tools;
  return (
    <button
      type="button"
      className="jp-tfgpu-IconButton"
      title={trans.__('More')}
      aria-label={trans.__('Menu of %1', deviceTitle(device, trans))}
      aria-haspopup="menu"
      onClick={event => openDeviceMenu(device, tools, belowButton(event))}
    >
      <ellipsesIcon.react tag="span" stylesheet="menuItem" />
    </button>
  );
}

function Body(props: ICardProps): React.ReactElement {
  const { device, tools } = props;
  const { trans } = tools;
  const works = SHOWN.includes(device.state);
  return (
    <>
      <Badges device={device} trans={trans} />
      {device.state !== 'ok' && (
        <div className="jp-tfgpu-Message jp-mod-error" role="status">
          {deviceState(device.state, trans)}
        </div>
      )}
      {(works || device.memory !== null || device.holders.length > 0) && (
        <Memory {...props} />
      )}
      {device.mig && (
        <div className="jp-tfgpu-Note">
          {trans.__(
            'Divided into MIG instances; its utilization is not measured.'
          )}
        </div>
      )}
      {works && (
        <>
          <Figures {...props} />
          <Details {...props} />
        </>
      )}
    </>
  );
}
