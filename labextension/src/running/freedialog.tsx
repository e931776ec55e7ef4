import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Device, KernelUse } from '../api';
import { deviceTitle } from '../devices';
import { heldMemory } from '../devices/pins';
import type { Units } from '../ui';
import { memory } from '../ui';
import { duration } from './unused';

/** A kernel that rests, as the question names it. */
export interface IResting {
  readonly kernel: KernelUse;
  readonly name: string;
  /** Seconds for which it has not used its devices. */
  readonly unused: number;
}

interface IQuestion {
  resting: readonly IResting[];
  devices: readonly Device[];
  /** The least that counts as resting. */
  minutes: number;
  units: Units;
  trans: TranslationBundle;
}

/** Which of the kernels that rest may be shut down; none where the user does not want it. */
export async function askWhichToFree(
  question: IQuestion
): Promise<KernelUse[]> {
  const { trans } = question;
  const { button, value } = await showDialog({
    title: trans.__('Free the memory of notebooks that rest?'),
    body: new FreeBody(question),
    buttons: [
      Dialog.cancelButton(),
      Dialog.warnButton({ label: trans.__('Shut Down and Free') })
    ]
  });
  return button.accept && value ? value : [];
}

class FreeBody extends ReactWidget implements Dialog.IBodyWidget<KernelUse[]> {
  constructor(private readonly question: IQuestion) {
    super();
    this._chosen = question.resting.map(({ kernel }) => kernel);
  }

  getValue(): KernelUse[] {
    return this._chosen;
  }

  protected override render(): React.ReactElement {
    return (
      <FreeList
        {...this.question}
        onChosen={chosen => {
          this._chosen = chosen;
        }}
      />
    );
  }

  private _chosen: KernelUse[];
}

/** The kernels with a box to tick each, what that frees, and what it costs. */
export function FreeList(
  props: IQuestion & { onChosen: (chosen: KernelUse[]) => void }
): React.ReactElement {
  const { resting, minutes, units, trans, onChosen } = props;
  const [left, setLeft] = React.useState<ReadonlySet<string>>(new Set());
  const chosen = resting.filter(({ kernel }) => !left.has(kernel.id));
  const toggle = (id: string) => {
    const next = new Set(left);
    if (!next.delete(id)) {
      next.add(id);
    }
    setLeft(next);
    onChosen(
      resting.flatMap(({ kernel }) => (next.has(kernel.id) ? [] : [kernel]))
    );
  };
  return (
    <div className="jp-tfgpu-Question jp-tfgpu-Free">
      <p>
        {trans._n(
          'This kernel runs nothing and has not used its devices for %2 or longer:',
          'These kernels run nothing and have not used their devices for %2 or longer:',
          resting.length,
          duration(minutes * 60, trans)
        )}
      </p>
      <ul>
        {resting.map(one => (
          <li key={one.kernel.id}>
            <label title={one.kernel.notebook ?? undefined}>
              <input
                type="checkbox"
                checked={!left.has(one.kernel.id)}
                onChange={() => toggle(one.kernel.id)}
              />
              <Kernel {...props} one={one} />
            </label>
          </li>
        ))}
      </ul>
      <p className="jp-tfgpu-Free-sum" role="status">
        {chosen.length === 0
          ? trans.__('Nothing is freed.')
          : trans._n(
              'Frees %2: %1 kernel is shut down.',
              'Frees %2: %1 kernels are shut down.',
              chosen.length,
              sumText(
                chosen.map(({ kernel }) => kernel),
                units,
                trans
              )
            )}
      </p>
      <p className="jp-tfgpu-Note">
        {trans.__(
          'Their variables are lost; the notebooks and their outputs stay as they are. A kernel that is in use again by then is left alone.'
        )}
      </p>
    </div>
  );
}

function Kernel(props: IQuestion & { one: IResting }): React.ReactElement {
  const { one, devices, units, trans } = props;
  const held = one.kernel.devices.map(use => {
    const device = devices.find(({ uuid }) => uuid === use.uuid);
    const title = device ? deviceTitle(device, trans) : use.uuid.slice(0, 12);
    return trans.__('%1: %2', title, memory(use.memory, units));
  });
  return (
    <span className="jp-tfgpu-Free-kernel">
      <span className="jp-tfgpu-Free-name">{one.name}</span>
      <span className="jp-tfgpu-Note jp-tfgpu-Number">
        {held.join(', ')}
        {' · '}
        {trans.__('unused for %1', duration(one.unused, trans))}
      </span>
    </span>
  );
}

/** The memory that kernels hold, as far as it is known. */
export function sumText(
  kernels: readonly KernelUse[],
  units: Units,
  trans: TranslationBundle
): string {
  const amounts = kernels.map(heldMemory);
  const known = amounts.filter(amount => amount !== null);
  const sum = known.reduce((all, amount) => all + amount, 0);
  if (known.length === 0) {
    return trans.__('memory of unknown size');
  }
  return known.length === amounts.length
    ? memory(sum, units)
    : trans.__('%1 or more', memory(sum, units));
}
