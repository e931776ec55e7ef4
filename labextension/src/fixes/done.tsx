import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { ActionButton, Failed, Message } from '../ui';
import type { IFixes } from './use';

/** What was done last, how it is taken back, and the restart that it waits for. */
export function FixDone(props: {
  fixes: IFixes;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { fixes, trans } = props;
  const { done, step, failed } = fixes;
  const note = React.useRef<HTMLDivElement>(null);
  const id = done && `${done.id} ${done.undone}`;
  React.useEffect(() => {
    if (id !== null) {
      note.current?.focus(); // What had the focus may be gone with the finding.
    }
  }, [id]);
  React.useEffect(() => {
    if (step !== null) {
      return;
    }
    // The button that was pressed may be gone, and with it the focus.
    if (document.activeElement === document.body) {
      note.current?.focus();
    }
    // The report below has been read again by now, and may have become shorter.
    if (note.current === document.activeElement) {
      note.current?.scrollIntoView?.({ block: 'nearest' });
    }
  }, [step]);
  if (done === null) {
    return step === 'apply' ? (
      <Message level="info">{trans.__('The fix is being applied…')}</Message>
    ) : null;
  }
  const said = done.undone
    ? trans.__('Taken back: %1', done.title)
    : trans.__('Applied: %1', done.title);
  return (
    <div ref={note} tabIndex={-1} className="jp-tfgpu-FixDone">
      <Message level="info" title={said}>
        <>
          {done.task?.message && <p>{done.task.message}</p>}
          {done.message && <p>{done.message}</p>}
          <Next {...props} />
          {failed !== null && failed.finding === null && (
            <Failed error={failed.error} trans={trans} />
          )}
        </>
      </Message>
    </div>
  );
}

/** What can be done next; a restart is asked for twice, for it loses what the kernel holds. */
function Next(props: {
  fixes: IFixes;
  trans: TranslationBundle;
}): React.ReactElement {
  const { fixes, trans } = props;
  const { done, step } = fixes;
  const { kernel } = fixes.fixing;
  const [sure, setSure] = React.useState(false);
  const waits = kernel !== null && (done?.restart_needed ?? false);
  const undoable = done !== null && done.id !== null && !done.undone;
  return (
    <>
      {waits && sure && (
        <p>
          {kernel.busy &&
            `${trans.__('It is busy: the cell that runs now is ended.')} `}
          {trans.__(
            'Variables are lost; the notebook and its outputs stay as they are.'
          )}
        </p>
      )}
      <div className="jp-tfgpu-Fix-buttons">
        {waits && (
          <ActionButton
            label={restartText(sure, step === 'restart', trans)}
            busy={step !== null}
            onClick={() => {
              if (sure) {
                fixes.restart();
              }
              setSure(!sure);
            }}
          />
        )}
        {waits && sure ? (
          <ActionButton
            label={trans.__('Later')}
            onClick={() => setSure(false)}
          />
        ) : (
          undoable && (
            <ActionButton
              label={step === 'undo' ? trans.__('Undoing…') : trans.__('Undo')}
              name={trans.__('Undo: %1', done.title)}
              busy={step !== null}
              onClick={fixes.undo}
            />
          )
        )}
      </div>
    </>
  );
}

function restartText(
  sure: boolean,
  restarting: boolean,
  trans: TranslationBundle
): string {
  if (restarting) {
    return trans.__('Restarting…');
  }
  return sure ? trans.__('Restart now') : trans.__('Restart kernel…');
}
