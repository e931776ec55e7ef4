import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { ApiError, describeError } from '../api';
import type { Kernelspec, Sync } from '../api';
import { Command, unmarked } from '../ui';
import type { IVoice } from './actions';
import { changesText } from './names';

/** How long it is said that something was done, and for how long that can be undone, in milliseconds. */
const SAID = 5000;
const UNDO = 15000;

/** Asks in JupyterLab's dialogs and tells in its notifications. */
export class LabVoice implements IVoice {
  constructor(private readonly trans: TranslationBundle) {}

  async mayInstall(where: string, command: string | null): Promise<boolean> {
    const { trans } = this;
    const { button } = await showDialog({
      title: trans.__('Install ipykernel?'),
      body: (
        <div className="jp-tfgpu-Question">
          <p>
            {trans.__(
              'A kernel of %1 needs ipykernel, which is not installed there.',
              where
            )}
          </p>
          {command !== null && (
            <>
              <p>{trans.__('What will be done is what this does:')}</p>
              <Command text={command} trans={trans} />
            </>
          )}
          <p className="jp-tfgpu-Note">
            {trans.__(
              'It is fetched first and can be cancelled until it is installed. The kernel is added then.'
            )}
          </p>
        </div>
      ),
      buttons: [
        Dialog.cancelButton(),
        Dialog.okButton({ label: trans.__('Install') })
      ]
    });
    return button.accept;
  }

  readonly failed = (error: unknown): void => {
    const sentence = unmarked(describeError(error, this.trans));
    const command =
      error instanceof ApiError ? error.detail['command'] : undefined;
    Notification.error(
      command && !sentence.includes(command)
        ? `${sentence} ${command}`
        : sentence,
      { autoClose: false }
    );
  };

  added({ display_name }: Kernelspec): void {
    Notification.success(this.trans.__('Kernel added: %1', display_name), {
      autoClose: SAID
    });
  }

  removed(kernelspec: Kernelspec, undo: () => void): void {
    const { trans } = this;
    Notification.success(
      trans.__('Kernel removed: %1', kernelspec.display_name),
      {
        autoClose: UNDO,
        // Without its environment it could not be written again.
        actions:
          kernelspec.environment === null
            ? []
            : [
                {
                  label: trans.__('Undo'),
                  caption: trans.__('Add the kernel again'),
                  callback: undo
                }
              ]
      }
    );
  }

  synced({ changes, problems }: Sync): void {
    const { trans } = this;
    if (problems.length > 0) {
      Notification.warning(unmarked(problems.join('\n')), { autoClose: false });
    } else {
      Notification.success(
        changes.length === 0
          ? trans.__('The kernels are in step with the environments.')
          : trans.__('Kernels: %1.', changesText(changes, trans)),
        { autoClose: SAID }
      );
    }
  }
}
