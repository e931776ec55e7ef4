import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { describeError } from '../api';
import type { Client, Report } from '../api';
import { KernelReport } from '../chip/report';
import { ServerFixing } from '../fixes';
import { Message } from '../ui';
import type { INews, Judge } from './judge';
import type { ICellRun } from './run';
import { firstLine, sentence } from './sentences';

const RUN = 'run';
const FIX = 'fix';

/** Asks before a cell runs, and leads to the fixes. */
export class Questions {
  constructor(
    private readonly client: Client,
    private readonly judge: Pick<Judge, 'settle'>,
    private readonly trans: TranslationBundle
  ) {}

  /**
   * Whether the user wants the cell to run. `behind`: how many cells wait for
   * the answer. The question is taken back where it has become `moot`.
   */
  async mayRun(
    run: ICellRun,
    news: INews,
    behind: number,
    moot: AbortSignal
  ): Promise<boolean> {
    const { trans } = this;
    const fixable = news.findings.some(({ fixes }) => fixes.length > 0);
    const buttons = [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.createButton({
        label: trans.__('Run anyway'),
        accept: true,
        actions: [RUN],
        displayType: 'warn'
      }),
      ...(fixable
        ? [
            Dialog.createButton({
              label: trans.__('Fix it'),
              accept: true,
              actions: [FIX]
            })
          ]
        : [])
    ];
    const dialog = new Dialog({
      title: trans.__('Run this cell of %1?', run.session.name),
      body: ReactWidget.create(
        <Body run={run} news={news} behind={behind} trans={trans} />
      ),
      buttons,
      // A key that was meant for the notebook does no harm here: nothing is changed before it is agreed to.
      defaultButton: fixable ? 2 : 0
    });
    const takeBack = () => dialog.reject();
    moot.addEventListener('abort', takeBack);
    const { button } = await dialog.launch();
    moot.removeEventListener('abort', takeBack);
    if (button.actions.includes(RUN)) {
      this.judge.settle(run, news);
      return true;
    }
    if (button.actions.includes(FIX)) {
      void this.showFixes(run, news);
    }
    return false;
  }

  /** Shows the report on the kernel with the fixes of what was found. Never rejects. */
  async showFixes({ kernel, session }: ICellRun, news: INews): Promise<void> {
    const { client, trans } = this;
    try {
      const read = () => client.kernelReport(kernel.id);
      const fixing = new ServerFixing(
        client,
        { kernel_id: kernel.id },
        {
          get busy() {
            return kernel.status === 'busy';
          },
          restart: () => session.restartKernel()
        }
      );
      await showDialog({
        title: trans.__('Report on the kernel of %1', session.name),
        body: ReactWidget.create(
          <KernelReport
            report={withNews(await read(), news)}
            fixing={fixing}
            reread={read}
            trans={trans}
          />
        ),
        buttons: [Dialog.okButton({ label: trans.__('Close') })]
      });
    } catch (error) {
      Notification.error(describeError(error, trans), { autoClose: 6000 });
    }
  }
}

/** The report with what has come up since the kernel's start before it. */
function withNews(report: Report, { findings }: INews): Report {
  const later = findings.filter(
    ({ code, framework }) =>
      !report.findings.some(
        known => known.code === code && known.framework === framework
      )
  );
  return { ...report, findings: [...later, ...report.findings] };
}

function Body(props: {
  run: ICellRun;
  news: INews;
  behind: number;
  trans: TranslationBundle;
}): React.ReactElement {
  const { run, news, behind, trans } = props;
  return (
    <div className="jp-tfgpu-Preflight">
      <pre>{firstLine(run.code)}</pre>
      <p>{sentence(news.answer, trans)}</p>
      {news.findings.map(({ code, framework, severity, title, detail }) => (
        <Message key={`${code} ${framework}`} level={severity} title={title}>
          {detail}
        </Message>
      ))}
      {behind > 0 && (
        <p className="jp-tfgpu-Note">
          {trans._n(
            'One more cell waits for your answer; Cancel and Fix it leave it out as well.',
            '%1 more cells wait for your answer; Cancel and Fix it leave them out as well.',
            behind
          )}
        </p>
      )}
    </div>
  );
}
