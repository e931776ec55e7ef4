import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import {
  ICommandPalette,
  IThemeManager,
  MainAreaWidget,
  WidgetTracker
} from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IDisplay } from '../display';
import { ILiveModel } from '../live';
import { gpuIcon } from '../ui';
import type { HistoryView } from './widget';

const OPEN = 'tfgpu:open-history';
const ID = 'jp-tfgpu-history';

/** The tab “GPU history”: in the main area, in Notebook 7 below what is open. */
export const historyPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfgpu:history',
  description: 'Charts of what the devices did in the last half hour.',
  autoStart: true,
  requires: [ILiveModel, IDisplay],
  optional: [
    ITranslator,
    ILayoutRestorer,
    ICommandPalette,
    IThemeManager,
    ILabShell
  ],
  activate: (
    app: JupyterFrontEnd,
    live: ILiveModel,
    display: IDisplay,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    themes: IThemeManager | null,
    labShell: ILabShell | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const tracker = new WidgetTracker<MainAreaWidget<HistoryView>>({
      namespace: ID
    });

    let tab: MainAreaWidget<HistoryView> | null = null;

    /** The tab; there is one, which the second call brings to the front. */
    const open = async (): Promise<MainAreaWidget<HistoryView>> => {
      // A chunk of its own, uPlot in it: fetched as somebody wants to see charts.
      const { HistoryModel, HistoryView } = await import('./tab');
      if (tab && !tab.isDisposed) {
        return tab;
      }
      const model = new HistoryModel(live, display, trans);
      const content = new HistoryView(model, themes);
      const widget = new MainAreaWidget({ content });
      tab = widget;
      widget.id = ID;
      widget.title.label = trans.__('GPU history');
      widget.title.icon = gpuIcon;
      widget.title.closable = true;
      widget.toolbar.hide();
      if (labShell) {
        labShell.add(widget, 'main');
      } else {
        // Notebook's main area is taken by the notebook, or the file browser.
        content.addClass('jp-mod-below');
        app.shell.add(widget, 'down');
      }
      await tracker.add(widget);
      return widget;
    };

    app.commands.addCommand(OPEN, {
      label: trans.__('Show GPU History'),
      caption: trans.__('Show what the GPUs did in the last half hour'),
      icon: gpuIcon,
      execute: async ({ uuid }) => {
        const widget = await open();
        if (typeof uuid === 'string') {
          widget.content.model.only(uuid);
        }
        app.shell.activateById(widget.id);
      },
      describedBy: {
        args: {
          type: 'object',
          properties: {
            uuid: {
              type: 'string',
              description: trans.__('The device to show alone')
            }
          }
        }
      }
    });
    palette?.addItem({ command: OPEN, category: trans.__('GPUs') });
    if (restorer) {
      void restorer.restore(tracker, { command: OPEN, name: () => ID });
    }
  }
};
