import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import { holderColors } from '../devices';
import { ServerNotebooks } from '../devices/notebooks';
import { IDisplay } from '../display';
import { IEnvironments } from '../environments';
import { ILiveModel } from '../live';
import { IGpuPanel } from '../panel';
import { Section } from '../ui';
import { KernelActions } from './actions';
import { RunningChoices } from './choices';
import { FreeResting } from './free';
import { Freeing } from './freeing';
import { freeButton, sortButton } from './head';
import { JupyterKernels } from './jupyter';
import { KernelList } from './list';
import { namesOf } from './names';
import { KernelIndex } from './shown';
import { Underway } from './underway';

const ID = 'jupyter-tfgpu:running';

/** The section “Kernels” of the sidebar. */
export const runningPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description:
    'Lists the running kernels, what they hold, and what can be done with them, in the GPU sidebar.',
  autoStart: true,
  requires: [ILiveModel, IGpuPanel, IDisplay, IEnvironments],
  optional: [INotebookTracker, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: ILiveModel,
    panel: IGpuPanel,
    display: IDisplay,
    environments: IEnvironments,
    tracker: INotebookTracker | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const { commands, serviceManager } = app;
    const choices = new RunningChoices();
    // JupyterLab itself says in the console which value of the settings does not fit.
    settings?.load(ID).then(
      loaded => choices.follow(loaded),
      () => {
        choices.cannotWrite();
        console.warn('jupyter-tfgpu: kernels are listed as by default.');
      }
    );
    const notebooks = new ServerNotebooks(live, commands);
    const jupyter = new JupyterKernels(
      serviceManager,
      commands,
      notebooks,
      tracker
    );
    const underway = new Underway();
    const tools = {
      live,
      newest: new KernelIndex(live),
      colors: holderColors(live),
      actions: new KernelActions(live, jupyter, underway, trans),
      trans
    };
    const free = new FreeResting(
      live,
      choices,
      display,
      new Freeing(live, jupyter, underway),
      kernel => namesOf(kernel, environments.answer, trans).name,
      trans
    );
    const section = new Section({
      name: 'Kernels',
      title: trans.__('Kernels'),
      content: (
        <KernelList
          live={live}
          environments={environments}
          display={display}
          choices={choices}
          tools={tools}
        />
      )
    });
    section.toolbar.addItem('free', freeButton(live, choices, free, trans));
    section.toolbar.addItem('sort', sortButton(choices, trans));
    panel.addSection(section, 15);
  }
};
