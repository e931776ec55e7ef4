import type { IThemeManager } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import { UUID } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import type { HistoryModel } from './model';
import { HistoryPage } from './page';

/** The content of the tab. It draws while it can be seen; a hidden one only collects. */
export class HistoryView extends ReactWidget {
  constructor(
    readonly model: HistoryModel,
    private readonly themes: IThemeManager | null
  ) {
    super();
    this.addClass('jp-tfgpu-History');
    themes?.themeChanged.connect(this._onTheme, this);
    document.addEventListener('visibilitychange', this._follow);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.themes?.themeChanged.disconnect(this._onTheme, this);
      document.removeEventListener('visibilitychange', this._follow);
      super.dispose();
      this.model.dispose();
    }
  }

  protected override render(): React.ReactElement {
    return (
      <HistoryPage model={this.model} group={this._group} theme={this._theme} />
    );
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._follow();
  }

  protected override onBeforeDetach(message: Message): void {
    this.model.active = false;
    super.onBeforeDetach(message);
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._follow();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._follow();
  }

  private readonly _follow = (): void => {
    this.model.active = this.isVisible && document.visibilityState !== 'hidden';
  };

  private _onTheme(): void {
    this._theme += 1;
    this.update();
  }

  private _theme = 0;
  private readonly _group = UUID.uuid4();
}
