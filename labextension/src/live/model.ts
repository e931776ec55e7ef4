import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { NoExtensionError } from '../api';
import type {
  Client,
  Environments,
  Kernels,
  LiveMessage,
  Notice,
  Reading,
  Task
} from '../api';
import { Backoff } from './backoff';
import type { IPage } from './page';
import { Attention } from './page';
import { shareEnvironments, shareKernels, shareReading } from './share';
import { LiveSocket } from './socket';
import { patience, Staleness } from './staleness';
import type { ILiveModel, LiveState } from './tokens';

/** Milliseconds after which what the new connection has not pushed is asked for. */
const PUSH_WAIT = 300;
/** Milliseconds that a standing connection is kept where the page is hidden: who leafs through tabs is back soon. */
const PAUSE_WAIT = 3000;

/** The one live connection of this page and what came over it. */
export class LiveModel implements ILiveModel, IDisposable {
  constructor(
    readonly client: Client,
    page: IPage,
    backoff: Backoff = new Backoff()
  ) {
    this._socket = new LiveSocket(client.settings, backoff);
    this._socket.patience = patience(this._interval);
    this._socket.opened.connect(this._onOpened, this);
    this._socket.lost.connect(this._onLost, this);
    this._socket.received.connect((_, message) => this._accept(message));
    this._attention = new Attention(page, () => this._follow());
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
    return this._staleness.stale;
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

  get tasked(): ISignal<ILiveModel, Task> {
    return this._tasked;
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
      this._socket.patience = patience(seconds);
      this._staleness.look(seconds);
      this._socket.send({ interval: seconds });
    }
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  watch(): IDisposable {
    return this._attention.watch();
  }

  async refreshKernels(): Promise<void> {
    this._acceptKernels(await this.client.kernels());
  }

  async refreshEnvironments(rescan = false): Promise<void> {
    const before = this._environmentsPushed;
    const answer = await (rescan
      ? this.client.refreshEnvironments()
      : this.client.environments());
    // What was pushed meanwhile is newer than the answer to a plain question.
    if (rescan || this._environmentsPushed === before) {
      this._acceptEnvironments(answer);
    }
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._staleness.dispose();
      window.clearTimeout(this._askTimer);
      window.clearTimeout(this._pauseTimer);
      this._attention.dispose();
      this._socket.dispose();
      Signal.clearData(this);
    }
  }

  /** Connects or pauses, as somebody can see what comes or not. */
  private _follow(): void {
    window.clearTimeout(this._pauseTimer);
    if (this._attention.isPaid) {
      this._staleness.look(this._interval);
      if (this._state === 'paused') {
        this._setState('connecting');
      }
      this._socket.start();
    } else if (this._state === 'open') {
      this._pauseTimer = window.setTimeout(() => this._pause(), PAUSE_WAIT);
    } else {
      this._pause();
    }
  }

  private _pause(): void {
    this._socket.stop();
    window.clearTimeout(this._askTimer);
    this._turn += 1;
    this._setState('paused');
  }

  private _onOpened(): void {
    this._turn += 1;
    this._setState('open');
    this._socket.send({ interval: this._interval });
    const before = this._receivedAt;
    const kernelsBefore = this._kernels;
    const acceptFirst = (answer: Reading) => {
      if (this._receivedAt === before) {
        this._acceptReading(answer);
      }
    };
    // The environments are not pushed before they change.
    quietly(this.refreshEnvironments());
    window.clearTimeout(this._askTimer);
    this._askTimer = window.setTimeout(() => {
      if (this._receivedAt === before) {
        quietly(this.client.devices().then(acceptFirst));
      }
      if (this._kernels === kernelsBefore) {
        quietly(this.refreshKernels());
      }
    }, PUSH_WAIT);
  }

  private _onLost(_: LiveSocket, talked: boolean): void {
    window.clearTimeout(this._askTimer);
    if (this._state === 'open') {
      this._setState('closed');
    }
    if (!this._attention.isPaid) {
      this._pause();
    } else if (!talked) {
      void this._askWithoutSocket();
    }
  }

  /**
   * The browser does not say why a socket could not be opened. A plain request
   * does, and brings data where only sockets are held up, as by some proxies,
   * or refused, as by a server that has too many.
   */
  private async _askWithoutSocket(): Promise<void> {
    const turn = this._turn;
    try {
      const reading = await this.client.devices();
      if (turn === this._turn) {
        this._setState('closed');
        // What kernels do is told against the time of a reading: never new readings with old kernels.
        await Promise.allSettled([this.refreshKernels()]);
        if (turn === this._turn) {
          this._acceptReading(reading);
        }
        await this.refreshEnvironments();
      }
    } catch (error) {
      if (turn === this._turn) {
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
        this._environmentsPushed += 1;
        return this._acceptEnvironments(message.data);
      case 'task':
        return this._tasked.emit(message.data);
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
    this._staleness.came(next.age, this._interval);
    this._readingChanged.emit(this._reading);
  }

  private _acceptKernels(next: Kernels): void {
    const kernels = shareKernels(this._kernels, next);
    if (kernels !== this._kernels) {
      this._kernels = kernels;
      this._kernelsChanged.emit(kernels);
    }
  }

  private _acceptEnvironments(next: Environments): void {
    const environments = shareEnvironments(this._environments, next);
    if (environments !== this._environments) {
      this._environments = environments;
      this._environmentsChanged.emit(environments);
    }
  }

  private _setState(state: LiveState): void {
    if (state !== this._state) {
      this._state = state;
      this._stateChanged.emit(state);
    }
  }

  private readonly _socket: LiveSocket;
  private readonly _attention: Attention;
  private _state: LiveState = 'connecting';
  private _reading: Reading | null = null;
  private _receivedAt: Date | null = null;
  private _kernels: Kernels | null = null;
  private _environments: Environments | null = null;
  private _interval = 2;
  private readonly _staleness = new Staleness(stale =>
    this._staleChanged.emit(stale)
  );
  private _askTimer = 0;
  private _pauseTimer = 0;
  /** Counts openings and pauses: an answer to a question from before one says nothing about the connection. */
  private _turn = 0;
  private _environmentsPushed = 0;
  private _disposed = false;
  private readonly _stateChanged = new Signal<ILiveModel, LiveState>(this);
  private readonly _readingChanged = new Signal<ILiveModel, Reading>(this);
  private readonly _staleChanged = new Signal<ILiveModel, boolean>(this);
  private readonly _kernelsChanged = new Signal<ILiveModel, Kernels>(this);
  private readonly _environmentsChanged = new Signal<ILiveModel, Environments>(
    this
  );
  private readonly _tasked = new Signal<ILiveModel, Task>(this);
  private readonly _noticed = new Signal<ILiveModel, Notice>(this);
}

/** A question beside the socket: where it fails the socket's state already says so. */
function quietly(question: Promise<void>): void {
  question.catch(error => console.debug('jupyter-tfgpu:', error));
}
