import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { FixChange } from '../api';

/** What a fix changes, each thing with what it was and what it becomes. */
export function Changes(props: {
  changes: FixChange[];
  trans: TranslationBundle;
}): React.ReactElement {
  return (
    <ul className="jp-tfgpu-FixChanges">
      {props.changes.map(change => (
        <li key={`${change.what} ${change.target} ${change.name ?? ''}`}>
          <div>{changeText(change, props.trans)}</div>
          {isValue(change) ? (
            <dl>
              <dt>{props.trans.__('before')}</dt>
              <dd>
                <Value text={change.before} trans={props.trans} />
              </dd>
              <dt>{props.trans.__('after')}</dt>
              <dd>
                <Value text={change.after} trans={props.trans} />
              </dd>
            </dl>
          ) : (
            change.why && <div className="jp-tfgpu-Note">{change.why}</div>
          )}
        </li>
      ))}
    </ul>
  );
}

function isValue({ what }: FixChange): boolean {
  return what === 'variable' || what === 'pin';
}

function changeText(change: FixChange, trans: TranslationBundle): string {
  const { what, name, target } = change;
  switch (what) {
    case 'variable':
      return trans.__('%1 in the kernelspec %2', name, target);
    case 'pin':
      return pinOf(change, trans);
    case 'kernelspec':
      return trans.__('The kernelspec %1 is written again', target);
    case 'ipykernel':
      return trans.__('ipykernel is installed in %1', target);
  }
}

function pinOf({ name, target }: FixChange, trans: TranslationBundle): string {
  switch (name) {
    case 'notebook':
      return trans.__('The choice of GPU of the notebook %1', target);
    case 'kernel':
      return trans.__('The choice of GPU of this kernel');
    default:
      return trans.__('The choice of GPU of the kernelspec %1', target);
  }
}

function Value(props: {
  text: string | null;
  trans: TranslationBundle;
}): React.ReactElement {
  const { text, trans } = props;
  if (text === null) {
    return <em>{trans.__('not set')}</em>;
  }
  return text === '' ? <em>{trans.__('empty')}</em> : <code>{text}</code>;
}
