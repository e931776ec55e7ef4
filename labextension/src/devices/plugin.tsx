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
import { DeviceActions } from './actions';
import { holderColors } from './colors';
import { ReadingHistory } from './history';
import { DeviceList } from './list';
import { ServerNotebooks } from './notebooks';
import { Opened } from './opened';

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
    const tools = {
      history: new ReadingHistory(live),
      notebooks: new ServerNotebooks(live, app.commands),
      colors: holderColors(live),
      opened: new Opened(),
      actions: new DeviceActions(live, display, app.commands, trans),
      trans
    };
    panel.addSection(
      new Section({
        name: 'Devices',
        title: trans.__('Devices'),
        content: <DeviceList live={live} display={display} tools={tools} />
      }),
      10,
      2
    );
  }
};
