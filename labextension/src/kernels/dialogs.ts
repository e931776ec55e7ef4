import type { ISessionContext } from '@jupyterlab/apputils';
import { SessionContextDialogs } from '@jupyterlab/apputils';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';

import { PickerDialog } from './dialog';
import type { KernelOffers } from './offers';
import { sessionItems } from './session';

/**
 * JupyterLab's dialogs for a session, with a picker of our own for its kernel.
 * All that is not the list of kernels is as JupyterLab does it.
 */
export class KernelDialogs extends SessionContextDialogs {
  /** `offers`: null where there is nothing but kernelspecs to show, and JupyterLab's own picker serves. */
  constructor(
    private readonly offers: () => Promise<KernelOffers | null>,
    private readonly translator: ITranslator,
    private readonly trans: TranslationBundle,
    options: ISessionContext.IDialogsOptions
  ) {
    super(options);
  }

  override async selectKernel(context: ISessionContext): Promise<void> {
    const offers = context.isDisposed ? null : await this.offers();
    if (offers === null) {
      return super.selectKernel(context);
    }
    const { list, stop } = offers.list(
      sessionItems(context, this.translator, this.trans)
    );
    try {
      await this._select(context, offers, this._dialog(context, offers, list));
    } finally {
      stop();
    }
  }

  private _dialog(
    context: ISessionContext,
    offers: KernelOffers,
    list: ReturnType<KernelOffers['list']>['list']
  ): PickerDialog {
    // The words that JupyterLab has itself, in its translation.
    const trans = this.translator.load('jupyterlab');
    const always = context.kernelPreference.autoStartDefault;
    return new PickerDialog({
      list,
      preparation: offers.preparation(),
      title: trans.__('Select Kernel'),
      subject: `${trans.__('Select kernel for:')} "${context.name}"`,
      // Without a kernel, not to choose one is to keep none.
      cancel: context.hasNoKernel
        ? context.kernelDisplayName
        : trans.__('Cancel'),
      select: {
        label: trans.__('Select'),
        ariaLabel: trans.__('Select Kernel')
      },
      checkbox:
        typeof always === 'boolean'
          ? {
              label: trans.__('Always start the preferred kernel'),
              caption: trans.__(
                'Remember my choice and always start the preferred kernel'
              ),
              checked: always
            }
          : null,
      trans: this.trans
    });
  }

  /** What JupyterLab's own dialog does with its answer. */
  private async _select(
    context: ISessionContext,
    offers: KernelOffers,
    dialog: PickerDialog
  ): Promise<void> {
    const { button, isChecked, value } = await dialog.launch();
    if (context.isDisposed || !button.accept) {
      return;
    }
    if (
      typeof context.kernelPreference.autoStartDefault === 'boolean' &&
      isChecked !== null
    ) {
      context.kernelPreference = {
        ...context.kernelPreference,
        autoStartDefault: isChecked
      };
    }
    if (value === null) {
      if (!context.hasNoKernel) {
        await context.shutdown();
      }
      return;
    }
    offers.chosen(value);
    await context.changeKernel(value);
  }
}
