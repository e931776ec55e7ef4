import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { NoExtensionError } from '../api';
import type {
  Client,
  Environments,
  Kernels,
  LiveMessage,
  Notice,
  Reading
} from '../api';
import { Backoff } from './backoff';
import type { IPage } from './page';
import { shareItems, shareReading } from './share';
import { LiveSocket } from './socket';
import type { ILiveModel, LiveState } from './tokens';

/** Milliseconds after which what the new connection has not pushed is asked for. */
const PUSH_WAIT = 300;
/** A reading counts as old after this many intervals. */
const STALE_AFTER = 3;

/** The one live connection of this page and what came over it. */
export class LiveModel implements ILiveModel, IDisposable {
  constructor(
    readonly client: Client,
    private readonly page: IPage,
    backoff: Backoff = new Backoff()
  ) {
    this._socket = new LiveSocket(client.settings, backoff);
    this._socket.opened.connect(this._onOpened, this);
    this._socket.lost.connect(this._onLost, this);
    this._socket.received.connect((_, message) => this._accept(message));
    page.changed.connect(this._follow, this);
    this._follow();
  }

  get state(): LiveState {
    return this._state;
  }

  get stateChanged(): ISignal<ILiveModel, LiveState> {
    return this._stateChanged;
  }

  get reading(): Reading | null {
    return this._reading;
  }

  get readingChanged(): ISignal<ILiveModel, Reading> {
    return this._readingChanged;
  }

  get receivedAt(): Date | null {
    return this._receivedAt;
  }

  get stale(): boolean {
    return this._stale;
  }

  get staleChanged(): ISignal<ILiveModel, boolean> {
    return this._staleChanged;
  }

  get kernels(): Kernels | null {
    return this._kernels;
  }

  get kernelsChanged(): ISignal<ILiveModel, Kernels> {
    return this._kernelsChanged;
  }

  get environments(): Environments | null {
    return this._environments;
  }

  get environmentsChanged(): ISignal<ILiveModel, Environments> {
    return this._environmentsChanged;
  }

  get noticed(): ISignal<ILiveModel, Notice> {
    return this._noticed;
  }

  get interval(): number {
    return this._interval;
  }

