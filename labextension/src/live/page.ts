import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

/** Whether anybody can see this page. */
export interface IPage {
  readonly hidden: boolean;
  /** Shown or hidden, or the network came back: a moment to look at the connection. */
  readonly changed: ISignal<IPage, void>;
}

/** The browser's page. */
export class BrowserPage implements IPage, IDisposable {
  constructor() {
    document.addEventListener('visibilitychange', this._emit);
    window.addEventListener('online', this._emit);
  }

  get hidden(): boolean {
    return document.visibilityState === 'hidden';
  }

  get changed(): ISignal<IPage, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    document.removeEventListener('visibilitychange', this._emit);
    window.removeEventListener('online', this._emit);
    Signal.clearData(this);
  }

  private readonly _changed = new Signal<IPage, void>(this);
  private readonly _emit = () => this._changed.emit();
  private _disposed = false;
}

/** Whether anybody looks: at the page, or by a panel that is open on a hidden one. */
export class Attention implements IDisposable {
  /** `changed` is called where the answer may have changed, or the network came back. */
  constructor(
    private readonly page: IPage,
    private readonly changed: () => void
  ) {
    page.changed.connect(this._look, this);
  }

  get isPaid(): boolean {
    return !this.page.hidden || this._watchers > 0;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Somebody looks until this is disposed. */
  watch(): IDisposable {
    this._watchers += 1;
    this._look();
    return new DisposableDelegate(() => {
      this._watchers -= 1;
      this._look();
    });
  }

  dispose(): void {
    this._disposed = true;
    this.page.changed.disconnect(this._look, this);
  }

  private _look(): void {
    if (!this._disposed) {
      this.changed();
    }
  }

  private _watchers = 0;
  private _disposed = false;
}
