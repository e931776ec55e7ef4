import type { IRenderMime } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import * as React from 'react';

import type { LiveReport, LiveReports, ReportSession } from './live';
import type { ISavedReport } from './saved';
import { MIME, readSaved, text } from './saved';
import { LiveView, SavedView } from './view';

/** A report among the outputs of a cell. */
export class ReportRenderer
  extends ReactWidget
  implements IRenderMime.IRenderer
{
  constructor(
    private readonly reports: LiveReports,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-tfgpu-Output');
    // Enter and Space are for the button that has the focus, not for the notebook.
    this.node.setAttribute('data-lm-suppress-shortcuts', 'true');
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._saved = readSaved(model.data[MIME]);
    this._plain = text(model.data['text/plain']);
    this._trusted = model.trusted;
    if (this.isAttached) {
      this._follow();
      this.update();
    }
    return Promise.resolve();
  }

  protected override onAfterAttach(message: Message): void {
    this._follow();
    super.onAfterAttach(message);
  }

  /** Only here is it known in which notebook this is. */
  private _follow(): void {
    const session = this._trusted ? sessionOf(this) : null;
    const kernelId = this._saved?.kernelId ?? null;
    this._live = session && kernelId !== null ? this.reports.of(session) : null;
    if (kernelId !== null) {
      this._live?.want(kernelId);
    }
  }

  protected render(): React.ReactElement {
    const { _saved: saved, _live: live, trans } = this;
    if (saved === null) {
      return (
        <pre>{this._plain || trans.__('This report cannot be read.')}</pre>
      );
    }
    return live !== null && saved.kernelId !== null ? (
      <LiveView
        key={saved.kernelId}
        saved={saved}
        kernelId={saved.kernelId}
        live={live}
        client={this.reports.client}
        trans={trans}
      />
    ) : (
      <SavedView saved={saved} trans={trans} />
    );
  }

  private _saved: ISavedReport | null = null;
  private _plain = '';
  private _trusted = false;
  private _live: LiveReport | null = null;
}

/** The session of the notebook or console in which a widget is; null: it is in none. */
function sessionOf(widget: Widget): ReportSession | null {
  for (let at = widget.parent; at !== null; at = at.parent) {
    if ('sessionContext' in at) {
      return at.sessionContext as ReportSession;
    }
  }
  return null;
}
