import type { NotificationManager } from '@jupyterlab/apputils';
import type { Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { unmarked } from '../ui';
import type { INews } from './judge';
import type { Cell, ICellRun, RunSession } from './run';
import { runOf } from './run';
import { sentence } from './sentences';
import type { IPreflight } from './tokens';

/** How long a warning is shown, in milliseconds; it then waits among the notifications. */
const SHOWN = 15000;

/** Tells of cells that another extension runs: they cannot be held. */
export class Notices {
  /** `sessionOf`: the session of a notebook. */
  constructor(
    private readonly preflight: IPreflight,
    private readonly sessionOf: (notebook: Notebook) => RunSession | undefined,
    private readonly manager: Pick<NotificationManager, 'notify'>,
    private readonly trans: TranslationBundle
  ) {}

  /** A cell was handed to its kernel. */
  async onScheduled(notebook: Notebook, cell: Cell): Promise<void> {
    const { preflight } = this;
    const run =
      preflight.seen.has(cell) || !notebook.model
        ? null
        : runOf(cell, notebook.model, this.sessionOf(notebook));
    if (!run) {
      return;
    }
    const looking = preflight.judge.look(run);
    preflight.judge.runs(run);
    const news = await looking;
    if (news) {
      preflight.judge.settle(run, news);
      this._tell(run, news);
    }
  }

  private _tell(run: ICellRun, news: INews): void {
    const { preflight, trans } = this;
    const grave = news.findings.some(({ severity }) => severity === 'error');
    const found = news.findings.map(({ title }) => unmarked(title)).join(' ');
    this.manager.notify(
      `${run.session.name}: ${sentence(news.answer, trans)} ${found}`,
      grave ? 'error' : 'warning',
      {
        autoClose: grave ? false : SHOWN,
        actions: [
          {
            label: trans.__('Fix it'),
            caption: trans.__('Show the report on this kernel'),
            callback: () => void preflight.questions.showFixes(run, news)
          }
        ]
      }
    );
  }
}
