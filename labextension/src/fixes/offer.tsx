import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Finding } from '../api';
import { ActionButton, Failed } from '../ui';
import { Changes } from './change';
import { sameFinding } from './use';
import type { IFixes } from './use';

/** The button that applies a finding's fix, and below it what that changes, to be agreed to. */
export function FixOffer(props: {
  finding: Finding;
  /** The fix's title. */
  title: string;
  fixes: IFixes;
  trans: TranslationBundle;
  /** What the buttons that ask and agree say, where they do more than to apply it. */
  words?: { ask: string; agree: string };
  /** What else is to be known before agreeing. */
  children?: React.ReactNode;
}): React.ReactElement {
  const { finding, title, fixes, trans, words, children } = props;
  const { step, asked, failed } = fixes;
  const ask = words?.ask ?? trans.__('Fix');
  const open = asked !== null && sameFinding(finding, asked.finding);
  const button = React.useRef<HTMLDivElement>(null);
  const agree = React.useRef<HTMLDivElement>(null);
  const wasOpen = React.useRef(false);
  React.useEffect(() => {
    // The focus goes where the question is, and back where it was asked for.
    if (open !== wasOpen.current) {
      const at = open ? agree : button;
      at.current?.querySelector('button')?.focus();
    }
    wasOpen.current = open;
  }, [open]);
  return (
    <>
      <div ref={button} className="jp-tfgpu-Fix-buttons">
        <ActionButton
          label={step === 'look' ? trans.__('Looking…') : `${ask}…`}
          name={`${ask}: ${title}`}
          title={trans.__('Shows first what would be changed')}
          busy={step !== null}
          expanded={open}
          onClick={() => (open ? fixes.cancel() : fixes.ask(finding))}
        />
      </div>
      {open && (
        <div
          className="jp-tfgpu-FixQuestion"
          role="group"
          aria-label={trans.__('What is changed')}
        >
          <Changes changes={asked.look.changes} trans={trans} />
          {asked.look.message && (
            <p className="jp-tfgpu-Note">{asked.look.message}</p>
          )}
          {children}
          <div ref={agree} className="jp-tfgpu-Fix-buttons">
            <ActionButton
              label={words?.agree ?? trans.__('Apply')}
              busy={step !== null}
              onClick={fixes.apply}
            />
            <ActionButton label={trans.__('Cancel')} onClick={fixes.cancel} />
          </div>
        </div>
      )}
      {failed?.finding && sameFinding(finding, failed.finding) && (
        <Failed error={failed.error} trans={trans} />
      )}
    </>
  );
}
