import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ILiveModel } from '../live';
import { Message, useSignalValue } from '../ui';
import type { IEnvironmentActions } from './actions';
import { EnvironmentCard } from './card';
import { filterEnvironments } from './names';

/** Up to this many environments are found by eye. */
const FILTER_FROM = 9;

interface IListProps {
  live: ILiveModel;
  actions: IEnvironmentActions;
  trans: TranslationBundle;
}

/** The environments that the server found. */
export function EnvironmentList(props: IListProps): React.ReactElement {
  const { live, actions, trans } = props;
  const state = useSignalValue(live.stateChanged, () => live.state);
  const answer = useSignalValue(
    live.environmentsChanged,
    () => live.environments
  );
  const [filter, setFilter] = React.useState('');
  if (state === 'no-extension') {
    return (
      <Message level="info">
        {trans.__('Without the server part no environment can be listed.')}
      </Message>
    );
  }
  if (answer === null) {
    return (
      <Message level="info">{trans.__('Looking for environments…')}</Message>
    );
  }
  const all = answer.environments;
  const filtered = all.length >= FILTER_FROM;
  const shown = filtered ? filterEnvironments(all, filter) : all;
  return (
    <div className="jp-tfgpu-List">
      {all.length === 0 && (
        <Message level="info">{trans.__('No environment was found.')}</Message>
      )}
      {filtered && (
        <input
          type="search"
          className="jp-tfgpu-Filter jp-mod-styled"
          placeholder={trans.__('Filter environments')}
          aria-label={trans.__('Filter environments')}
          value={filter}
          onChange={event => setFilter(event.target.value)}
        />
      )}
      {all.length > 0 && shown.length === 0 && (
        <Message level="info">{trans.__('No environment matches.')}</Message>
      )}
      {answer.problems.map(problem => (
        <Message key={problem} level="warning">
          {problem}
        </Message>
      ))}
      {shown.map(environment => (
        <EnvironmentCard
          key={environment.id}
          environment={environment}
          actions={actions}
          trans={trans}
        />
      ))}
    </div>
  );
}
