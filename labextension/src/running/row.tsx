import {
  closeIcon,
  ellipsesIcon,
  refreshIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { KernelUse } from '../api';
import { givenText, pinText } from '../devices/pins';
import { verdictText } from '../environments';
import { HealthBadge } from '../environments/badge';
import type { IMenuPlace, Units } from '../ui';
import {
  Marked,
  atPointer,
  belowButton,
  openMenu,
  useSignalValue
} from '../ui';
import { linesOf } from './menu';
import { State } from './state';
import type { ITools } from './tools';
import { DeviceUses } from './use';

export interface IRowProps {
  kernel: KernelUse;
  name: string;
  environment: string | null;
  /** Whether there is a framework in it, as far as is known. */
  trains: boolean;
  /** Whether the Tab key gets to it; the arrow keys get to the others. */
  current: boolean;
  units: Units;
  tools: ITools;
}

/** One running kernel: whose it is, what it has and holds, and what can be done with it. */
export const KernelRow = React.memo((props: IRowProps): React.ReactElement => {
  const { kernel, environment, tools } = props;
  const { actions, trans } = tools;
  const { id, server } = kernel;
  const doing = useSignalValue(actions.underway.changed, () =>
    actions.underway.of(id)
  );
  const ours = server === null;
  return (
    <li
      className="jp-tfgpu-Card jp-tfgpu-Kernel"
      data-item={id}
      aria-busy={doing !== null || undefined}
      onContextMenu={event => {
        // With Shift it is the browser's own, as elsewhere in JupyterLab.
        if (ours && !event.shiftKey) {
          event.preventDefault();
          event.stopPropagation();
          openKernelMenu(props, atPointer(event));
        }
      }}
    >
      <div className="jp-tfgpu-Kernel-head">
        <Name {...props} />
        <State state={kernel.state} doing={doing} trans={trans} />
        {ours && <Buttons {...props} off={doing !== null} />}
      </div>
      <div className="jp-tfgpu-Kernel-facts" id={factsId(kernel)}>
        <span>
          {environment !== null && `${environment} · `}
          <Pin kernel={kernel} tools={tools} />
        </span>
        <Verdict {...props} />
      </div>
      {server && (
        <div className="jp-tfgpu-Note" title={server}>
          {server}
        </div>
      )}
      <DeviceUses {...props} />
      {[kernel.note, ...kernel.warnings].filter(isText).map(text => (
        <div key={text} className="jp-tfgpu-Kernel-warning">
          <Marked text={text} />
        </div>
      ))}
    </li>
  );
});

/** The name, which opens the notebook or the console; the title has the whole path. */
function Name(props: IRowProps): React.ReactElement {
  const { kernel, name, current, tools } = props;
  const { actions, trans } = tools;
  const title = kernel.notebook ?? kernel.id;
  if (kernel.server !== null || !actions.canOpen(kernel)) {
    return (
      <span className="jp-tfgpu-Kernel-name" title={title}>
        {name}
      </span>
    );
  }
  return (
    <button
      type="button"
      className="jp-tfgpu-Kernel-name jp-tfgpu-Link"
      title={title}
      tabIndex={current ? 0 : -1}
      aria-label={trans.__('Open %1', name)}
      aria-describedby={factsId(kernel)}
      onClick={() => void actions.open(kernel, name)}
    >
      {name}
    </button>
  );
}

/** The GPUs that it has, and those that it gets at its next start where these are others. */
function Pin(props: { kernel: KernelUse; tools: ITools }): React.ReactElement {
  const { kernel, tools } = props;
  const { live, trans } = tools;
  const has = useSignalValue(live.readingChanged, () =>
    givenText(kernel.given, live.reading?.devices ?? [], trans)
  );
  const next = useSignalValue(live.readingChanged, () =>
    kernel.restart_needed
      ? pinText(kernel.pin, live.reading?.devices ?? [], trans)
      : null
  );
  return (
    <span
      title={
        next === null
          ? trans.__('Pin: %1', kernel.pin)
          : trans.__('From the next start: %1', next)
      }
    >
      {has}
      {next !== null && ` → ${next}`}
    </span>
  );
}

/** What was found of its fitness for the GPU; nothing where that is not known, or nothing is there to train with. */
function Verdict(props: IRowProps): React.ReactElement | null {
  const { kernel, trains, tools } = props;
  if (kernel.verdict === null || (kernel.verdict === 'ok' && !trains)) {
    return null;
  }
  const { level, label, title } = verdictText(kernel.verdict, tools.trans);
  return <HealthBadge health={{ level, label, reason: title }} />;
}

/** What is done most, without a menu; they show on hovering and with the focus. */
function Buttons(props: IRowProps & { off: boolean }): React.ReactElement {
  const { kernel, name, current, off, tools } = props;
  const { actions, trans } = tools;
  const button = (
    icon: LabIcon,
    title: string,
    label: string,
    run: () => unknown
  ) => (
    <button
      type="button"
      className="jp-tfgpu-IconButton"
      title={title}
      aria-label={label}
      aria-disabled={off || undefined}
      tabIndex={current ? 0 : -1}
      onClick={() => {
        if (!off) {
          run();
        }
      }}
    >
      <icon.react tag="span" stylesheet="menuItem" />
    </button>
  );
  return (
    <span className="jp-tfgpu-Kernel-buttons">
      {button(
        stopIcon,
        trans.__('Interrupt'),
        trans.__('Interrupt %1', name),
        () => actions.interrupt(kernel, name)
      )}
      {button(
        refreshIcon,
        trans.__('Restart…'),
        trans.__('Restart %1', name),
        () => actions.restart(kernel, name)
      )}
      {button(
        closeIcon,
        trans.__('Shut down'),
        trans.__('Shut down %1', name),
        () => actions.shutDown(kernel, name)
      )}
      <button
        type="button"
        className="jp-tfgpu-IconButton"
        title={trans.__('More')}
        aria-label={trans.__('Menu of %1', name)}
        aria-haspopup="menu"
        tabIndex={current ? 0 : -1}
        onClick={event => openKernelMenu(props, belowButton(event))}
      >
        <ellipsesIcon.react tag="span" stylesheet="menuItem" />
      </button>
    </span>
  );
}

function openKernelMenu(
  { kernel, name, units, tools }: IRowProps,
  place: IMenuPlace
): void {
  openMenu(linesOf(kernel, name, units, tools), 'jp-tfgpu-KernelMenu', place);
}

function factsId({ id }: KernelUse): string {
  return `jp-tfgpu-kernel-${id}`;
}

function isText(text: string | null): text is string {
  return Boolean(text);
}
