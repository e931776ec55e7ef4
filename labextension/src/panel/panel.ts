import type { ITranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import type { SplitPanel, Widget } from '@lumino/widgets';

import type { ILiveModel } from '../live';
import { gpuIcon } from '../ui';
import type { IGpuPanel } from './tokens';

/** The sidebar. While it is open the live connection is kept up. */
export class GpuPanel extends SidePanel implements IGpuPanel {
  constructor(
    private readonly live: ILiveModel,
    translator: ITranslator
  ) {
    super({ translator });
    const trans = translator.load('jupyter_tfgpu');
    this.id = 'jp-tfgpu-panel';
    this.addClass('jp-tfgpu-Panel');
    this.title.icon = gpuIcon;
    this.title.caption = trans.__('GPUs');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('GPUs and environments'));
  }

  addSection(widget: Widget, rank: number, shares = 1): void {
    const index = this._ranks.filter(other => other <= rank).length;
    this._ranks.splice(index, 0, rank);
    this.insertWidget(index, widget);
    this._shares.splice(index, 0, shares);
    // Sections come before JupyterLab restores what the user made of them.
    (this.content as SplitPanel).setRelativeSizes(this._shares);
  }

  override dispose(): void {
    this._unwatch();
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this._watch();
    }
  }

  protected override onBeforeDetach(message: Message): void {
    this._unwatch();
    super.onBeforeDetach(message);
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._watch();
  }

  protected override onAfterHide(message: Message): void {
    this._unwatch();
    super.onAfterHide(message);
  }

  private _watch(): void {
    this._watching ??= this.live.watch();
  }

  private _unwatch(): void {
    this._watching?.dispose();
    this._watching = null;
  }

  private _watching: IDisposable | null = null;
  private readonly _ranks: number[] = [];
  private readonly _shares: number[] = [];
}
