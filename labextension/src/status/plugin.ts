import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { IDisplay } from '../display';
import { ILiveModel } from '../live';
import { followSettings } from '../ui';
import { NoKernel, NotebookKernel } from './current';
import { StatusModel } from './model';
import { StatusItem } from './widget';

const ID = 'jupyter-tfgpu:status';

/** What the devices do, in the status bar where there is one: Notebook 7 has none. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Shows the use of the devices in the status bar.',
  autoStart: true,
  requires: [ILiveModel, IDisplay],
  optional: [IStatusBar, INotebookTracker, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: ILiveModel,
    display: IDisplay,
    statusBar: IStatusBar | null,
    notebooks: INotebookTracker | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    if (!statusBar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const current = notebooks
      ? new NotebookKernel(notebooks, app.shell)
      : new NoKernel();
    const model = new StatusModel(live, display, current, trans);
    const open = () => {
      void app.commands.execute('tfgpu:open-panel');
    };
    statusBar.registerStatusItem(ID, {
      item: new StatusItem({ model, open, trans }),
      align: 'left',
      rank: 10,
      isActive: () => model.view !== null,
      activeStateChanged: whereItComesOrGoes(model)
    });
    if (settings) {
      void followSettings(
        settings,
        ID,
        ({ enabled }) => {
          model.enabled = enabled !== false;
        },
        'the status bar is as by default.'
      );
    }
  }
};

/** The status bar draws an item anew with each of its signals: this one is for showing and hiding alone. */
function whereItComesOrGoes(model: StatusModel): Signal<StatusModel, void> {
  const signal = new Signal<StatusModel, void>(model);
  let shown = model.view !== null;
  model.changed.connect(() => {
    if ((model.view !== null) !== shown) {
      shown = !shown;
      signal.emit();
    }
  });
  return signal;
}
