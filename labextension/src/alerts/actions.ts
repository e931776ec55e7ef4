import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { ServiceManager } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { KernelUse } from '../api';
import { describeError } from '../api';
import type { INotebooks } from '../devices/notebooks';
import { shutDownKernel } from '../running';
import type { Alert } from './alert';
import { kernelName, nameOf } from './words';

/** The managers that know the kernels of this server. */
export type Services = Pick<ServiceManager.IManager, 'kernels' | 'sessions'>;

/** What can be done about an alert, as the buttons of its notification. */
export class AlertActions {
  constructor(
    private readonly commands: CommandRegistry,
    private readonly services: Services,
    private readonly notebooks: INotebooks,
    private readonly trans: TranslationBundle
  ) {}

  /** `mute` is called where the user does not want to hear of it again. */
  of(alert: Alert, mute: () => void): Notification.IAction[] {
    const first = alert.kind === 'unused' ? this._ofKernel(alert.kernel) : [];
    return [
      ...first,
      // JupyterLab's row of buttons has room for three.
      ...(first.length > 1 ? [] : [this._showDevices()]),
      this._mute(alert, mute)
    ];
  }

  private _ofKernel(kernel: KernelUse): Notification.IAction[] {
    const { notebooks, trans } = this;
    const actions: Notification.IAction[] = [];
    const path = notebooks.pathOf(kernel.id);
    if (path !== null) {
      actions.push({
        label: trans.__('Open notebook'),
        caption: trans.__('Open %1', path),
        callback: () => notebooks.open(path)
      });
    }
    if (this._isOurs(kernel)) {
      actions.push({
        label: trans.__('Shut down…'),
        caption: trans.__('Shut the kernel down, which frees the memory'),
        callback: () => void this._shutDown(kernel)
      });
    }
    return actions;
  }

  private _showDevices(): Notification.IAction {
    const { commands, trans } = this;
    return {
      label: trans.__('Show GPUs'),
      callback: () => void commands.execute('tfgpu:open-panel')
    };
  }

  private _mute(alert: Alert, mute: () => void): Notification.IAction {
    const { trans } = this;
    return {
      label: trans.__('Mute'),
      caption: trans.__(
        'Not again for %1 until this page is reloaded. The settings turn it off for good.',
        subjectOf(alert, trans)
      ),
      callback: mute
    };
  }

  private async _shutDown(kernel: KernelUse): Promise<void> {
    const { services, trans } = this;
    const answer = await showDialog({
      title: trans.__('Shut down the kernel?'),
      body: trans.__(
        'The kernel of %1 ends and frees its memory. Its variables are lost.',
        kernelName(kernel, trans)
      ),
      buttons: [
        Dialog.cancelButton(),
        Dialog.warnButton({ label: trans.__('Shut Down') })
      ]
    });
    if (!answer.button.accept) {
      return;
    }
    try {
      await shutDownKernel(services, kernel.id);
    } catch (error) {
      Notification.error(describeError(error, trans), { autoClose: false });
    }
  }

  /** Kernels of other servers are known too, and not ours to end. */
  private _isOurs(kernel: KernelUse): boolean {
    return [...this.services.kernels.running()].some(
      one => one.id === kernel.id
    );
  }
}

function subjectOf(alert: Alert, trans: TranslationBundle): string {
  if (alert.kind === 'unused') {
    return kernelName(alert.kernel, trans);
  }
  return alert.kind === 'driver' || alert.device === null
    ? trans.__('the driver')
    : nameOf(alert.device, trans);
}
