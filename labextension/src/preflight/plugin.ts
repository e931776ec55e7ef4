import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import {
  INotebookCellExecutor,
  INotebookTracker,
  NotebookActions,
  runCell
} from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Client } from '../api';
import { followSettings } from '../ui';
import { Asked } from './asked';
import { AskingExecutor } from './executor';
import { Judge } from './judge';
import type { Level } from './judge';
import { Modes } from './modes';
import { Notices } from './notices';
import { Questions } from './questions';
import { IPreflight } from './tokens';

const ID = 'jupyter-tfgpu:preflight';

/** What is known before a cell runs; `schema/preflight.json` says when the user is asked. */
export const preflightPlugin: JupyterFrontEndPlugin<IPreflight> = {
  id: ID,
  description: 'Says before a cell runs what keeps it from training on a GPU.',
  autoStart: true,
  provides: IPreflight,
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_tfgpu');
    const client = new Client(app.serviceManager.serverSettings);
    const asked = new Asked(() => window.sessionStorage);
    const judge = new Judge(client, asked, new Modes());
    judge.prepare();
    if (settings) {
      void followSettings(
        settings,
        ID,
        ({ ask }) => {
          judge.level = ask as Level;
        },
        'it is asked before a cell where the report has errors.'
      );
    }
    return {
      judge,
      questions: new Questions(client, judge, trans),
      seen: new WeakSet()
    };
  }
};

/**
 * Runs the cells of notebooks, in place of JupyterLab's own executor. A notebook
 * needs one to be there: it needs nothing itself, and can be disabled alone.
 */
export const executorPlugin: JupyterFrontEndPlugin<INotebookCellExecutor> = {
  id: 'jupyter-tfgpu:cell-executor',
  description: 'Asks before a cell runs that would not train on a GPU.',
  autoStart: true,
  provides: INotebookCellExecutor,
  optional: [IPreflight],
  activate: (_: JupyterFrontEnd, preflight: IPreflight | null) =>
    preflight === null
      ? { runCell }
      : new AskingExecutor(
          preflight.judge,
          preflight.questions,
          preflight.seen,
          runCell
        )
};

/** Tells of cells that run past our executor, as where another extension has its own. */
export const preflightNoticesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfgpu:preflight-notices',
  description:
    'Notifies of cells that would not train on a GPU where another extension runs them.',
  autoStart: true,
  requires: [IPreflight, INotebookTracker],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    preflight: IPreflight,
    notebooks: INotebookTracker,
    translator: ITranslator | null
  ) => {
    const notices = new Notices(
      preflight,
      notebook =>
        notebooks.find(panel => panel.content === notebook)?.sessionContext,
      Notification.manager,
      (translator ?? nullTranslator).load('jupyter_tfgpu')
    );
    NotebookActions.executionScheduled.connect((_, { notebook, cell }) => {
      void notices.onScheduled(notebook, cell);
    });
  }
};
