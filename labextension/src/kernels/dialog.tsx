import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useSignalValue } from '../ui';
import type { IItem, KernelChoice } from './items';
import type { KernelList } from './list';
import { SearchableList } from './listbox';
import type { Preparation } from './preparation';
import { StageView } from './stage';

/** Where the buttons stand in `buttons` below. */
const ACCEPT = 1;

interface IPickerOptions {
  list: KernelList;
  preparation: Preparation;
  title: string;
  /** What it is for, above the search field. */
  subject: string;
  /** What the button that changes nothing is called while one chooses. */
  cancel: string;
  /** What the button that takes the active item is called, and what it is called for those who hear it. */
  select: { label: string; ariaLabel: string };
  checkbox?: Partial<Dialog.ICheckbox> | null;
  trans: TranslationBundle;
}

/**
 * The dialog that a kernel is picked in. It stays open while something is done
 * for what was taken, and its buttons are then for that.
 */
export class PickerDialog extends Dialog<KernelChoice> {
  constructor(private readonly _picker: IPickerOptions) {
    const { list, preparation, subject, trans, title, cancel, select } =
      _picker;
    const body = new PickerBody(
      list,
      preparation,
      subject,
      item => this._take(item),
      trans
    );
    super({
      title,
      body,
      buttons: [
        Dialog.cancelButton({ label: cancel }),
        Dialog.okButton(select)
      ],
      checkbox: _picker.checkbox ?? null,
      focusNodeSelector: 'input'
    });
    this._content = body;
    this.addClass('jp-tfgpu-PickerDialog');
    list.changed.connect(this._nameButtons, this);
    preparation.changed.connect(this._nameButtons, this);
    this._nameButtons();
  }

  override dispose(): void {
    this._picker.list.changed.disconnect(this._nameButtons, this);
    this._picker.preparation.changed.disconnect(this._nameButtons, this);
    super.dispose();
  }

  /** Opens with an item taken already, as where it was taken in another list. */
  async launchWith(item: IItem): ReturnType<PickerDialog['launch']> {
    const result = this.launch();
    await this.ready;
    this._take(item);
    return result;
  }

  override resolve(index: number = ACCEPT): void {
    if (index !== ACCEPT) {
      this.reject();
      return;
    }
    const { stage } = this._picker.preparation;
    const item =
      stage.name === 'choosing' ? this._picker.list.active : stage.item;
    if (item !== null && stage.name !== 'working') {
      this._take(item);
    }
  }

  override reject(): void {
    const { preparation } = this._picker;
    if (preparation.stage.name === 'choosing') {
      super.reject();
    } else {
      preparation.back();
    }
  }

  override handleEvent(event: Event): void {
    if (event instanceof KeyboardEvent && event.isComposing) {
      return; // Enter ends a syllable, Escape takes it back.
    }
    if (event.type === 'input') {
      return; // Nothing here can be invalid; the dialog would take a badge for an error of the input.
    }
    super.handleEvent(event);
  }

  private _take(item: IItem): void {
    void this._picker.preparation.start(item).then(choice => {
      if (choice !== undefined && !this.isDisposed) {
        this._content.chosen = choice;
        super.resolve(ACCEPT);
      }
    });
  }

  /** The buttons say what they do now. */
  private _nameButtons(): void {
    const { list, preparation, trans, select, cancel } = this._picker;
    const { stage } = preparation;
    const accept = this._button('.jp-mod-accept');
    const reject = this._button('.jp-mod-reject');
    switch (stage.name) {
      case 'choosing': {
        const what = list.active?.need?.what;
        const label =
          what === 'add'
            ? trans.__('Add and Select')
            : what === 'repair'
              ? trans.__('Repair and Select')
              : select.label;
        name(accept, label, list.active !== null);
        name(reject, cancel, true);
        accept?.setAttribute('aria-label', what ? label : select.ariaLabel);
        return;
      }
      case 'asking':
        name(accept, trans.__('Install and Select'), true);
        name(reject, trans.__('Back'), true);
        break;
      case 'working':
        name(accept, trans.__('Working…'), false);
        name(
          reject,
          trans.__('Cancel Installation'),
          stage.task?.cancellable === true
        );
        break;
      case 'failed':
        name(accept, trans.__('Try Again'), true);
        name(reject, trans.__('Back'), true);
    }
    accept?.removeAttribute('aria-label');
  }

  private _button(selector: string): HTMLButtonElement | null {
    return this.node.querySelector(`button.jp-Dialog-button${selector}`);
  }

  private readonly _content: PickerBody;
}

/** Names a button of a dialog. It is not disabled but said to be, so that it keeps the focus. */
function name(
  button: HTMLButtonElement | null,
  label: string,
  enabled: boolean
): void {
  const text = button?.querySelector('.jp-Dialog-buttonLabel');
  if (button && text && text.textContent !== label) {
    text.textContent = label;
    button.title = label;
  }
  button?.setAttribute('aria-disabled', String(!enabled));
}

/** What stands between the dialog's title and its buttons. */
class PickerBody
  extends ReactWidget
  implements Dialog.IBodyWidget<KernelChoice>
{
  constructor(
    private readonly list: KernelList,
    private readonly preparation: Preparation,
    private readonly subject: string,
    private readonly take: (item: IItem) => void,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-tfgpu-PickerDialog-body');
  }

  /** What was chosen in the end; null: no kernel. */
  chosen: KernelChoice = null;

  getValue(): KernelChoice {
    return this.chosen;
  }

  protected override render(): React.ReactElement {
    return <Body {...this.parts} />;
  }

  private get parts(): IBodyProps {
    const { list, preparation, subject, take, trans } = this;
    return { list, preparation, subject, take, trans };
  }
}

interface IBodyProps {
  list: KernelList;
  preparation: Preparation;
  subject: string;
  take: (item: IItem) => void;
  trans: TranslationBundle;
}

function Body(props: IBodyProps): React.ReactElement {
  const { preparation, subject, trans, ...rest } = props;
  const stage = useSignalValue(preparation.changed, () => preparation.stage);
  const choosing = stage.name === 'choosing';
  return (
    <>
      <div className="jp-tfgpu-Picker-subject" title={subject}>
        {subject}
      </div>
      <SearchableList
        {...rest}
        trans={trans}
        label={trans.__('Kernels')}
        readOnly={!choosing}
        // React may draw the field only after the dialog has looked for it.
        focused
      >
        {choosing ? null : <StageView stage={stage} trans={trans} />}
      </SearchableList>
    </>
  );
}
