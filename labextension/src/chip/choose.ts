import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { describeError } from '../api';
import type { ChipModel } from './model';
import { pinText } from './pins';

/** How long a notice stays, in milliseconds. */
const SHOWN = 6000;

/** Pins the notebook, asks where a restart is needed, and says what came of it. */
export async function choosePin(
  model: ChipModel,
  pin: string,
  trans: TranslationBundle
): Promise<void> {
  try {
    const answer = await model.choose(pin);
    if (!answer.restart_needed) {
      if (answer.message) {
        Notification.info(answer.message, { autoClose: SHOWN });
      }
      return;
    }
    const gpu = pinText(answer.pin, model.devices, trans);
    if (await confirmRestart(gpu, trans)) {
      await model.restart();
    } else {
      Notification.info(
        trans.__('From the next start this kernel has: %1.', gpu),
        {
          autoClose: SHOWN
        }
      );
    }
  } catch (error) {
    Notification.error(describeError(error, trans), { autoClose: false });
  }
}

async function confirmRestart(
  gpu: string,
  trans: TranslationBundle
): Promise<boolean> {
  const result = await showDialog({
    title: trans.__('Restart the kernel?'),
    body: trans.__('The kernel restarts with: %1. Variables are lost.', gpu),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Later') }),
      Dialog.warnButton({ label: trans.__('Restart') })
    ]
  });
  return result.button.accept;
}
