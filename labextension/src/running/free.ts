import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { KernelUse } from '../api';
import { describeError } from '../api';
import type { IDisplay } from '../display';
import type { ILiveModel } from '../live';
import { unmarked } from '../ui';
import type { RunningChoices } from './choices';
import { askWhichToFree, sumText } from './freedialog';
import type { Freeing, IFreed } from './freeing';
import { rests, unusedFor } from './unused';

/** How long it is said what was done, in milliseconds. */
const SAID = 8000;

/** “Free the memory of notebooks that rest”: which these are, the question, and what is told of it. */
export class FreeResting {
  constructor(
    private readonly live: ILiveModel,
    private readonly choices: Pick<RunningChoices, 'minutes'>,
    private readonly display: Pick<IDisplay, 'units'>,
    private readonly freeing: Freeing,
    private readonly nameOf: (kernel: KernelUse) => string,
    private readonly trans: TranslationBundle
  ) {}

  /** The kernels that rest now; those that have done so longest come first. */
  get resting(): KernelUse[] {
    const { kernels, reading } = this.live;
    const takenAt = reading?.taken_at ?? null;
    const unused = (kernel: KernelUse) => unusedFor(kernel, takenAt) ?? 0;
    return (kernels?.kernels ?? [])
      .filter(kernel => rests(kernel, takenAt, this.choices.minutes))
      .sort((a, b) => unused(b) - unused(a));
  }

  /** Asks, shuts down what the user leaves in the list, and tells what came of it. */
  async ask(): Promise<void> {
    // A key on a button of JupyterLab's may count twice.
    if (!this._asking) {
      this._asking = true;
      try {
        await this._ask();
      } finally {
        this._asking = false;
      }
    }
  }

  private async _ask(): Promise<void> {
    const { live, choices, display, trans } = this;
    const { minutes } = choices;
    const takenAt = live.reading?.taken_at ?? null;
    const chosen = await askWhichToFree({
      resting: this.resting.map(kernel => ({
        kernel,
        name: this.nameOf(kernel),
        unused: unusedFor(kernel, takenAt) ?? 0
      })),
      devices: live.reading?.devices ?? [],
      minutes,
      units: display.units,
      trans
    });
    if (chosen.length > 0) {
      await this._free(chosen, minutes);
    }
  }

  private async _free(chosen: KernelUse[], minutes: number): Promise<void> {
    const { trans } = this;
    const message = (done: number) =>
      trans.__('Freeing memory: %1 of %2 kernels…', done, chosen.length);
    const id = Notification.emit(message(0), 'in-progress', {
      autoClose: false,
      progress: 0
    });
    const result = await this.freeing.run(chosen, minutes, done => {
      const progress = done / chosen.length;
      Notification.update({ id, message: message(done), progress });
    });
    this._tell(result, id);
  }

  /** Tells what was done, in place of what was told while it was. */
  private _tell({ freed, spared, failed }: IFreed, id: string): void {
    const { display, trans } = this;
    const said: string[] = [];
    if (freed.length > 0) {
      said.push(
        trans._n(
          'Freed %2: %1 kernel shut down.',
          'Freed %2: %1 kernels shut down.',
          freed.length,
          sumText(freed, display.units, trans)
        )
      );
    }
    if (spared.length > 0) {
      said.push(
        trans._n(
          '%1 kernel is in use again, or gone, and was left alone.',
          '%1 kernels are in use again, or gone, and were left alone.',
          spared.length
        )
      );
    }
    const message = said.join(' ');
    const type = freed.length > 0 ? 'success' : 'info';
    if (message === '') {
      Notification.dismiss(id);
    } else if (!Notification.update({ id, message, type, autoClose: SAID })) {
      // The user has closed what was told while it was done.
      Notification.emit(message, type, { autoClose: SAID });
    }
    // One each: JupyterLab cuts a notification behind 140 characters.
    for (const { kernel, error } of failed) {
      Notification.error(
        trans.__(
          '%1 could not be shut down: %2',
          this.nameOf(kernel),
          unmarked(describeError(error, trans))
        ),
        { autoClose: false }
      );
    }
  }

  private _asking = false;
}
