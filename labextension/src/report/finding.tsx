import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Finding, Fix } from '../api';
import { whereText } from '../environments/names';
import { FixOffer, awaitsStart } from '../fixes';
import type { IFixes } from '../fixes';
import { Command, CommandText, Marked, unmarked } from '../ui';
import type { SavedFinding, SavedFix } from './saved';

/** What the buttons of a finding come from: the server's report on the kernel that runs. */
export interface ILiveFinding {
  readonly finding: Finding;
  readonly fixes: IFixes;
}

/** A finding as the notebook has it; where it is the running kernel's, with that one's ways out. */
export function FindingView(props: {
  saved: SavedFinding;
  live: ILiveFinding | null;
  /** Whether the running kernel had it and has it no more. */
  gone: boolean;
  trans: TranslationBundle;
}): React.ReactElement {
  const { saved, live, gone, trans } = props;
  const { code, severity, title, detail, evidence } = saved;
  const word = severityText(severity, trans);
  return (
    <section
      className={`jp-tfgpu-Message jp-mod-${severity}${gone ? ' jp-mod-gone' : ''}`}
      role="group"
      aria-label={`${word}: ${unmarked(title)}`}
      data-code={code}
    >
      <div className="jp-tfgpu-Message-title">
        <span className={`jp-tfgpu-Badge jp-mod-${severity}`}>{word}</span>{' '}
        <Marked text={title} />
      </div>
      {gone && (
        <p className="jp-tfgpu-Note">
          {trans.__('The kernel that runs now does not have this any more.')}
        </p>
      )}
      {detail && (
        <p className="jp-tfgpu-Output-detail">
          <Marked text={detail} />
        </p>
      )}
      {live?.finding.fixes.map((fix, index) => (
        <LiveFixView key={index} fix={fix} live={live} trans={trans} />
      ))}
      {live === null &&
        !gone &&
        saved.fixes.map((fix, index) => (
          <FixText key={index} fix={fix} trans={trans}>
            {fix.commands.map((command, line) => (
              <CommandText key={line} text={command} />
            ))}
          </FixText>
        ))}
      {evidence.length > 0 && (
        <details>
          <summary>
            {trans.__('Evidence')} · <code>{code}</code>
          </summary>
          <ul>
            {evidence.map((fact, index) => (
              <li key={index}>{fact}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function LiveFixView(props: {
  fix: Fix;
  live: ILiveFinding;
  trans: TranslationBundle;
}): React.ReactElement {
  const { fix, live, trans } = props;
  const { finding, fixes } = live;
  // Of several, the server applies the first.
  const automatic = fix === finding.fixes.find(each => each.automatic);
  const restarts = fixes.asked?.look.restart_needed ?? true;
  return (
    <FixText fix={fix} trans={trans}>
      {automatic && !awaitsStart(fixes, finding) && (
        <FixOffer
          finding={finding}
          title={fix.title}
          fixes={fixes}
          trans={trans}
          words={{
            ask: trans.__('Fix and restart'),
            agree: restarts ? trans.__('Fix and restart') : trans.__('Apply')
          }}
        >
          {restarts && <Loss busy={fixes.fixing.kernel?.busy} trans={trans} />}
        </FixOffer>
      )}
      {fix.commands.map((command, line) => (
        <Command key={line} text={command} trans={trans} />
      ))}
    </FixText>
  );
}

/** What a restart loses. */
function Loss(props: {
  busy: boolean | undefined;
  trans: TranslationBundle;
}): React.ReactElement {
  const { busy, trans } = props;
  return (
    <p>
      {busy && `${trans.__('It is busy: the cell that runs now is ended.')} `}
      {trans.__(
        'Variables are lost; the notebook and its outputs stay as they are.'
      )}
    </p>
  );
}

function FixText(props: {
  fix: SavedFix;
  trans: TranslationBundle;
  children: React.ReactNode;
}): React.ReactElement {
  const { fix, trans, children } = props;
  return (
    <div className="jp-tfgpu-Fix">
      <div>
        <Marked text={fix.title || trans.__('Fix')} />{' '}
        <span className="jp-tfgpu-Note">({whereText(fix.where, trans)})</span>
      </div>
      {children}
    </div>
  );
}

function severityText(
  severity: Finding['severity'],
  trans: TranslationBundle
): string {
  switch (severity) {
    case 'error':
      return trans.__('Error');
    case 'warning':
      return trans.__('Warning');
    case 'info':
      return trans.__('Note');
  }
}
