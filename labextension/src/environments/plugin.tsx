import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ToolbarButton, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Client, describeError } from '../api';
import { ILiveModel } from '../live';
import { IGpuPanel } from '../panel';
import { Section, unmarked } from '../ui';
import { EnvironmentList } from './list';
import { EnvironmentsModel } from './model';
import { TaskNotifier } from './notifier';
import { Postponed } from './postponed';
import { KernelSettingsSender } from './settings';
import { IEnvironments } from './tokens';
import { LabVoice } from './voice';

/** What is known of environments, and what can be done with them. */
export const environmentsPlugin: JupyterFrontEndPlugin<IEnvironments> = {
  id: 'jupyter-tfgpu:environments',
  description: 'The environments and kernelspecs of the server.',
  autoStart: true,
  requires: [ILiveModel],
  optional: [ITranslator],
  provides: IEnvironments,
  activate: (
    app: JupyterFrontEnd,
    live: ILiveModel,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const { kernelspecs } = app.serviceManager;
    return new EnvironmentsModel(live, kernelspecs, new LabVoice(trans));
  }
};

/** The section “Environments” of the sidebar, and what is told of tasks while it is closed. */
export const environmentsPanelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfgpu:environments-panel',
  description: 'Lists the environments and their kernels in the GPU sidebar.',
  autoStart: true,
  requires: [ILiveModel, IEnvironments, IGpuPanel],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: ILiveModel,
    environments: IEnvironments,
    panel: IGpuPanel,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const section = new Section({
      name: 'Environments',
      title: trans.__('Environments'),
      content: (
        <EnvironmentList
          live={live}
          environments={environments}
          postponed={new Postponed(() => window.localStorage)}
          trans={trans}
        />
      )
    });
    section.toolbar.addItem(
      'refresh',
      new ToolbarButton({
        icon: refreshIcon,
        tooltip: trans.__('Look for environments again'),
        onClick: () => void environments.actions.refresh()
      })
    );
    panel.addSection(section, 20);
    new TaskNotifier(
      environments,
      Notification.manager,
      {
        get isVisible() {
          return section.isVisible;
        },
        open: () => void app.commands.execute('tfgpu:open-panel')
      },
      trans
    );
  }
};

const SETTINGS = 'jupyter-tfgpu:kernels';

/** Hands the settings of kernelspecs on to the server. */
export const kernelSettingsPlugin: JupyterFrontEndPlugin<void> = {
  id: SETTINGS,
  description: 'How kernels are named, and kept in step with environments.',
  autoStart: true,
  requires: [ISettingRegistry],
  optional: [ITranslator],
  activate: async (
    app: JupyterFrontEnd,
    registry: ISettingRegistry,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const sender = new KernelSettingsSender(
      new Client(app.serviceManager.serverSettings),
      error => {
        Notification.error(unmarked(describeError(error, trans)), {
          autoClose: false
        });
      }
    );
    try {
      const settings = await registry.load(SETTINGS);
      settings.changed.connect(() => void sender.change(settings.user));
      void sender.begin(settings.user);
    } catch {
      console.warn('jupyter-tfgpu: kernels are named as the server has it.');
    }
  }
};
