import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Verdict } from '../api';
import { verdictText } from './names';

/** The verdict in words, with a dot in its colour. */
export function VerdictBadge(props: {
  verdict: Verdict | null;
  trans: TranslationBundle;
}): React.ReactElement {
  const { label, title } = verdictText(props.verdict, props.trans);
  return (
    <span
      className={`jp-tfgpu-Badge jp-mod-${props.verdict ?? 'muted'}`}
      title={title}
    >
      {label}
    </span>
  );
}
