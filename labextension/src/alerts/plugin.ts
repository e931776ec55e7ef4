import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { ServerNotebooks } from '../devices/notebooks';
import { IDisplay } from '../display';
import { ILiveModel } from '../live';
import { followSettings } from '../ui';
import { AlertActions } from './actions';
import { AlertNotifier } from './notifier';
import { Remembered } from './remembered';
import { DEFAULTS, readRules } from './rules';

const ID = 'jupyter-tfgpu:alerts';

/** Notifications of what the user wants to be told about the devices. */
export const alertsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Notifies of devices that are lost, hot, full or held unused.',
  autoStart: true,
  requires: [ILiveModel, IDisplay],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: ILiveModel,
    display: IDisplay,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const notifier = new AlertNotifier(
      live,
      display,
      Notification.manager,
      new AlertActions(
        app.commands,
        app.serviceManager,
        new ServerNotebooks(live, app.commands),
        trans
      ),
      new Remembered(() => window.sessionStorage),
      trans
    );
    void app.restored.then(() => follow(notifier, settings));
  }
};

/** What is told on a page that is still being put together would not be seen. */
async function follow(
  notifier: AlertNotifier,
  registry: ISettingRegistry | null
): Promise<void> {
  const told =
    registry !== null &&
    (await followSettings(
      registry,
      ID,
      values => {
        notifier.rules = readRules(values);
      },
      'alerts are as by default.'
    ));
  if (!told) {
    notifier.rules = DEFAULTS;
  }
}
