import type { IDisposable } from '@lumino/disposable';
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
