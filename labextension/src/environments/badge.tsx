import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Environment } from '../api';
import { verdictText } from './names';

/** The verdict in words, with a dot in its colour. */
export function VerdictBadge(props: {
  environment: Environment;
  trans: TranslationBundle;
}): React.ReactElement {
  const { environment, trans } = props;
  const { verdict, frameworks, problem } = environment;
  // Nothing is wrong where nothing is installed; that is not being ready to train.
  const empty =
    frameworks.length === 0 &&
    problem === null &&
    (verdict === 'ok' || verdict === null);
  const { label, title } = empty
    ? {
        label: trans.__('no framework'),
        title: trans.__('No framework that trains on GPUs is installed in it.')
      }
    : verdictText(verdict, trans);
  const colour = empty ? 'muted' : (verdict ?? 'muted');
  return (
    <span className={`jp-tfgpu-Badge jp-mod-${colour}`} title={title}>
      {label}
    </span>
  );
}
