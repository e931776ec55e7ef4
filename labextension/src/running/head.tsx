import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  ReactWidget,
  ToolbarButtonComponent,
  filterListIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ILiveModel } from '../live';
import { openMenu, useSignalValue } from '../ui';
import type { RunningChoices } from './choices';
import type { FreeResting } from './free';
import type { Sort } from './order';
import { SORTS } from './order';
import { duration } from './unused';

/** How long a notice stays, in milliseconds. */
const SHOWN = 4000;

/** The button in the section's head that frees what notebooks hold that rest. */
export function freeButton(
  live: Pick<ILiveModel, 'readingChanged'>,
  choices: RunningChoices,
  free: FreeResting,
  trans: TranslationBundle
): ReactWidget {
  return inToolbar(
    <FreeButton live={live} choices={choices} free={free} trans={trans} />
  );
}

function FreeButton(props: {
  live: Pick<ILiveModel, 'readingChanged'>;
  choices: RunningChoices;
  free: FreeResting;
  trans: TranslationBundle;
}): React.ReactElement {
  const { live, choices, free, trans } = props;
  const count = () => free.resting.length;
  const resting = useSignalValue(live.readingChanged, count);
  const minutes = useSignalValue(choices.changed, () => choices.minutes);
  const long = duration(minutes * 60, trans);
  return (
    <ToolbarButtonComponent
      label={trans.__('Free…')}
      tooltip={
        resting === 0
          ? trans.__(
              'No idle notebook holds GPU memory that it has not used for %1',
              long
            )
          : trans._n(
              'Free the memory of notebooks that rest: %1 has not used its GPU for %2',
              'Free the memory of notebooks that rest: %1 have not used their GPUs for %2',
              resting,
              long
            )
      }
      enabled={resting > 0}
      onClick={() => void free.ask()}
    />
  );
}

/** The button that opens the choice of the order. */
export function sortButton(
  choices: RunningChoices,
  trans: TranslationBundle
): ReactWidget {
  let opening = false;
  const open = (byKeyboard: boolean) => {
    opening = false;
    const { left, bottom } = button.node.getBoundingClientRect();
    openMenu([lines(choices, trans)], 'jp-tfgpu-SortMenu', {
      x: left,
      y: bottom,
      focus: button.node.querySelector<HTMLElement>('jp-button'),
      byKeyboard
    });
  };
  const button = inToolbar(
    <ToolbarButtonComponent
      icon={filterListIcon}
      tooltip={trans.__('Order of the kernels')}
      onClick={event => {
        // The Enter key comes as a click too, and the button takes the focus after this.
        if (!opening) {
          opening = true;
          const byKeyboard = isByKeyboard(event);
          window.setTimeout(() => open(byKeyboard));
        }
      }}
    />
  );
  return button;
}

function lines(choices: RunningChoices, trans: TranslationBundle) {
  const labels: { [sort in Sort]: string } = {
    memory: trans.__('Most GPU memory first'),
    unused: trans.__('Longest unused first'),
    name: trans.__('By name')
  };
  return SORTS.map(sort => ({
    id: sort,
    label: labels[sort],
    checked: choices.sort === sort,
    execute: () => choose(sort, choices, trans)
  }));
}

function choose(
  sort: Sort,
  choices: RunningChoices,
  trans: TranslationBundle
): void {
  choices.choose(sort).catch((error: unknown) => {
    console.warn('jupyter-tfgpu:', error);
    Notification.warning(
      trans.__(
        'The settings could not be written: this holds until the page is left.'
      ),
      { autoClose: SHOWN }
    );
  });
}

function isByKeyboard(event: React.SyntheticEvent | undefined): boolean {
  const native = event?.nativeEvent;
  return !(native instanceof MouseEvent) || native.detail === 0;
}

function inToolbar(content: React.ReactElement): ReactWidget {
  const widget = ReactWidget.create(content);
  widget.addClass('jp-ToolbarButton');
  return widget;
}
