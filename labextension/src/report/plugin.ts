import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { ILiveModel } from '../live';
import { LiveReports } from './live';
import { ReportRenderer } from './renderer';
import { MIME } from './saved';

/** Before HTML, which an output has for all who lack this renderer. */
const RANK = 0;

/** How a report looks in a notebook. */
export const reportPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfgpu:report',
  description:
    'Shows reports among the outputs of a notebook, with the fixes of the kernel that runs.',
  autoStart: true,
  requires: [IRenderMimeRegistry, ILiveModel],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    live: ILiveModel,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const reports = new LiveReports(live.client);
    rendermime.addFactory(
      {
        // In a notebook that is not trusted the escaped HTML is shown.
        safe: false,
        mimeTypes: [MIME],
        createRenderer: () => new ReportRenderer(reports, trans)
      },
      RANK
    );
  }
};
