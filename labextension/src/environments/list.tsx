import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Environments, Kernelspec, Task } from '../api';
import type { ILiveModel } from '../live';
import { Message, Quiet, useSignalValue } from '../ui';
import { EnvironmentCard } from './card';
import type { IEntry } from './groups';
import { filterGroups, Grouping } from './groups';
import { KernelspecRow } from './kernelspec';
import type { Postponed } from './postponed';
import { Suggested } from './suggested';
import { TaskView } from './task';
import { strayTasks, taskOf } from './tasks';
import type { IEnvironments } from './tokens';
import { useFocusKept } from './use';

/** Up to this many environments are found by eye. */
const FILTER_FROM = 9;

interface IListProps {
  live: Pick<ILiveModel, 'state' | 'stateChanged'>;
  environments: IEnvironments;
  postponed: Postponed;
  trans: TranslationBundle;
}

/** The environments that the server found, what needs attention first. */
export function EnvironmentList(props: IListProps): React.ReactElement {
  const { live, environments, trans } = props;
  const state = useSignalValue(live.stateChanged, () => live.state);
  const answer = useSignalValue(
    environments.changed,
    () => environments.answer
  );
  if (state === 'no-extension') {
    return (
      <Message level="info">
        {trans.__('Without the server part no environment can be listed.')}
      </Message>
    );
  }
  return answer === null ? (
    <Message level="info">{trans.__('Looking for environments…')}</Message>
  ) : (
    <Answer {...props} answer={answer} />
  );
}

function Answer(
  props: IListProps & { answer: Environments }
): React.ReactElement {
  const { answer, environments, postponed, trans } = props;
  const { actions } = environments;
  const [filter, setFilter] = React.useState('');
  const list = React.useRef<HTMLDivElement>(null);
  const kept = useFocusKept(list);
  const { tasks, dismiss } = useTasks(environments);
  const grouping = React.useMemo(() => new Grouping(trans), [trans]);
  const groups = React.useMemo(() => grouping.of(answer), [grouping, answer]);
  const shown = React.useMemo(
    () => filterGroups(groups, filter),
    [groups, filter]
  );
  const { attention, others, strays } = shown;
  const total = answer.environments.length;
  const found = attention.length + others.length + strays.length > 0;
  const card = ({ environment, kernelspecs }: IEntry) => (
    <EnvironmentCard
      key={environment.id}
      environment={environment}
      kernelspecs={kernelspecs}
      task={taskOf(tasks, environment)}
      onDismiss={dismiss}
      actions={actions}
      trans={trans}
    />
  );
  const stray = (kernelspec: Kernelspec) => (
    <StrayCard
      key={`kernelspec ${kernelspec.name}`}
      kernelspec={kernelspec}
      {...props}
    />
  );
  const broken = strays.filter(({ problem }) => problem !== null);
  const urgent = attention.length + broken.length;
  // All stand in one array, so that a card that changes its group stays the same card.
  const items = [
    urgent > 0 && (
      <Heading key="attention" count={urgent}>
        {trans.__('Needs attention')}
      </Heading>
    ),
    ...broken.map(stray),
    ...attention.map(card),
    urgent > 0 && others.length > 0 && (
      <Heading key="others" count={others.length}>
        {trans.__('Others')}
      </Heading>
    ),
    ...others.map(card)
  ];
  return (
    <div className="jp-tfgpu-List" ref={list} tabIndex={-1} {...kept}>
      <Suggested
        changes={answer.suggested}
        postponed={postponed}
        actions={actions}
        trans={trans}
      />
      {strayTasks(tasks, answer).map(task => (
        <TaskView
          key={`task ${task.id}`}
          task={task}
          actions={actions}
          onDismiss={dismiss}
          trans={trans}
        />
      ))}
      {total === 0 && (
        <Message level="info">{trans.__('No environment was found.')}</Message>
      )}
      {total >= FILTER_FROM && (
        <input
          type="search"
          className="jp-tfgpu-Filter jp-mod-styled"
          placeholder={trans.__('Filter %1 environments', total)}
          aria-label={trans.__('Filter environments')}
          value={filter}
          onChange={event => setFilter(event.target.value)}
        />
      )}
      {total > 0 && !found && (
        <Message level="info">{trans.__('No environment matches.')}</Message>
      )}
      {items}
      <Rest
        kernelspecs={strays.filter(({ problem }) => problem === null)}
        {...props}
      />
      <Problems problems={answer.problems} trans={trans} />
    </div>
  );
}

function Heading(props: {
  count: number;
  children: string;
}): React.ReactElement {
  return (
    <h3 className="jp-tfgpu-Group">
      {props.children}{' '}
      <span className="jp-tfgpu-Number jp-tfgpu-Note">{props.count}</span>
    </h3>
  );
}

/** A kernelspec of no environment that was found. */
function StrayCard({
  kernelspec,
  environments,
  trans
}: IListProps & { kernelspec: Kernelspec }): React.ReactElement {
  return (
    <ul
      className="jp-tfgpu-Card jp-tfgpu-Environment-kernels"
      data-item={`kernelspec ${kernelspec.name}`}
    >
      <KernelspecRow
        kernelspec={kernelspec}
        actions={environments.actions}
        trans={trans}
      />
    </ul>
  );
}

/** The kernelspecs of no environment that are well, at the end. */
function Rest({
  kernelspecs,
  environments,
  trans
}: IListProps & { kernelspecs: Kernelspec[] }): React.ReactElement | null {
  return kernelspecs.length === 0 ? null : (
    <Quiet
      title={trans._n(
        '%1 kernel of no environment',
        '%1 kernels of no environment',
        kernelspecs.length
      )}
    >
      <ul className="jp-tfgpu-Environment-kernels">
        {kernelspecs.map(kernelspec => (
          <KernelspecRow
            key={kernelspec.name}
            kernelspec={kernelspec}
            actions={environments.actions}
            trans={trans}
          />
        ))}
      </ul>
    </Quiet>
  );
}

/** The places that could not be looked at, quietly at the end. */
function Problems(props: {
  problems: string[];
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { problems, trans } = props;
  return problems.length === 0 ? null : (
    <Quiet
      title={trans._n(
        '%1 place could not be looked at',
        '%1 places could not be looked at',
        problems.length
      )}
    >
      <ul>
        {problems.map(problem => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </Quiet>
  );
}

/** The tasks to be shown: those that run, and those that failed until they are dismissed. */
function useTasks(environments: IEnvironments): {
  tasks: Task[];
  dismiss: (task: Task) => void;
} {
  const all = useSignalValue(
    environments.tasksChanged,
    () => environments.tasks
  );
  const [dismissed, setDismissed] = React.useState<ReadonlySet<string>>(
    new Set()
  );
  const dismiss = React.useCallback(
    (task: Task) => setDismissed(before => new Set([...before, task.id])),
    []
  );
  const tasks = React.useMemo(
    () =>
      [...all.values()].filter(
        ({ id, state }) =>
          state === 'running' || (state === 'failed' && !dismissed.has(id))
      ),
    [all, dismissed]
  );
  return { tasks, dismiss };
}
