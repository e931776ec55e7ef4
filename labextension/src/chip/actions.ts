import { Dialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { describeError } from '../api';
import { pinText } from '../devices/pins';
import type { IDisplay } from '../display';
import { unmarked } from '../ui';
import type { IAuto } from './auto';
import { askAuto } from './automatic';
import type { IDeviceLine } from '../devices/lines';
import type { ChipModel } from './model';
import { showReport } from './report';
import { confirmRestart } from '../ui/restart';
import { showSentences } from './sentences';
import { askSeveral } from './several';
import type { IChange } from './stored';

/** How long a notice stays, in milliseconds; it then waits among the notifications. */
const SHOWN = 8000;
const WARNING_SHOWN = 15000;
/** Characters of a notification that JupyterLab shows. */
const ROOM = 140;

/** What a chip's menu does, with the questions and notices that belong to it. None of it rejects. */
export class ChipActions {
  constructor(
    private readonly model: ChipModel,
    private readonly display: Pick<IDisplay, 'units'>,
    private readonly trans: TranslationBundle
  ) {
    model.startedWithWarnings.connect((_, texts) => this._tellStart(texts));
  }

  /** Pins the notebook, asks where a restart is needed, and says what came of it. */
  choose(pin: string): Promise<void> {
    return this._change(() => this.model.choose(pin));
  }

  /** Forgets the choice that counts. */
  forget(): Promise<void> {
    return this._change(() => this.model.forget());
  }

  /** Restarts the kernel once the user has agreed: for a choice that waits for that. */
  restart(): Promise<void> {
    return this._guard(async () => {
      if (await this._agrees([], Dialog.cancelButton())) {
        await this.model.restart();
      }
    });
  }

  async several(lines: IDeviceLine[]): Promise<void> {
    const pin = await askSeveral(lines, this.trans);
    if (pin !== null) {
      await this.choose(pin);
    }
  }

  /** `now`: what counts, where that is such a choice. */
  async auto(now: IAuto | null): Promise<void> {
    const { model, display, trans } = this;
    const pin = await askAuto(now, model.devices, display.units, trans);
    if (pin !== null) {
      await this.choose(pin);
    }
  }

  report(): Promise<void> {
    return showReport(this.model, this.trans);
  }

  private _change(act: () => Promise<IChange>): Promise<void> {
    return this._guard(async () => {
      const change = await act();
      const { warnings, restart_needed: needed } = change.answer;
      const later = Dialog.cancelButton({ label: this.trans.__('Later') });
      const waits = needed && this.model.kernel !== null;
      if (waits && (await this._agrees(warnings, later))) {
        await this.model.restart();
      } else {
        this._tell(change, waits);
      }
    });
  }

  private _agrees(
    warnings: string[],
    cancel: Readonly<Dialog.IButton>
  ): Promise<boolean> {
    const { model, trans } = this;
    return confirmRestart({
      gpu: this._gpu,
      notebook: model.name,
      busy: model.busy,
      warnings,
      cancel,
      trans
    });
  }

  /** What the next start gets, in words. */
  private get _gpu(): string {
    const { model, trans } = this;
    return pinText(model.counting?.pin ?? '', model.devices, trans);
  }

  /** Says what was changed; it can be taken back. */
  private _tell({ answer, undo }: IChange, waits: boolean): void {
    const { model, trans } = this;
    const gpu = this._gpu;
    const said = waits
      ? trans.__('From the next start this kernel has: %1.', gpu)
      : model.kernel
        ? trans.__('This kernel has: %1. No restart is needed.', gpu)
        : trans.__('The kernel will start with: %1.', gpu);
    const warnings = answer.warnings.map(unmarked);
    Notification.emit(
      [said, ...warnings].join(' '),
      warnings.length > 0 ? 'warning' : 'info',
      {
        autoClose: warnings.length > 0 ? WARNING_SHOWN : SHOWN,
        actions: [
          {
            label: trans.__('Undo'),
            caption: trans.__('What counted before counts again'),
            callback: () => void this._guard(async () => void (await undo()))
          }
        ]
      }
    );
  }

  /** One notification for one start, whatever there is to say. */
  private _tellStart(texts: readonly string[]): void {
    const { model, trans } = this;
    const said = texts.map(unmarked);
    const text = trans.__('%1: %2', model.name, said.join(' '));
    const readOn = {
      label: trans.__('Read on'),
      callback: () => void showSentences(model.name, said, trans)
    };
    Notification.warning(text, {
      autoClose: WARNING_SHOWN,
      actions: text.length > ROOM ? [readOn] : []
    });
  }

  private async _guard(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      Notification.error(describeError(error, this.trans), {
        autoClose: false
      });
    }
  }
}
