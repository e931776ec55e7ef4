import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Finding, Fix, Report } from '../api';
import { FixDone, FixOffer, awaitsStart } from '../fixes';
import type { IFixes } from '../fixes';
import { Command, Message } from '../ui';
import { whereText } from './names';

/** What the doctor found, the root cause first, each with its ways out. */
export function ReportView(props: {
  report: Report;
  /** For the fixes that can be applied from here. */
  fixes: IFixes;
  trans: TranslationBundle;
}): React.ReactElement {
  const { report, fixes, trans } = props;
  return (
    <div className="jp-tfgpu-Report">
      {report.simulated && (
        <div>
          <span className="jp-tfgpu-Badge jp-mod-degraded">
            {trans.__('simulated machine')}
          </span>
        </div>
      )}
      <FixDone fixes={fixes} trans={trans} />
      {!saysTheSame(report) && <div>{report.summary}</div>}
      {report.findings.map((finding, index) => (
        <FindingView
          key={`${finding.code}-${index}`}
          finding={finding}
          fixes={fixes}
          trans={trans}
        />
      ))}
    </div>
  );
}

/** Whether the summary is but the title of the first finding, which stands right below it. */
function saysTheSame({ summary, findings }: Report): boolean {
  return summary.replace(/\.$/, '') === findings[0]?.title.replace(/\.$/, '');
}

function FindingView(props: {
  finding: Finding;
  fixes: IFixes;
  trans: TranslationBundle;
}): React.ReactElement {
  const { finding, fixes, trans } = props;
  // Of several, the server applies the first.
  const automatic = finding.fixes.find(fix => fix.automatic);
  return (
    <Message level={finding.severity} title={finding.title}>
      <p>{finding.detail}</p>
      {finding.fixes.map(fix => (
        <FixView key={fix.title} fix={fix} trans={trans}>
          {fix === automatic && !awaitsStart(fixes, finding) && (
            <FixOffer
              finding={finding}
              title={fix.title}
              fixes={fixes}
              trans={trans}
            />
          )}
        </FixView>
      ))}
      {finding.evidence.length > 0 && (
        <details>
          <summary>{trans.__('Evidence')}</summary>
          <ul>
            {finding.evidence.map(fact => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </details>
      )}
    </Message>
  );
}

function FixView(props: {
  fix: Fix;
  trans: TranslationBundle;
  /** What applies it from here. */
  children: React.ReactNode;
}): React.ReactElement {
  const { fix, trans, children } = props;
  return (
    <div className="jp-tfgpu-Fix">
      <div>
        {fix.title}{' '}
        <span className="jp-tfgpu-Note">({whereText(fix.where, trans)})</span>
      </div>
      {children}
      {fix.commands.map(command => (
        <Command key={command} text={command} trans={trans} />
      ))}
    </div>
  );
}
