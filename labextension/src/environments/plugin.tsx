import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ToolbarButton, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { describeError } from '../api';
import { ILiveModel } from '../live';
import { IGpuPanel } from '../panel';
import { Section } from '../ui';
import { ServerActions } from './actions';
import { EnvironmentList } from './list';

/** The section “Environments” of the sidebar. */
export const environmentsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfgpu:environments',
  description: 'Lists the environments and their kernels in the GPU sidebar.',
  autoStart: true,
  requires: [ILiveModel, IGpuPanel],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: ILiveModel,
    panel: IGpuPanel,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const actions = new ServerActions(live, app.serviceManager.kernelspecs);
    const section = new Section({
      name: 'Environments',
      title: trans.__('Environments'),
      content: <EnvironmentList live={live} actions={actions} trans={trans} />
    });
    section.toolbar.addItem(
      'refresh',
      new ToolbarButton({
        icon: refreshIcon,
        tooltip: trans.__('Look for environments again'),
        onClick: () => {
          actions.refresh().catch((error: unknown) => {
            Notification.error(describeError(error, trans));
          });
        }
      })
    );
    panel.addSection(section, 20);
  }
};
