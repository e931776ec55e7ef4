import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { JSONExt } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IDisplay } from '../display';
import type { ILiveModel } from '../live';
import type { ICurrentKernel } from './current';
import { look } from './view';
import type { IStatusView } from './view';

/** What the status bar says of the devices. */
export class StatusModel {
  constructor(
    private readonly live: ILiveModel,
    private readonly display: IDisplay,
    private readonly current: ICurrentKernel,
    private readonly trans: TranslationBundle
  ) {
    live.stateChanged.connect(this._update, this);
    live.staleChanged.connect(this._update, this);
    live.readingChanged.connect(this._update, this);
    live.kernelsChanged.connect(this._update, this);
    display.changed.connect(this._update, this);
    current.changed.connect(this._update, this);
    this._update();
  }

  /** Null: there is nothing to show. The same object while it says the same. */
  get view(): IStatusView | null {
    return this._enabled ? this._view : null;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether the user wants it at all. */
  get enabled(): boolean {
    return this._enabled;
  }

  set enabled(enabled: boolean) {
    if (enabled !== this._enabled) {
      this._enabled = enabled;
      this._changed.emit();
    }
  }

  private _update(): void {
    const { live, display, trans } = this;
    const { id } = this.current;
    const kernels = live.kernels?.kernels ?? [];
    const kernel = kernels.find(one => one.id === id) ?? null;
    const next = look({ live, kernel, display, trans });
    if (!equal(this._view, next)) {
      this._view = next;
      this._changed.emit();
    }
  }

  private _view: IStatusView | null = null;
  private _enabled = true;
  private readonly _changed = new Signal<this, void>(this);
}

function equal(before: IStatusView | null, next: IStatusView | null): boolean {
  return JSONExt.deepEqual(
    before as unknown as ReadonlyPartialJSONValue,
    next as unknown as ReadonlyPartialJSONValue
  );
}
