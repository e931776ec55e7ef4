import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { ILiveModel } from '../live';
import { PickerDialog } from './dialog';
import type { IItem, KernelChoice } from './items';
import { LauncherHeader } from './header';
import type { KernelList } from './list';
import type { KernelOffers } from './offers';

/** What is made with a kernel that was chosen in a launcher. */
export type Made = 'notebook' | 'console';

/** The command with which JupyterLab opens a launcher. */
const CREATE = 'launcher:create';

/** JupyterLab's launcher, as far as it is public: a content that knows its folder. */
type Launcher = MainAreaWidget<Widget & { readonly cwd?: string }>;

/** Puts our part at the head of each launcher that is opened from now on. */
export function addToLaunchers(
  app: JupyterFrontEnd,
  live: ILiveModel,
  offers: KernelOffers,
  trans: TranslationBundle
): void {
  app.commands.commandExecuted.connect((_, { id, result }) => {
    if (id === CREATE) {
      result.then(
        (widget: unknown) => {
          if (isLauncher(widget)) {
            widget.contentHeader.addWidget(
              createHeader(app, widget, live, offers, trans)
            );
          }
        },
        () => undefined // Whoever opened it is told.
      );
    }
  });
}

function isLauncher(widget: unknown): widget is Launcher {
  if (!(widget instanceof MainAreaWidget) || widget.isDisposed) {
    return false;
  }
  return (widget as MainAreaWidget<Widget>).content.hasClass('jp-Launcher');
}

function createHeader(
  app: JupyterFrontEnd,
  launcher: Launcher,
  live: ILiveModel,
  offers: KernelOffers,
  trans: TranslationBundle
): LauncherHeader {
  const { list, stop } = offers.list(null);
  let busy = false;
  const take = async (item: IItem, made: Made) => {
    if (busy) {
      return; // A double click makes one notebook.
    }
    busy = true;
    try {
      const choice =
        item.need === null ? item.choice : await prepared(item, offers, trans);
      if (choice) {
        offers.chosen(choice);
        await make(app, launcher, choice, made);
      }
    } finally {
      busy = false;
    }
  };
  const header = new LauncherHeader({
    list,
    take: (item, made) => void take(item, made),
    made: (['notebook', 'console'] as const).filter(made =>
      app.commands.hasCommand(COMMANDS[made])
    ),
    live,
    trans
  });
  header.disposed.connect(stop);
  return header;
}

const COMMANDS: Record<Made, string> = {
  notebook: 'notebook:create-new',
  console: 'console:create'
};

/** Has what an item needs done in the picker's dialog; what was chosen there in the end. */
async function prepared(
  item: IItem,
  offers: KernelOffers,
  trans: TranslationBundle
): Promise<KernelChoice | undefined> {
  const { list, stop } = offers.list(null);
  list.activate(item.key);
  try {
    // eslint-disable-next-line jupyter/require-disposable-transfer -- a dialog disposes of itself as it closes
    const dialog = await createDialog(list, offers, trans).launchWith(item);
    return dialog.button.accept ? dialog.value : undefined;
  } finally {
    stop();
  }
}

function createDialog(
  list: KernelList,
  offers: KernelOffers,
  trans: TranslationBundle
): PickerDialog {
  return new PickerDialog({
    list,
    preparation: offers.preparation(),
    title: trans.__('Select Kernel'),
    subject: trans.__('For a new notebook or console'),
    cancel: trans.__('Cancel'),
    select: { label: trans.__('Select'), ariaLabel: trans.__('Select Kernel') },
    trans
  });
}

/** Makes a notebook or a console in the launcher's folder; it takes the launcher's place, as from a card. */
async function make(
  app: JupyterFrontEnd,
  launcher: Launcher,
  choice: NonNullable<KernelChoice>,
  made: Made
): Promise<void> {
  const { commands, shell } = app;
  const cwd = launcher.content.cwd ?? '';
  const kernel: Record<string, string> = { ...choice };
  const widget: unknown = await commands.execute(
    COMMANDS[made],
    made === 'notebook'
      ? { cwd, kernelName: kernel['name'] }
      : { cwd, isLauncher: true, kernelPreference: kernel }
  );
  if (
    widget instanceof Widget &&
    !launcher.isDisposed &&
    [...shell.widgets('main')].includes(widget)
  ) {
    shell.add(widget, 'main', { ref: launcher.id });
    launcher.dispose();
  }
}
