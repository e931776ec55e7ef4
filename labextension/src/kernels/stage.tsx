import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { ApiError, describeError } from '../api';
import { Command, Message } from '../ui';
import type { IItem } from './items';
import type { Stage } from './preparation';

interface IStageProps {
  stage: Stage;
  trans: TranslationBundle;
}

/** What is asked, or under way, before a kernel can be chosen; nothing while one chooses. */
export function StageView({
  stage,
  trans
}: IStageProps): React.ReactElement | null {
  switch (stage.name) {
    case 'choosing':
      return null;
    case 'asking':
      return (
        <div className="jp-tfgpu-Picker-stage" role="status">
          <h3>{trans.__('Install ipykernel in %1?', whereOf(stage.item))}</h3>
          <p>
            {trans.__(
              'A kernel needs ipykernel, which is not installed there. It is fetched first, which can be cancelled, and then installed.'
            )}
          </p>
          {stage.command !== null && (
            <>
              <p>{trans.__('The same on a command line:')}</p>
              <Command text={stage.command} trans={trans} />
            </>
          )}
        </div>
      );
    case 'working':
      return <Working {...stage} trans={trans} />;
    case 'failed':
      return <Failed {...stage} trans={trans} />;
  }
}

function Working(props: {
  item: IItem;
  task: Extract<Stage, { name: 'working' }>['task'];
  trans: TranslationBundle;
}): React.ReactElement {
  const { item, task, trans } = props;
  const title =
    task?.title ??
    (item.need?.what === 'repair'
      ? trans.__('Repairing %1…', item.label)
      : trans.__('Adding a kernel for %1…', whereOf(item)));
  const progress = task?.progress ?? null;
  return (
    <div className="jp-tfgpu-Picker-stage">
      <h3 role="status">{title}</h3>
      <progress
        aria-label={title}
        max={1}
        {...(progress !== null && { value: progress })}
      />
      <pre className="jp-tfgpu-Picker-log" aria-label={trans.__('Output')}>
        {task?.log.slice(-6).join('\n')}
      </pre>
      {task && !task.cancellable && (
        <p>{trans.__('From here on it cannot be cancelled; it is short.')}</p>
      )}
    </div>
  );
}

function Failed(props: {
  item: IItem;
  error: unknown;
  trans: TranslationBundle;
}): React.ReactElement {
  const { item, error, trans } = props;
  const command =
    error instanceof ApiError ? error.detail['command'] : undefined;
  return (
    <div className="jp-tfgpu-Picker-stage">
      <Message
        level="error"
        title={trans.__('No kernel could be started in %1.', whereOf(item))}
      >
        {describeError(error, trans)}
      </Message>
      {command && <Command text={command} trans={trans} />}
    </div>
  );
}

/** The environment that something is done in. */
function whereOf(item: IItem): string {
  return item.need?.environment?.name ?? item.label;
}
