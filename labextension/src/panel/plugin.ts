import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { ILiveModel } from '../live';
import { gpuIcon } from '../ui';
import { GpuPanel } from './panel';
import { IGpuPanel } from './tokens';

const OPEN = 'tfgpu:open-panel';

/** The sidebar itself, in JupyterLab and in Notebook 7, and the command that opens it. */
export const panelPlugin: JupyterFrontEndPlugin<IGpuPanel> = {
  id: 'jupyter-tfgpu:panel',
  description: 'The GPU sidebar.',
  autoStart: true,
  requires: [ILiveModel],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  provides: IGpuPanel,
  activate: (
    app: JupyterFrontEnd,
    live: ILiveModel,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const language = translator ?? nullTranslator;
    const trans = language.load('jupyter_tfgpu');
    const panel = new GpuPanel(live, language);
    app.shell.add(panel, 'left', { rank: 450, type: 'GPUs' });
    restorer?.add(panel, panel.id);

    app.commands.addCommand(OPEN, {
      label: trans.__('Show GPUs'),
      caption: trans.__(
        'Show the GPUs and environments of the server in the sidebar'
      ),
      icon: gpuIcon,
      execute: () => app.shell.activateById(panel.id),
      describedBy: { args: { type: 'object', properties: {} } }
    });
    palette?.addItem({ command: OPEN, category: trans.__('GPUs') });
    return panel;
  }
};
