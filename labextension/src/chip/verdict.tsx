import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Verdict } from '../api';
import { verdictText } from '../environments';
import { brokenIcon, cpuIcon, degradedIcon } from './icons';

/** Nothing is to be said of a kernel that is ready. */
const ICONS: Partial<Record<Verdict, LabIcon>> = {
  degraded: degradedIcon,
  broken: brokenIcon,
  cpu: cpuIcon
};

/** Whether a verdict has a badge. */
export function hasBadge(verdict: Verdict | null): verdict is Verdict {
  return verdict !== null && ICONS[verdict] !== undefined;
}

/** What the report says, as a button that shows it. */
export function VerdictBadge(props: {
  verdict: Verdict;
  onClick: () => void;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { verdict, onClick, trans } = props;
  const Icon = ICONS[verdict];
  if (Icon === undefined) {
    return null;
  }
  const { label, title } = verdictText(verdict, trans);
  return (
    <button
      type="button"
      className={`jp-tfgpu-ChipVerdict jp-mod-${verdict}`}
      title={`${title}\n${trans.__('Click for the report.')}`}
      aria-label={trans.__('Report on this kernel: %1. %2', label, title)}
      aria-haspopup="dialog"
      onClick={onClick}
    >
      <Icon.react tag="span" />
    </button>
  );
}
