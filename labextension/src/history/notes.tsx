import * as React from 'react';

import { describeError, describeNoExtension } from '../api';
import { Message, useSignalValue } from '../ui';
import type { HistoryModel } from './model';

/** What there is to say above the charts, or in their place. */
export function Notes({ model }: { model: HistoryModel }): React.ReactElement {
  const { live, feed, trans } = model;
  const state = useSignalValue(live.stateChanged, () => live.state);
  const simulated = useSignalValue(
    live.readingChanged,
    () => live.reading?.simulated ?? false
  );
  const error = useSignalValue(feed.changed, () => feed.error);
  if (state === 'no-extension') {
    return <Message level="error">{describeNoExtension(trans)}</Message>;
  }
  return (
    <>
      {simulated && (
        <Message level="warning" title={trans.__('Simulated devices')}>
          {trans.__(
            'What is shown here is made up; this machine is not asked.'
          )}
        </Message>
      )}
      <Driver model={model} />
      <Connection model={model} />
      {error !== null && state === 'open' && (
        <Message
          level="warning"
          title={trans.__('What was before this page was opened is missing.')}
        >
          {describeError(error, trans)}{' '}
          <button
            type="button"
            className="jp-tfgpu-Link"
            onClick={() => void feed.ask()}
          >
            {trans.__('Try again')}
          </button>
        </Message>
      )}
    </>
  );
}

/** Why there are no devices, or what the driver has to say beside them. */
function Driver({ model }: { model: HistoryModel }): React.ReactElement | null {
  const { live, trans } = model;
  const driver = useSignalValue(
    live.readingChanged,
    () => live.reading?.driver ?? null
  );
  const devices = useSignalValue(
    live.readingChanged,
    () => live.reading?.devices.length ?? 0
  );
  if (!driver || (driver.status === 'ok' && devices > 0)) {
    return null;
  }
  if (driver.status === 'ok') {
    return (
      <Message level="info" title={trans.__('No GPU')}>
        {trans.__('The driver answers and lists no device.')}
      </Message>
    );
  }
  return (
    <Message
      level={driver.status === 'absent' ? 'info' : 'error'}
      title={
        driver.message ??
        trans.__('The driver does not work: %1', driver.status)
      }
    >
      {driver.advice}
    </Message>
  );
}

/** Whether new readings come. */
function Connection({
  model
}: {
  model: HistoryModel;
}): React.ReactElement | null {
  const { live, trans } = model;
  const state = useSignalValue(live.stateChanged, () => live.state);
  const since = useSignalValue(
    live.readingChanged,
    () => live.receivedAt?.toLocaleTimeString() ?? null
  );
  const stale = useSignalValue(live.staleChanged, () => live.stale);
  const hung = useSignalValue(
    live.readingChanged,
    () => live.reading?.driver.status === 'not-answering'
  );
  if (state === 'closed') {
    return (
      <Message level="warning">
        {since === null
          ? trans.__('The server does not answer. Trying again…')
          : trans.__(
              'Connection lost: this is how it was at %1. Trying again…',
              since
            )}
      </Message>
    );
  }
  if (since === null) {
    return (
      <Message level="info">
        {trans.__('Waiting for the first reading…')}
      </Message>
    );
  }
  // Of a driver that does not answer it is said already.
  return stale && !hung ? (
    <Message level="warning">
      {trans.__('No new reading since %1.', since)}
    </Message>
  ) : null;
}
