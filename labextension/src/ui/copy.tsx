import type { TranslationBundle } from '@jupyterlab/translation';
import { checkIcon, copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useCopy } from './hooks';

/** A command to type elsewhere, with a button that copies it. */
export function Command(props: {
  text: string;
  trans: TranslationBundle;
}): React.ReactElement {
  return (
    <CommandText text={props.text}>
      <CopyButton {...props} />
    </CommandText>
  );
}

/** A command to read. */
export function CommandText(props: {
  text: string;
  children?: React.ReactNode;
}): React.ReactElement {
  return (
    <div className="jp-tfgpu-Command">
      <code>{props.text.split(/(\s+)/).map(wholeWord)}</code>
      {props.children}
    </div>
  );
}

/** A word of a command, which is not broken at its hyphens; the space between two is left as it is. */
function wholeWord(text: string, index: number): React.ReactNode {
  return /^\s*$/.test(text) ? text : <span key={index}>{text}</span>;
}

function CopyButton(props: {
  text: string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { text, trans } = props;
  const { copied, copy } = useCopy();
  const label = copied ? trans.__('Copied') : trans.__('Copy the command');
  const Icon = copied ? checkIcon : copyIcon;
  return (
    <button
      type="button"
      className="jp-tfgpu-IconButton"
      title={label}
      aria-label={label}
      onClick={() => copy(text)}
    >
      <Icon.react tag="span" stylesheet="menuItem" />
    </button>
  );
}
