import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Message } from './message';

/** Asks whether a notebook's kernel may be restarted now. */
export async function confirmRestart(question: {
  /** What the kernel gets, in words. */
  gpu: string;
  notebook: string;
  busy: boolean;
  /** Sentences on these devices as they are now. */
  warnings: string[];
  cancel: Readonly<Dialog.IButton>;
  trans: TranslationBundle;
}): Promise<boolean> {
  const { gpu, notebook, busy, warnings, cancel, trans } = question;
  const result = await showDialog({
    title: trans.__('Restart the kernel of %1?', notebook),
    body: (
      <div className="jp-tfgpu-Question">
        <p>{trans.__('The kernel restarts with: %1.', gpu)}</p>
        {warnings.map(text => (
          <Message key={text} level="warning">
            {text}
          </Message>
        ))}
        {busy && (
          <Message level="warning">
            {trans.__('It is busy: the cell that runs now is ended.')}
          </Message>
        )}
        <p>
          {trans.__(
            'Variables are lost; the notebook and its outputs stay as they are.'
          )}
        </p>
      </div>
    ),
    buttons: [cancel, Dialog.warnButton({ label: trans.__('Restart') })]
  });
  return result.button.accept;
}
