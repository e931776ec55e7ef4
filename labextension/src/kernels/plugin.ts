import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISessionContextDialogs } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IEnvironments } from '../environments';
import { ILiveModel } from '../live';
import { KernelDialogs } from './dialogs';
import { addToLaunchers } from './launcher';
import { KernelOffers } from './offers';
import { RecentKernels } from './recent';

/**
 * The picker in place of JupyterLab's. Of two providers of a token JupyterLab
 * takes the later one, and its own plugins are the first; where another
 * extension comes later still, the kernels have their plain labels.
 */
export const kernelPickerPlugin: JupyterFrontEndPlugin<ISessionContextDialogs> =
  {
    id: 'jupyter-tfgpu:kernel-picker',
    description: 'Picks a kernel from the environments, with their health.',
    autoStart: true,
    optional: [ITranslator, ISettingRegistry],
    provides: ISessionContextDialogs,
    activate: (
      app: JupyterFrontEnd,
      translator: ITranslator | null,
      settingRegistry: ISettingRegistry | null
    ) => {
      const words = translator ?? nullTranslator;
      const trans = words.load('jupyter_tfgpu');
      /**
       * Asked for with the first dialog: what these plugins need in their turn
       * may need the dialogs, and no notebook shall wait for them.
       */
      const offers = async () => {
        const live = await app.resolveOptionalService(ILiveModel);
        const environments = await app.resolveOptionalService(IEnvironments);
        return live && environments && live.state !== 'no-extension'
          ? new KernelOffers(
              live.client,
              environments,
              app.serviceManager.kernelspecs,
              recentKernels(),
              trans
            )
          : null;
      };
      return new KernelDialogs(offers, words, trans, {
        translator: words,
        settingRegistry
      });
    }
  };

/** The environments at the head of every launcher; Notebook 7 has none. */
export const launcherPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfgpu:launcher',
  description: 'Shows the environments, searchable, in the launcher.',
  autoStart: true,
  requires: [ILiveModel, IEnvironments],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: ILiveModel,
    environments: IEnvironments,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const offers = new KernelOffers(
      live.client,
      environments,
      app.serviceManager.kernelspecs,
      recentKernels(),
      trans
    );
    addToLaunchers(app, live, offers, trans);
  }
};

function recentKernels(): RecentKernels {
  return new RecentKernels(() => window.localStorage);
}
