import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { KernelUse, PinSet, PinTarget } from '../api';
import { describeError } from '../api';
import { confirmRestart } from '../ui/restart';
import { pinText } from '../devices/pins';
import type { ILiveModel } from '../live';
import { unmarked } from '../ui';
import type { JupyterKernels } from './jupyter';
import type { Doing, Underway } from './underway';
import { holdsMemory } from './unused';

/** How long a notice stays, in milliseconds. */
const SHOWN = 6000;

/** What is told of an action that failed, with the reason. */
type Failed = (reason: string) => string;

/** What can be done with a running kernel of this server. No action rejects: one that fails has told why. */
export class KernelActions {
  constructor(
    private readonly live: ILiveModel,
    private readonly jupyter: JupyterKernels,
    readonly underway: Underway,
    private readonly trans: TranslationBundle
  ) {}

  canOpen({ id }: KernelUse): boolean {
    return this.jupyter.opener(id) !== null;
  }

  async open(kernel: KernelUse, name: string): Promise<void> {
    try {
      await this.jupyter.opener(kernel.id)?.();
    } catch (error) {
      const { trans } = this;
      this._tell(
        reason => trans.__('%1 could not be opened: %2', name, reason),
        error
      );
    }
  }

  async interrupt(kernel: KernelUse, name: string): Promise<void> {
    const failed = (reason: string) =>
      this.trans.__('%1 could not be interrupted: %2', name, reason);
    await this._run(kernel, 'interrupting', failed, () =>
      this.jupyter.interrupt(kernel.id)
    );
  }

  async restart(kernel: KernelUse, name: string): Promise<void> {
    const cancel = Dialog.cancelButton();
    if (await this._mayRestart(kernel, name, kernel.pin, [], cancel)) {
      await this._restart(kernel, name);
    }
  }

  /**
   * Pins the kernel's notebook, or the kernel where it has none, and restarts it
   * where the user wants that now.
   */
  async restartOn(kernel: KernelUse, name: string, pin: string): Promise<void> {
    const { trans } = this;
    const failed = (reason: string) =>
      trans.__('%1 keeps its GPUs: %2', name, reason);
    const set = await this._run(kernel, 'pinning', failed, () =>
      this._pin(kernel, pin)
    );
    if (set === null) {
      return;
    }
    const later = Dialog.cancelButton({ label: trans.__('Later') });
    if (await this._mayRestart(kernel, name, set.pin, set.warnings, later)) {
      await this._restart(kernel, name);
    } else {
      const gpu = this._gpu(set.pin);
      Notification.info(
        trans.__('From its next start %1 has: %2.', name, gpu),
        { autoClose: SHOWN }
      );
    }
  }

  /** Asks first where something would be lost that took time to make. */
  async shutDown(kernel: KernelUse, name: string): Promise<void> {
    const needed = holdsMemory(kernel) || kernel.state === 'busy';
    if (!needed || (await this._mayShutDown(kernel, name))) {
      const { trans } = this;
      const failed = (reason: string) =>
        trans.__('%1 could not be shut down: %2', name, reason);
      await this._run(kernel, 'ending', failed, () =>
        this.jupyter.shutDown(kernel.id)
      );
    }
  }

  private async _pin(kernel: KernelUse, pin: string): Promise<PinSet> {
    const { client } = this.live;
    const own: PinTarget = { kernel_id: kernel.id };
    const notebook = this.jupyter.notebookOf(kernel);
    if (notebook === null) {
      return client.setPin(own, pin);
    }
    const set = await client.setPin({ notebook }, pin);
    if (kernel.pin_from === 'kernel') {
      // A pin of the kernel would go before the notebook's, and the choice would seem to do nothing.
      await client.clearPin(own);
    }
    return set;
  }

  private async _restart(kernel: KernelUse, name: string): Promise<void> {
    const { trans } = this;
    const failed = (reason: string) =>
      trans.__('%1 could not be restarted: %2', name, reason);
    await this._run(kernel, 'restarting', failed, () =>
      this.jupyter.restart(kernel.id)
    );
  }

  private _mayRestart(
    kernel: KernelUse,
    notebook: string,
    pin: string,
    warnings: string[],
    cancel: Dialog.IButton
  ): Promise<boolean> {
    const gpu = this._gpu(pin);
    const busy = kernel.state === 'busy';
    const { trans } = this;
    return confirmRestart({ gpu, notebook, busy, warnings, cancel, trans });
  }

  private _gpu(pin: string): string {
    return pinText(pin, this.live.reading?.devices ?? [], this.trans);
  }

  private async _mayShutDown(
    { state }: KernelUse,
    name: string
  ): Promise<boolean> {
    const { trans } = this;
    const { button } = await showDialog({
      title: trans.__('Shut down the kernel?'),
      body:
        state === 'busy'
          ? trans.__(
              'The kernel of %1 is busy: what it does ends unfinished. Its memory is freed and its variables are lost.',
              name
            )
          : trans.__(
              'The kernel of %1 ends and frees its memory. Its variables are lost.',
              name
            ),
      buttons: [
        Dialog.cancelButton(),
        Dialog.warnButton({ label: trans.__('Shut Down') })
      ]
    });
    return button.accept;
  }

  /** What an action gives, once the list is told what came of it; null where it failed. */
  private async _run<T>(
    { id }: KernelUse,
    doing: Doing,
    failed: Failed,
    action: () => Promise<T>
  ): Promise<T | null> {
    try {
      return await this.underway.run(id, doing, async () => {
        const result = await action();
        await this._refresh();
        return result;
      });
    } catch (error) {
      this._tell(failed, error);
      return null;
    }
  }

  /** The list shows what was done before the action ends, so that it does not seem undone. */
  private async _refresh(): Promise<void> {
    try {
      await this.live.refreshKernels();
    } catch (error) {
      // The live connection brings the kernels with the next reading.
      console.debug('jupyter-tfgpu:', error);
    }
  }

  private _tell(failed: Failed, error: unknown): void {
    const reason = unmarked(describeError(error, this.trans));
    Notification.error(failed(reason), { autoClose: false });
  }
}
