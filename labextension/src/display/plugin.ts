import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { ILiveModel } from '../live';
import { Display } from './model';
import { IDisplay } from './tokens';

const ID = 'jupyter-tfgpu:display';

/** How devices are shown: order, visibility, units, density. */
export const displayPlugin: JupyterFrontEndPlugin<IDisplay> = {
  id: ID,
  description: 'How devices are shown, as the settings say.',
  autoStart: true,
  requires: [ILiveModel],
  optional: [ISettingRegistry],
  provides: IDisplay,
  activate: (
    _: JupyterFrontEnd,
    live: ILiveModel,
    settings: ISettingRegistry | null
  ) => {
    const display = new Display(() => live.reading?.devices ?? []);
    // JupyterLab itself says in the console which value of the settings does not fit.
    settings?.load(ID).then(
      loaded => display.follow(loaded),
      () => {
        display.cannotWrite();
        console.warn('jupyter-tfgpu: devices are shown as by default.');
      }
    );
    return display;
  }
};
