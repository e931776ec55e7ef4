import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { NoExtensionError } from '../api';
import type { Reading } from '../api';
import type { ILiveModel, LiveState } from '../live';
import { HistoryStore, SPAN } from './store';

/**
 * Fills a store with what the server remembers and with each reading that
 * comes in, seen or not. After a lost connection the server is asked again.
 */
export class HistoryFeed implements IDisposable {
  constructor(private readonly live: ILiveModel) {
    if (live.reading) {
      this.store.add(live.reading);
    }
    live.readingChanged.connect(this._onReading, this);
    live.stateChanged.connect(this._onState, this);
    void this.ask();
  }

  readonly store = new HistoryStore();

  /** There are new figures, or there is another `error`. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Why the server did not say what it remembers; null: it did, or was not asked yet. */
  get error(): unknown {
    return this._error;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Asks the server for what it remembers, and joins it with what is known. */
  async ask(): Promise<void> {
    try {
      const history = await this.live.client.history(SPAN);
      if (!this._disposed) {
        this.store.merge(history);
        this._error = null;
      }
    } catch (error) {
      // A server without our part is told of by the connection's state.
      this._error = error instanceof NoExtensionError ? null : error;
    }
    this._tell();
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this.live.readingChanged.disconnect(this._onReading, this);
      this.live.stateChanged.disconnect(this._onState, this);
      Signal.clearData(this);
    }
  }

  private _onReading(_: ILiveModel, reading: Reading): void {
    if (!this.store.add(reading)) {
      void this.ask();
    }
    this._tell();
  }

  private _onState(_: ILiveModel, state: LiveState): void {
    if (state === 'open') {
      void this.ask();
    }
  }

  private _tell(): void {
    if (!this._disposed) {
      this._changed.emit();
    }
  }

  private _error: unknown = null;
  private _disposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
