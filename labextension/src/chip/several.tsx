import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IDeviceLine } from '../devices/lines';

/** Lets the user mark devices; the pin that names them, null where nothing is to change. */
export async function askSeveral(
  lines: IDeviceLine[],
  trans: TranslationBundle
): Promise<string | null> {
  const { button, value } = await showDialog({
    title: trans.__('Which GPUs shall this notebook have?'),
    body: new SeveralBody(lines, trans),
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: trans.__('Choose') })
    ],
    focusNodeSelector: 'input:not(:disabled)'
  });
  return button.accept ? value : null;
}

class SeveralBody extends ReactWidget implements Dialog.IBodyWidget<string> {
  constructor(
    private readonly lines: IDeviceLine[],
    private readonly trans: TranslationBundle
  ) {
    super();
    this._chosen = lines.flatMap(line => (line.chosen ? [line.uuid] : []));
  }

  /** The pin: `none` where nothing is marked. */
  getValue(): string {
    return this._chosen.join(',') || 'none';
  }

  protected override render(): React.ReactElement {
    return (
      <Several
        lines={this.lines}
        chosen={this._chosen}
        onChange={chosen => {
          this._chosen = chosen;
        }}
        trans={this.trans}
      />
    );
  }

  private _chosen: string[];
}

function Several(props: {
  lines: IDeviceLine[];
  /** The UUIDs of those that are marked at first. */
  chosen: string[];
  onChange: (chosen: string[]) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { lines, onChange, trans } = props;
  const [chosen, setChosen] = React.useState(props.chosen);
  const mark = (uuid: string, marked: boolean) => {
    // In the order of the list, whichever was marked first.
    const next = lines
      .map(line => line.uuid)
      .filter(one => (one === uuid ? marked : chosen.includes(one)));
    setChosen(next);
    onChange(next);
  };
  return (
    <div className="jp-tfgpu-Choice">
      <ul>
        {lines.map(line => (
          <li key={line.uuid} className={line.nested ? 'jp-mod-nested' : ''}>
            <label className={line.enabled ? '' : 'jp-mod-disabled'}>
              <input
                type="checkbox"
                checked={chosen.includes(line.uuid)}
                disabled={!line.enabled && !line.chosen}
                onChange={event => mark(line.uuid, event.target.checked)}
              />
              <span className="jp-tfgpu-Choice-title">{line.title}</span>
              <span className="jp-tfgpu-Number">{line.note}</span>
              <span className="jp-tfgpu-Choice-holders">{line.holders}</span>
            </label>
          </li>
        ))}
      </ul>
      <p aria-live="polite">
        {chosen.length === 0
          ? trans.__('None is chosen: the kernel will see no GPU.')
          : trans._n('%1 GPU is chosen.', '%1 GPUs are chosen.', chosen.length)}
      </p>
    </div>
  );
}
