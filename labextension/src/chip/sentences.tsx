import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** Shows all that was said of a kernel's start. */
export async function showSentences(
  title: string,
  sentences: readonly string[],
  trans: TranslationBundle
): Promise<void> {
  await showDialog({
    title,
    body: (
      <div className="jp-tfgpu-Question">
        {sentences.map(text => (
          <p key={text}>{text}</p>
        ))}
      </div>
    ),
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}
