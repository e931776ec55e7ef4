import type { TranslationBundle } from '@jupyterlab/translation';
import {
  circleEmptyIcon,
  circleIcon,
  closeIcon,
  refreshIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import { UNKNOWN } from '../ui';
import { stateText } from './names';
import type { Doing } from './underway';

/** What is done with a kernel, else what it does itself: as an icon, with the word for it. */
export function State(props: {
  state: string | null;
  doing: Doing | null;
  trans: TranslationBundle;
}): React.ReactElement {
  const { state, doing, trans } = props;
  const text = doing ? doingText(doing, trans) : stateText(state, trans);
  const kind = doing || isChanging(state) ? 'changing' : (state ?? 'unknown');
  const Icon = ICONS[kind];
  return (
    <span
      className={`jp-tfgpu-Kernel-state jp-mod-${Icon ? kind : 'unknown'}`}
      title={text === null ? trans.__('What it does is not known.') : undefined}
      {...(doing && { role: 'status' })}
    >
      {Icon && <Icon.react tag="span" stylesheet="menuItem" />}
      <span>{text ?? UNKNOWN}</span>
    </span>
  );
}

const ICONS: { [kind: string]: typeof circleIcon | undefined } = {
  idle: circleEmptyIcon,
  busy: circleIcon,
  changing: refreshIcon,
  dead: closeIcon
};

function isChanging(state: string | null): boolean {
  return /start|terminating/.test(state ?? '');
}

function doingText(doing: Doing, trans: TranslationBundle): string {
  switch (doing) {
    case 'interrupting':
      return trans.__('interrupting…');
    case 'pinning':
      return trans.__('choosing the GPU…');
    case 'restarting':
      return trans.__('restarting…');
    case 'ending':
      return trans.__('shutting down…');
  }
}
