import * as React from 'react';

import type { KernelUse } from '../api';
import type { IDisplay } from '../display';
import type { IEnvironments } from '../environments';
import { useFocusKept } from '../environments/use';
import type { ILiveModel } from '../live';
import { Message, useSignalValue } from '../ui';
import type { RunningChoices } from './choices';
import { moveFocus } from './keys';
import { namesOf } from './names';
import { Order } from './order';
import { KernelRow } from './row';
import { ShownKernels } from './shown';
import type { ITools } from './tools';

export interface IListProps {
  live: ILiveModel;
  environments: Pick<IEnvironments, 'answer' | 'changed'>;
  display: Pick<IDisplay, 'units' | 'changed'>;
  choices: RunningChoices;
  tools: ITools;
}

const NONE: KernelUse[] = [];

/** The running kernels, or why there are none. */
export function KernelList(props: IListProps): React.ReactElement {
  const { live, tools } = props;
  const { trans } = tools;
  const state = useSignalValue(live.stateChanged, () => live.state);
  const waiting = useSignalValue(
    live.kernelsChanged,
    () => live.kernels === null
  );
  if (state === 'no-extension') {
    return (
      <Message level="info">
        {trans.__('Without the server part no kernel can be listed.')}
      </Message>
    );
  }
  return waiting ? (
    <Message level="info">{trans.__('Waiting for the kernels…')}</Message>
  ) : (
    <Kernels {...props} />
  );
}

function Kernels(props: IListProps): React.ReactElement {
  const { live, choices, tools } = props;
  const { trans } = tools;
  const units = useSignalValue(
    props.display.changed,
    () => props.display.units
  );
  const shown = React.useMemo(() => new ShownKernels(), []);
  const kernels = useSignalValue(live.kernelsChanged, () =>
    shown.of(live.kernels?.kernels ?? NONE, units)
  );
  const answer = useSignalValue(
    props.environments.changed,
    () => props.environments.answer
  );
  const sort = useSignalValue(choices.changed, () => choices.sort);
  const old = useOld(live);
  const hold = useHold();
  const list = React.useRef<HTMLDivElement>(null);
  const { onFocus, onBlur } = useFocusKept(list);
  const [last, setLast] = React.useState<string | null>(null);
  const names = React.useMemo(
    () => new Map(kernels.map(one => [one.id, namesOf(one, answer, trans)])),
    [kernels, answer, trans]
  );
  const order = React.useMemo(() => new Order(), []);
  const sorted = React.useMemo(
    () =>
      order.of(kernels, sort, ({ id }) => names.get(id)?.name ?? id, hold.held),
    [order, kernels, sort, names, hold.held]
  );
  const own = sorted.filter(({ server }) => server === null);
  const others = sorted.filter(({ server }) => server !== null);
  const current = own.find(({ id }) => id === last) ?? own[0];
  const rows = (some: KernelUse[]) =>
    some.map(kernel => (
      <KernelRow
        key={kernel.id}
        kernel={kernel}
        name={names.get(kernel.id)?.name ?? kernel.id}
        environment={names.get(kernel.id)?.environment ?? null}
        trains={names.get(kernel.id)?.trains ?? true}
        current={kernel === current}
        units={units}
        tools={tools}
      />
    ));
  return (
    <div
      className={old ? 'jp-tfgpu-List jp-mod-stale' : 'jp-tfgpu-List'}
      ref={list}
      tabIndex={-1}
      {...hold.handlers}
      onFocus={event => {
        onFocus?.(event);
        hold.handlers.onFocus();
        const item = event.target.closest<HTMLElement>('[data-item]');
        setLast(item?.dataset['item'] ?? null);
      }}
      onBlur={event => {
        onBlur?.(event);
        if (!event.currentTarget.contains(event.relatedTarget)) {
          hold.handlers.onBlur();
        }
      }}
      onKeyDown={event => {
        const { altKey, ctrlKey, metaKey, shiftKey } = event;
        const plain = !(altKey || ctrlKey || metaKey || shiftKey);
        if (plain && moveFocus(event.currentTarget, event.key)) {
          event.preventDefault();
        }
      }}
    >
      {own.length === 0 ? (
        <Message level="info">
          {trans.__(
            'No kernel is running. Those of notebooks and consoles are listed here, with what they hold of the devices.'
          )}
        </Message>
      ) : (
        <ul
          className="jp-tfgpu-Kernels-group"
          role="list"
          aria-label={trans.__('Running kernels')}
        >
          {rows(own)}
        </ul>
      )}
      {others.length > 0 && (
        <>
          <h3 className="jp-tfgpu-Group" id={OTHERS}>
            {trans.__('Of your other servers')}{' '}
            <span className="jp-tfgpu-Number jp-tfgpu-Note">
              {others.length}
            </span>
          </h3>
          <ul
            className="jp-tfgpu-Kernels-group"
            role="list"
            aria-labelledby={OTHERS}
          >
            {rows(others)}
          </ul>
        </>
      )}
    </div>
  );
}

const OTHERS = 'jp-tfgpu-kernels-of-others';

/** Whether what is listed is old; the devices' section says since when. */
function useOld(live: ILiveModel): boolean {
  const closed = useSignalValue(
    live.stateChanged,
    () => live.state === 'closed'
  );
  const stale = useSignalValue(live.staleChanged, () => live.stale);
  return closed || stale;
}

/** Whether the rows are to stay where they are: while one is pointed at, or has the focus. */
function useHold() {
  const [pointed, setPointed] = React.useState(false);
  const [focused, setFocused] = React.useState(false);
  return {
    held: pointed || focused,
    handlers: {
      onMouseEnter: () => setPointed(true),
      onMouseLeave: () => setPointed(false),
      onFocus: () => setFocused(true),
      onBlur: () => setFocused(false)
    }
  };
}
