import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { ROOT } from '../api';
import type { LiveMessage } from '../api';
import { Backoff } from './backoff';

/**
 * The live WebSocket, re-connected with back-off for as long as it is wanted.
 * A server that is silent for longer than it may be counts as lost: after a
 * changed network or a sleeping computer the browser may not find out for hours.
 */
export class LiveSocket implements IDisposable {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly backoff: Backoff = new Backoff()
  ) {}

  /** The connection stands. */
  get opened(): ISignal<this, void> {
    return this._opened;
  }

  /** The connection ended or failed; the argument says whether the server had talked. */
  get lost(): ISignal<this, boolean> {
    return this._lost;
  }

  get received(): ISignal<this, LiveMessage> {
    return this._received;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Milliseconds that the server may be silent on an open connection. */
  get patience(): number {
    return this._patience;
  }

  set patience(milliseconds: number) {
    this._patience = milliseconds;
    if (this._silence) {
      this._listen();
    }
  }

  /** Connects now, unless a connection stands or is being made. */
  start(): void {
    if (this._socket || this._disposed) {
      return;
    }
    window.clearTimeout(this._timer);
    this._wanted = true;
    this._connect();
  }

  /** Closes the connection and makes no other until `start`. */
  stop(): void {
    this._wanted = false;
    window.clearTimeout(this._timer);
    this.backoff.reset();
    this._hangUp()?.close();
  }

  /** Sends a message where a connection stands; else it is dropped. */
  send(message: object): void {
    if (this._socket?.readyState === this.settings.WebSocket.OPEN) {
      this._socket.send(JSON.stringify(message));
    }
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this.stop();
    Signal.clearData(this);
  }

  private _connect(): void {
    const socket = new this.settings.WebSocket(socketUrl(this.settings));
    this._socket = socket;
    this._talked = false;
    socket.onopen = () => {
      if (this._socket === socket) {
        this._listen();
        this._opened.emit();
      }
    };
    socket.onmessage = event => {
      if (this._socket === socket) {
        this._receive(event.data);
      }
    };
    socket.onclose = () => {
      if (this._socket === socket) {
        this._lose();
      }
    };
  }

  /** Waits for the next message for as long as there may be none. */
  private _listen(): void {
    window.clearTimeout(this._silence);
    this._silence = window.setTimeout(() => this._lose(), this._patience);
  }

  /** Leaves the connection, which then is none of ours any more, and returns it. */
  private _hangUp(): WebSocket | null {
    const socket = this._socket;
    this._socket = null;
    window.clearTimeout(this._silence);
    this._silence = 0;
    return socket;
  }

  private _lose(): void {
    this._hangUp()?.close();
    this._retryLater();
    this._lost.emit(this._talked);
  }

  private _receive(data: unknown): void {
    this._listen();
    let message: LiveMessage;
    try {
      message = JSON.parse(String(data)) as LiveMessage;
    } catch (error) {
      console.warn('jupyter-tfgpu: a live message is no JSON', error);
      return;
    }
    // Only a server that talks resets the waiting: a proxy may accept and then drop each connection.
    this.backoff.reset();
    this._talked = true;
    this._received.emit(message);
  }

  private _retryLater(): void {
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => {
      if (this._wanted && !this._socket) {
        this._connect();
      }
    }, this.backoff.next());
  }

  private _socket: WebSocket | null = null;
  private _wanted = false;
  private _disposed = false;
  private _talked = false;
  private _patience = 30000;
  private _timer = 0;
  private _silence = 0;
  private readonly _opened = new Signal<this, void>(this);
  private readonly _lost = new Signal<this, boolean>(this);
  private readonly _received = new Signal<this, LiveMessage>(this);
}

/** Where the socket connects; the token is put in as JupyterLab does for kernels. */
function socketUrl(settings: ServerConnection.ISettings): string {
  const url = URLExt.join(settings.wsUrl, ROOT, 'live');
  return settings.appendToken && settings.token
    ? `${url}?token=${encodeURIComponent(settings.token)}`
    : url;
}
