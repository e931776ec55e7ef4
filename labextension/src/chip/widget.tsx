import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IDisplay } from '../display';
import type { Units } from '../ui';
import { gpuIcon, memory, percent, useSignalValue } from '../ui';
import { ChipActions } from './actions';
import { contentOf } from './content';
import { warningIcon } from './icons';
import { createMenu } from './menu';
import type { ChipModel } from './model';
import { refreshToolbar } from './toolbar';
import { VerdictBadge, hasBadge } from './verdict';
import type { IChipView } from './view';
import { describe } from './words';

/** The chip in a notebook's toolbar: which GPU its kernel has, and the menu to choose another. */
export class Chip extends ReactWidget {
  constructor(
    private readonly model: ChipModel,
    private readonly display: IDisplay,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-tfgpu-ChipItem');
    this._actions = new ChipActions(model, display, trans);
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override render(): React.ReactElement {
    const { model, display, trans } = this;
    return (
      <ChipView
        model={model}
        actions={this._actions}
        display={display}
        trans={trans}
      />
    );
  }

  private readonly _actions: ChipActions;
}

/** The chip's buttons; nothing where there is nothing to say. */
export function ChipView(props: {
  model: ChipModel;
  actions: ChipActions;
  display: IDisplay;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { model, actions, display, trans } = props;
  const view = useSignalValue(model.changed, () => model.view);
  const units = useSignalValue(display.changed, () => display.units);
  const button = React.useRef<HTMLButtonElement>(null);
  const shown = view !== null;
  const judged = hasBadge(view?.verdict ?? null);
  React.useEffect(() => {
    if (shown) {
      refreshToolbar(button.current);
    }
  }, [shown, judged]);
  if (view === null) {
    return null;
  }
  const title = describe(view, units, trans);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={classOf(view)}
        title={title}
        aria-label={title}
        aria-haspopup="menu"
        onClick={event => {
          const byKeyboard = event.detail === 0;
          const content = contentOf(model, view, actions, units, trans);
          openMenu(event.currentTarget, byKeyboard, content);
        }}
      >
        <gpuIcon.react tag="span" stylesheet="toolbarButton" />
        <span className="jp-tfgpu-Chip-label">{view.label}</span>
        {view.pending !== null && (
          <span className="jp-tfgpu-Chip-pending">→ {view.pending}</span>
        )}
        <Figures view={view} units={units} />
        {view.simulated && (
          <span className="jp-tfgpu-Chip-simulated">
            {trans.__('simulated')}
          </span>
        )}
        {view.warnings.length > 0 && (
          <warningIcon.react tag="span" className="jp-tfgpu-Chip-warning" />
        )}
      </button>
      {view.verdict !== null && (
        <VerdictBadge
          verdict={view.verdict}
          onClick={() => void actions.report()}
          trans={trans}
        />
      )}
    </>
  );
}

function classOf(view: IChipView): string {
  return [
    'jp-tfgpu-Chip',
    ...(view.started ? [] : ['jp-mod-waiting']),
    ...(view.old === null ? [] : ['jp-mod-stale'])
  ].join(' ');
}

/** What the kernel uses; nothing of one that uses nothing. */
function Figures(props: {
  view: IChipView;
  units: Units;
}): React.ReactElement | null {
  const { view, units } = props;
  if (view.memory === undefined) {
    return null;
  }
  return (
    <>
      <span className="jp-tfgpu-Chip-memory">{memory(view.memory, units)}</span>
      <span className="jp-tfgpu-Chip-utilization">
        {percent(view.utilization)}
      </span>
    </>
  );
}

function openMenu(
  button: HTMLElement,
  byKeyboard: boolean,
  content: ReturnType<typeof contentOf>
): void {
  const menu = createMenu(content);
  menu.aboutToClose.connect(() => {
    button.focus();
    // The taken line still has to run its command.
    window.setTimeout(() => menu.dispose());
  });
  const { left, bottom } = button.getBoundingClientRect();
  menu.open(left, bottom);
  if (byKeyboard) {
    menu.activateNextItem();
  }
}
