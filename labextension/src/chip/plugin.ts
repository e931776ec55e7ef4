import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IDisplay } from '../display';
import { ILiveModel } from '../live';
import { ChipModel } from './model';
import { Starts } from './starts';
import { Chip } from './widget';

/** The chip in the toolbar of every notebook; `schema/chip.json` says where it stands. */
export const chipPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfgpu:chip',
  description: 'Shows and chooses the GPU of a notebook in its toolbar.',
  autoStart: true,
  requires: [ILiveModel, IDisplay, IToolbarWidgetRegistry],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: ILiveModel,
    display: IDisplay,
    toolbar: IToolbarWidgetRegistry,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const { contents } = app.serviceManager;
    const starts = new Starts(live);
    toolbar.addFactory<NotebookPanel>('Notebook', 'tfgpu-chip', panel => {
      return new Chip(
        new ChipModel(panel.context, live, contents, starts, trans),
        display,
        trans
      );
    });
  }
};
