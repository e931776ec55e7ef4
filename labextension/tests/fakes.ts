import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { Client } from '../src/api';
import type { Environments, Kernels, Notice, Reading, Task } from '../src/api';
import { Display } from '../src/display/model';
import type { ILiveModel, LiveState } from '../src/live';
import type { StandInServer } from './server';

/** A live model that says what the test tells it to. */
export class TestLive implements ILiveModel {
  constructor(server: StandInServer) {
    this.client = new Client(server.settings);
  }

  readonly client: Client;
  readonly stateChanged: Signal<ILiveModel, LiveState> = new Signal(this);
  readonly readingChanged: Signal<ILiveModel, Reading> = new Signal(this);
  readonly staleChanged: Signal<ILiveModel, boolean> = new Signal(this);
  readonly kernelsChanged: Signal<ILiveModel, Kernels> = new Signal(this);
  readonly environmentsChanged: Signal<ILiveModel, Environments> = new Signal(
    this
  );
  readonly tasked: Signal<ILiveModel, Task> = new Signal(this);
  readonly noticed: Signal<ILiveModel, Notice> = new Signal(this);
  state: LiveState = 'open';
  reading: Reading | null = null;
  receivedAt: Date | null = null;
  stale = false;
  kernels: Kernels | null = null;
  environments: Environments | null = null;
  interval = 2;
  rescans = 0;

  tellState(state: LiveState): void {
    this.state = state;
    this.stateChanged.emit(state);
  }

  tellReading(reading: Reading): void {
    this.reading = reading;
    this.receivedAt = new Date(2026, 0, 1, 14, 3, 22);
    this.readingChanged.emit(reading);
  }

  tellStale(stale: boolean): void {
    this.stale = stale;
    this.staleChanged.emit(stale);
  }

  tellKernels(kernels: Kernels): void {
    this.kernels = kernels;
    this.kernelsChanged.emit(kernels);
  }

  tellEnvironments(environments: Environments): void {
    this.environments = environments;
    this.environmentsChanged.emit(environments);
  }

  watch(): IDisposable {
    return new DisposableDelegate(() => undefined);
  }

  async refreshKernels(): Promise<void> {
    this.tellKernels(await this.client.kernels());
  }

  async refreshEnvironments(rescan = false): Promise<void> {
    this.rescans += rescan ? 1 : 0;
    const ask = rescan
      ? this.client.refreshEnvironments()
      : this.client.environments();
    this.tellEnvironments(await ask);
  }
}

/** How devices are shown where there are no settings. */
export function testDisplay(live?: ILiveModel): Display {
  return new Display(() => live?.reading?.devices ?? []);
}
