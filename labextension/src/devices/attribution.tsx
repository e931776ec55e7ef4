import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Attribution } from '../api';
import type { ILiveModel } from '../live';
import { Marked, Quiet, useSignalValue } from '../ui';

/** Whose memory it is where that cannot be told in full: in containers, under WSL2. */
export function AttributionNote(props: {
  live: ILiveModel;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { live, trans } = props;
  const regime = useSignalValue(
    live.readingChanged,
    () => live.reading?.attribution?.regime ?? null
  );
  const message = useSignalValue(
    live.readingChanged,
    () => live.reading?.attribution?.message ?? null
  );
  if (regime === null || message === null) {
    return null;
  }
  return (
    <Quiet title={titleOf(regime, trans)}>
      <p>
        <Marked text={message} />
      </p>
    </Quiet>
  );
}

function titleOf(
  regime: Attribution['regime'],
  trans: TranslationBundle
): string {
  switch (regime) {
    case 'this-container':
      return trans.__('Only this container’s processes are seen');
    case 'without-memory':
      return trans.__('How much each process holds is not known');
    case 'foreign-ids':
      return trans.__('Which processes are notebooks’ is not known');
    case 'every-process':
      return trans.__('Whose memory it is');
  }
}
