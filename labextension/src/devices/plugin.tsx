import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import { IDisplay } from '../display';
import { ILiveModel } from '../live';
import { IGpuPanel } from '../panel';
import { Section } from '../ui';
import { ReadingHistory } from './history';
import { DeviceList } from './list';
import { ServerNotebooks } from './notebooks';

/** The section “Devices” of the sidebar. */
export const devicesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfgpu:devices',
  description: 'Shows the devices and who holds them in the GPU sidebar.',
  autoStart: true,
  requires: [ILiveModel, IGpuPanel, IDisplay],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: ILiveModel,
    panel: IGpuPanel,
    display: IDisplay,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const history = new ReadingHistory(live);
    const notebooks = new ServerNotebooks(live, app.commands);
    panel.addSection(
      new Section({
        name: 'Devices',
        title: trans.__('Devices'),
        content: (
          <DeviceList
            live={live}
            history={history}
            notebooks={notebooks}
            display={display}
            trans={trans}
          />
        )
      }),
      10
    );
  }
};
