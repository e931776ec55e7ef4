import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IDisplay } from '../display';
import type { Units } from '../ui';
import { gpuIcon, memory, useSignalValue } from '../ui';
import { choosePin } from './choose';
import { choices, createMenu } from './menu';
import type { ChipModel, IChipView } from './model';
import { refreshToolbar } from './toolbar';

/** The chip in a notebook's toolbar: which GPU its kernel has, and the menu to choose another. */
export class Chip extends ReactWidget {
  constructor(
    private readonly model: ChipModel,
    private readonly display: IDisplay,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-tfgpu-ChipItem');
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override render(): React.ReactElement {
    const { model, display, trans } = this;
    return <ChipButton model={model} display={display} trans={trans} />;
  }
}

/** The chip's button; nothing where there is nothing to say. */
export function ChipButton(props: {
  model: ChipModel;
  display: IDisplay;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { model, display, trans } = props;
  const view = useSignalValue(model.changed, () => model.view);
  const units = useSignalValue(display.changed, () => display.units);
  const button = React.useRef<HTMLButtonElement>(null);
  const shown = view !== null;
  React.useEffect(() => {
    if (shown) {
      refreshToolbar(button.current);
    }
  }, [shown]);
  if (view === null) {
    return null;
  }
  const title = describe(view, units, trans);
  return (
    <button
      ref={button}
      type="button"
      className={
        view.started ? 'jp-tfgpu-Chip' : 'jp-tfgpu-Chip jp-mod-waiting'
      }
      title={title}
      aria-label={title}
      aria-haspopup="menu"
      onClick={event => {
        const byKeyboard = event.detail === 0;
        openMenu(event.currentTarget, byKeyboard, model, units, trans);
      }}
    >
      <gpuIcon.react tag="span" stylesheet="toolbarButton" />
      <span className="jp-tfgpu-Chip-label">{view.label}</span>
      {view.pending !== null && (
        <span className="jp-tfgpu-Chip-pending">→ {view.pending}</span>
      )}
      {view.memory !== undefined && view.memory !== 0 && (
        <span className="jp-tfgpu-Chip-memory">
          {memory(view.memory, units)}
        </span>
      )}
      {view.simulated && (
        <span className="jp-tfgpu-Chip-simulated">{trans.__('simulated')}</span>
      )}
      {view.note !== null && <span className="jp-tfgpu-Chip-note">!</span>}
    </button>
  );
}

/** All that the chip shows, in sentences. */
function describe(
  view: IChipView,
  units: Units,
  trans: TranslationBundle
): string {
  const sentences = [
    view.started
      ? trans.__('This kernel has: %1.', view.label)
      : trans.__('The kernel will start with: %1.', view.label)
  ];
  if (view.memory !== undefined) {
    sentences.push(
      trans.__('Memory it holds: %1.', memory(view.memory, units))
    );
  }
  if (view.pending !== null) {
    sentences.push(trans.__('From the next start: %1.', view.pending));
  }
  if (view.note !== null) {
    sentences.push(view.note);
  }
  if (view.simulated) {
    sentences.push(trans.__('The devices are simulated.'));
  }
  sentences.push(trans.__('Click to choose another GPU.'));
  return sentences.join(' ');
}

function openMenu(
  button: HTMLElement,
  byKeyboard: boolean,
  model: ChipModel,
  units: Units,
  trans: TranslationBundle
): void {
  const lines = choices(model.devices, model.pin, units, trans);
  const menu = createMenu(lines, pin => {
    void choosePin(model, pin, trans);
  });
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