  set interval(seconds: number) {
    if (seconds !== this._interval) {
      this._interval = seconds;
      this._socket.send({ interval: seconds });
    }
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  watch(): IDisposable {
    this._watchers += 1;
    this._follow();
    return new DisposableDelegate(() => {
      this._watchers -= 1;
      this._follow();
    });
  }

  async refreshKernels(): Promise<void> {
    this._acceptKernels(await this.client.kernels());
  }

  async refreshEnvironments(rescan = false): Promise<void> {
    this._acceptEnvironments(
      await (rescan
        ? this.client.refreshEnvironments()
        : this.client.environments())
    );
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    window.clearTimeout(this._staleTimer);
    window.clearTimeout(this._askTimer);
    this.page.changed.disconnect(this._follow, this);
    this._socket.dispose();
    Signal.clearData(this);
  }

  /** Connects or pauses, as somebody can see what comes or not. */
  private _follow(): void {
    if (this._disposed) {
      return;
    }
    if (this.page.hidden && this._watchers === 0) {
      this._socket.stop();
      window.clearTimeout(this._askTimer);
      this._setState('closed');
    } else {
      this._socket.start();
    }
  }

  private _onOpened(): void {
    this._setState('open');
    this._socket.send({ interval: this._interval });
    const before = this._receivedAt;
    const kernelsBefore = this._kernels;
    // The environments are not pushed before they change.
    this._quietly(this.refreshEnvironments());
    window.clearTimeout(this._askTimer);
    this._askTimer = window.setTimeout(() => {
      if (this._receivedAt === before) {
        this._quietly(
          this.client.devices().then(answer => this._acceptReading(answer))
        );
      }
      if (this._kernels === kernelsBefore) {
        this._quietly(this.refreshKernels());
      }
    }, PUSH_WAIT);
  }

  private _onLost(_: LiveSocket, stood: boolean): void {
    window.clearTimeout(this._askTimer);
    if (stood) {
      this._setState('closed');
    } else {
      void this._askWithoutSocket();
    }
  }

  /**
   * The browser does not say why a socket could not be opened. A plain request
   * does, and brings data where only sockets are held up, as by some proxies.
   */
  private async _askWithoutSocket(): Promise<void> {
    try {
      const reading = await this.client.devices();
      this._setState('closed');
      this._acceptReading(reading);
      await Promise.all([this.refreshKernels(), this.refreshEnvironments()]);
    } catch (error) {
      if (this._state !== 'open') {
        this._setState(
          error instanceof NoExtensionError ? 'no-extension' : 'closed'
        );
      }
    }
  }

  private _accept(message: LiveMessage): void {
    switch (message.type) {
      case 'reading':
        return this._acceptReading(message.data);
      case 'kernels':
        return this._acceptKernels(message.data);
      case 'environments':
        return this._acceptEnvironments(message.data);
      case 'notice':
        return this._noticed.emit(message);
      // Kinds that a newer server pushes are none of ours.
    }
  }

  private _acceptReading(next: Reading): void {
    if (this._disposed) {
      return;
    }
    this._reading = shareReading(this._reading, next);
    this._receivedAt = new Date();
    this._expectNext(next.age);
    this._readingChanged.emit(this._reading);
  }

  private _acceptKernels(next: Kernels): void {
    const previous = this._kernels;
    const kernels = shareItems(
      previous?.kernels ?? [],
      next.kernels,
      kernel => kernel.id
    );
    if (previous === null || kernels !== previous.kernels) {
      this._kernels = { ...next, kernels };
      this._kernelsChanged.emit(this._kernels);
    }
  }

  private _acceptEnvironments(next: Environments): void {
    const previous = this._environments;
    const environments = shareItems(
      previous?.environments ?? [],
      next.environments,
      environment => environment.id
    );
    if (previous === null || environments !== previous.environments) {
      this._environments = { ...next, environments };
      this._environmentsChanged.emit(this._environments);
    }
  }

  /** Marks the reading old unless another comes in time; `age`: its seconds when it came. */
  private _expectNext(age: number): void {
    window.clearTimeout(this._staleTimer);
    const left = STALE_AFTER * this._interval - age;
    this._setStale(left <= 0);
    if (left > 0) {
      this._staleTimer = window.setTimeout(
        () => this._setStale(true),
        left * 1000
      );
    }
  }

  private _setStale(stale: boolean): void {
    if (stale !== this._stale) {
      this._stale = stale;
      this._staleChanged.emit(stale);
    }
  }

  private _setState(state: LiveState): void {
    if (state !== this._state) {
      this._state = state;
      this._stateChanged.emit(state);
    }
  }

  /** A question beside the socket: where it fails the socket's state already says so. */
  private _quietly(question: Promise<void>): void {
    question.catch(error => console.debug('jupyter-tfgpu:', error));
  }

  private readonly _socket: LiveSocket;
  private _state: LiveState = 'connecting';
  private _reading: Reading | null = null;
  private _receivedAt: Date | null = null;
  private _kernels: Kernels | null = null;
  private _environments: Environments | null = null;
  private _interval = 2;
  private _stale = false;
  private _staleTimer = 0;
  private _askTimer = 0;
  private _watchers = 0;
  private _disposed = false;
  private readonly _stateChanged = new Signal<ILiveModel, LiveState>(this);
  private readonly _readingChanged = new Signal<ILiveModel, Reading>(this);
  private readonly _staleChanged = new Signal<ILiveModel, boolean>(this);
  private readonly _kernelsChanged = new Signal<ILiveModel, Kernels>(this);
  private readonly _environmentsChanged = new Signal<ILiveModel, Environments>(
    this
  );
  private readonly _noticed = new Signal<ILiveModel, Notice>(this);
}
