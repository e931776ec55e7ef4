import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { Client } from '../api';
import { followSettings } from '../ui';
import { LiveModel } from './model';
import { BrowserPage } from './page';
import { ILiveModel } from './tokens';

const ID = 'jupyter-tfgpu:live';

/** One connection to the server for everything that shows GPUs on this page. */
export const livePlugin: JupyterFrontEndPlugin<ILiveModel> = {
  id: ID,
  description:
    'Readings of devices, kernels and environments, live from the server.',
  autoStart: true,
  optional: [ISettingRegistry],
  provides: ILiveModel,
  activate: (app: JupyterFrontEnd, settings: ISettingRegistry | null) => {
    const client = new Client(app.serviceManager.serverSettings);
    const model = new LiveModel(client, new BrowserPage());
    model.noticed.connect((_, notice) => {
      Notification.emit(notice.message, notice.level, { autoClose: 8000 });
    });
    if (settings) {
      void followSettings(
        settings,
        ID,
        ({ interval }) => {
          model.interval = interval as number;
        },
        'readings come at the usual interval.'
      );
    }
    return model;
  }
};
