import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Task } from '../api';
import { ActionButton, Message } from '../ui';
import type { IEnvironmentActions } from './tokens';
import { useAction } from './use';

interface ITaskProps {
  task: Task;
  actions: IEnvironmentActions;
  /** Takes a task that has ended out of sight. */
  onDismiss: (task: Task) => void;
  trans: TranslationBundle;
}

/** A task that runs, or how it failed. */
export function TaskView(props: ITaskProps): React.ReactElement {
  const { task, trans } = props;
  return task.state === 'running' ? (
    <div className="jp-tfgpu-Task" role="group" aria-label={task.title}>
      <Running {...props} />
      <Log task={task} trans={trans} />
    </div>
  ) : (
    <Message level="error" title={task.title}>
      <div>{task.message ?? trans.__('It failed.')}</div>
      <Log task={task} trans={trans} />
      <ActionButton
        label={trans.__('Dismiss')}
        onClick={() => props.onDismiss(task)}
      />
    </Message>
  );
}

function Running({ task, actions, trans }: ITaskProps): React.ReactElement {
  const cancel = useAction();
  const { progress, title } = task;
  const percent = progress === null ? undefined : Math.round(progress * 100);
  return (
    <>
      <div className="jp-tfgpu-Task-title">{title}</div>
      <div className="jp-tfgpu-Task-row">
        <div
          className={`jp-tfgpu-Progress${percent === undefined ? ' jp-mod-unknown' : ''}`}
          role="progressbar"
          aria-label={title}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
        >
          <div style={{ width: `${percent ?? 100}%` }} />
        </div>
        <ActionButton
          label={cancel.busy ? trans.__('Cancelling…') : trans.__('Cancel')}
          name={trans.__('Cancel: %1', title)}
          title={
            task.cancellable
              ? trans.__('Nothing half-made is left behind.')
              : trans.__('This step is short and cannot be cancelled.')
          }
          busy={cancel.busy}
          disabled={!task.cancellable}
          onClick={() => cancel.run(handler => actions.cancel(task, handler))}
        />
      </div>
      <div className="jp-tfgpu-Task-last jp-tfgpu-Note">
        {task.log[task.log.length - 1] ?? trans.__('Starting…')}
      </div>
    </>
  );
}

/** The whole log, on demand. */
function Log(props: {
  task: Task;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { task, trans } = props;
  if (task.log.length === 0) {
    return null;
  }
  return (
    <details className="jp-tfgpu-Task-log">
      <summary>{trans.__('Log')}</summary>
      <pre tabIndex={0} aria-label={trans.__('Log')}>
        {task.log.join('\n')}
      </pre>
    </details>
  );
}
