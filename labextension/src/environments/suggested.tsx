import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { KernelspecChange } from '../api';
import { ActionButton, Failed, Message } from '../ui';
import type { Postponed } from './postponed';
import type { IEnvironmentActions } from './tokens';
import { useAction } from './use';

/** What would bring our kernelspecs in step with the environments, and the question whether to do it. */
export function Suggested(props: {
  changes: KernelspecChange[];
  postponed: Postponed;
  actions: IEnvironmentActions;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { changes, postponed, actions, trans } = props;
  const apply = useAction();
  const [, look] = React.useReducer((turn: number) => turn + 1, 0);
  if (changes.length === 0 || postponed.has(changes)) {
    return null;
  }
  return (
    <div
      className="jp-tfgpu-Suggested"
      role="group"
      aria-label={trans.__('Suggested changes')}
      data-item="suggested"
    >
      <Message level="info" title={wouldText(changes, trans)}>
        <details>
          <summary>{trans.__('Details')}</summary>
          <ul>
            {changes.map(change => (
              <li key={`${change.action} ${change.name}`}>
                <ChangeView change={change} trans={trans} />
              </li>
            ))}
          </ul>
        </details>
        <div className="jp-tfgpu-Environment-buttons">
          <ActionButton
            label={apply.busy ? trans.__('Applying…') : trans.__('Apply')}
            busy={apply.busy}
            onClick={() => apply.run(handler => actions.sync(false, handler))}
          />
          <ActionButton
            label={trans.__('Not now')}
            title={trans.__('Asks again when other changes are suggested')}
            disabled={apply.busy}
            onClick={() => {
              postponed.add(changes);
              look();
            }}
          />
        </div>
        <Failed error={apply.error} trans={trans} />
      </Message>
    </div>
  );
}

function ChangeView(props: {
  change: KernelspecChange;
  trans: TranslationBundle;
}): React.ReactElement {
  const { change, trans } = props;
  const words = {
    add: trans.__('Add'),
    update: trans.__('Update'),
    remove: trans.__('Remove')
  };
  return (
    <>
      <div>
        <b>{words[change.action]}</b> {change.display_name}
      </div>
      <div className="jp-tfgpu-Note">{change.why}</div>
    </>
  );
}

/** One sentence on all changes: `Kernels to add: 2, to remove: 1`. */
function wouldText(
  changes: KernelspecChange[],
  trans: TranslationBundle
): string {
  const count = (action: KernelspecChange['action']) =>
    changes.filter(change => change.action === action).length;
  const parts = [
    [count('add'), trans.__('%1 to add', count('add'))] as const,
    [count('update'), trans.__('%1 to update', count('update'))] as const,
    [count('remove'), trans.__('%1 to remove', count('remove'))] as const
  ];
  return trans.__(
    'Kernels: %1',
    parts
      .filter(([number]) => number > 0)
      .map(([, words]) => words)
      .join(', ')
  );
}
