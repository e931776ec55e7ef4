import * as React from 'react';

import type { Finding, FixAnswer } from '../api';
import type { IFixing } from './server';

/** What is under way. */
type Step = 'look' | 'apply' | 'undo' | 'restart';

/** How far the user is with the fixes of a report. */
export interface IFixes {
  readonly fixing: IFixing;
  readonly step: Step | null;
  /** What the user is asked to agree to. */
  readonly asked: {
    readonly finding: Finding;
    readonly look: FixAnswer;
  } | null;
  /** What was applied or taken back last. */
  readonly done: FixAnswer | null;
  /** What the last step failed with, and at which finding; null: at what is done. */
  readonly failed: {
    readonly error: unknown;
    readonly finding: Finding | null;
  } | null;
  ask(finding: Finding): void;
  cancel(): void;
  apply(): void;
  undo(): void;
  restart(): void;
}

/** Whether two findings, of one report and the next, are the same. */
export function sameFinding(one: Finding, other: Finding | undefined): boolean {
  return one.code === other?.code && one.framework === other.framework;
}

/** Whether the fix of a finding is applied, and counts from a kernel's next start on. */
export function awaitsStart({ done }: IFixes, finding: Finding): boolean {
  return (
    done !== null &&
    !done.undone &&
    done.restart_needed &&
    done.code === finding.code
  );
}

/**
 * Leads through asking, applying and taking back, one step at a time.
 * `onChanged`: reads the report again, after a change that shows in it.
 */
export function useFixes(
  fixing: IFixing,
  onChanged: (after: 'fix' | 'restart') => Promise<void>
): IFixes {
  const [step, setStep] = React.useState<Step | null>(null);
  const [asked, setAsked] = React.useState<IFixes['asked']>(null);
  const [done, setDone] = React.useState<FixAnswer | null>(null);
  const [failed, setFailed] = React.useState<IFixes['failed']>(null);

  const run = (
    next: Step,
    finding: Finding | null,
    act: () => Promise<void>
  ) => {
    if (step !== null) {
      return;
    }
    setStep(next);
    setFailed(null);
    void act()
      .catch((error: unknown) => setFailed({ error, finding }))
      .then(() => setStep(null));
  };

  return {
    fixing,
    step,
    asked,
    done,
    failed,
    ask: finding => {
      setAsked(null);
      run('look', finding, async () => {
        const look = await fixing.look(finding);
        if (look.changes.length === 0) {
          setDone(look); // It is done already, and waits for a restart.
        } else {
          setAsked({ finding, look });
        }
      });
    },
    cancel: () => setAsked(null),
    apply: () => {
      if (asked !== null) {
        const { finding, look } = asked;
        run('apply', finding, async () => {
          // What it would change now may be something else: it has to be asked for anew.
          setAsked(null);
          setDone(await fixing.apply(finding, look));
          await onChanged('fix');
        });
      }
    },
    undo: () => {
      if (done !== null) {
        run('undo', null, async () => {
          setDone(await fixing.undo(done));
          await onChanged('fix');
        });
      }
    },
    restart: () => {
      const { kernel } = fixing;
      if (kernel && done !== null) {
        run('restart', null, async () => {
          await kernel.restart();
          setDone({ ...done, restart_needed: false, message: null });
          await onChanged('restart');
        });
      }
    }
  };
}
