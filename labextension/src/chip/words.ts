import type { TranslationBundle } from '@jupyterlab/translation';

import { verdictText } from '../environments';
import type { Units } from '../ui';
import { memory, percent, unmarked } from '../ui';
import type { PinFrom } from './stored';
import type { IChipView } from './view';

/** Who chose the pin that counts; `what`: the choice itself, where it is not told beside it. */
export function whoseChoice(
  from: PinFrom,
  kernelspec: string | null,
  what: string | null,
  trans: TranslationBundle
): string {
  const who = chooser(from, kernelspec, trans);
  return what === null ? trans.__('%1.', who) : trans.__('%1: %2.', who, what);
}

function chooser(
  from: PinFrom,
  kernelspec: string | null,
  trans: TranslationBundle
): string {
  switch (from) {
    case 'kernel':
      return trans.__('Chosen for this kernel');
    case 'notebook':
      return trans.__('Chosen for this notebook');
    case 'kernelspec':
      return kernelspec === null
        ? trans.__('Chosen for the kernelspec')
        : trans.__('Chosen for the kernelspec %1', kernelspec);
    case 'default':
      return trans.__('The server’s default');
  }
}

/** The GPUs of the chip in a sentence. */
export function whatItHas(view: IChipView, trans: TranslationBundle): string {
  return view.started
    ? trans.__('This kernel has: %1.', view.label)
    : trans.__('The kernel will start with: %1.', view.label);
}

/** All that the chip shows, a line each. */
export function describe(
  view: IChipView,
  units: Units,
  trans: TranslationBundle
): string {
  const { pending, chosenBy, old, simulated } = view;
  return [
    whatItHas(view, trans),
    pending !== null && trans.__('From the next start: %1.', pending),
    chosenBy,
    old,
    figures(view, units, trans),
    ...view.warnings.map(unmarked),
    view.verdict !== null && verdictText(view.verdict, trans).title,
    simulated && trans.__('The devices are simulated.'),
    trans.__('Click to choose another GPU.')
  ]
    .filter(Boolean)
    .join('\n');
}

function figures(
  view: IChipView,
  units: Units,
  trans: TranslationBundle
): string | null {
  return view.memory === undefined
    ? null
    : trans.__(
        'Memory it holds: %1; utilization: %2.',
        memory(view.memory, units),
        percent(view.utilization)
      );
}
