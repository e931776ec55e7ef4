import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { describeError } from '../api';
import { HealthBadge, ReportView, verdictText } from '../environments';
import type { ChipModel } from './model';

/** Shows the report on a notebook's kernel: why a framework would not use the GPU, and what to do. */
export async function showReport(
  model: ChipModel,
  trans: TranslationBundle
): Promise<void> {
  try {
    const report = await model.report();
    if (report === null) {
      return;
    }
    const { level, label, title } = verdictText(report.verdict, trans);
    const body = ReactWidget.create(
      <div className="jp-tfgpu-ChipReport">
        <p>
          <HealthBadge health={{ level, label, reason: title }} /> {title}
        </p>
        <ReportView report={report} trans={trans} />
      </div>
    );
    await showDialog({
      title: trans.__('Report on the kernel of %1', model.name),
      body,
      buttons: [Dialog.okButton({ label: trans.__('Close') })],
      hasClose: true
    });
  } catch (error) {
    Notification.error(describeError(error, trans), { autoClose: 6000 });
  }
}
