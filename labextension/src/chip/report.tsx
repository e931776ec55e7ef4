import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { JSONExt } from '@lumino/coreutils';
import * as React from 'react';

import { describeError } from '../api';
import type { Report } from '../api';
import { HealthBadge, ReportView, verdictText } from '../environments';
import { delay, useFixes } from '../fixes';
import type { IFixing } from '../fixes';
import type { ChipModel } from './model';

/** How often, and after how many milliseconds, a report is asked for that is made after a restart. */
const LOOKS = 20;
const LOOK = 500;

/** Shows the report on a notebook's kernel: why a framework would not use the GPU, and what to do. */
export async function showReport(
  model: ChipModel,
  trans: TranslationBundle
): Promise<void> {
  try {
    const { kernel } = model;
    const report = await model.report();
    if (kernel === null || report === null) {
      return;
    }
    await showDialog({
      title: trans.__('Report on the kernel of %1', model.name),
      body: ReactWidget.create(
        <KernelReport
          report={report}
          fixing={model.fixing(kernel)}
          reread={() => model.report()}
          trans={trans}
        />
      ),
      buttons: [Dialog.okButton({ label: trans.__('Close') })],
      hasClose: true
    });
  } catch (error) {
    Notification.error(describeError(error, trans), { autoClose: 6000 });
  }
}

/** The report on a kernel with its fixes; `reread` asks for it again. */
export function KernelReport(props: {
  report: Report;
  fixing: IFixing;
  reread: () => Promise<Report | null>;
  trans: TranslationBundle;
}): React.ReactElement {
  const { fixing, reread, trans } = props;
  const [report, setReport] = React.useState(props.report);
  const fixes = useFixes(fixing, async after => {
    // It is about the kernel's last start: only another one changes it.
    if (after === 'restart') {
      setReport(await nextReport(report, reread));
    }
  });
  const { level, label, title } = verdictText(report.verdict, trans);
  return (
    <div className="jp-tfgpu-ChipReport">
      <p>
        <HealthBadge health={{ level, label, reason: title }} /> {title}
      </p>
      <ReportView report={report} fixes={fixes} trans={trans} />
    </div>
  );
}

/** The report that is made some time after a start; the last one where none comes, or it says the same. */
async function nextReport(
  last: Report,
  reread: () => Promise<Report | null>
): Promise<Report> {
  for (let looks = 0; looks < LOOKS; looks++) {
    await delay(LOOK);
    const next = await reread().catch(() => null);
    if (next !== null && !JSONExt.deepEqual(last, next)) {
      return next;
    }
  }
  return last;
}
