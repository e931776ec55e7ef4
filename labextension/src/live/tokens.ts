import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type {
  Client,
  Environments,
  Kernels,
  Notice,
  Reading,
  Task
} from '../api';

/**
 * How this page stands with the server. `closed`: the connection was lost or
 * cannot be made, and is tried again; `paused`: nobody can see this page, and
 * nothing is wrong; `no-extension`: the server lacks our part.
 */
export type LiveState =
  'connecting' | 'open' | 'paused' | 'closed' | 'no-extension';

/**
 * What the server told this page last. Values keep their identity where
 * nothing changed, so that views can compare them with `===`.
 */
export interface ILiveModel {
  readonly client: Client;
  readonly state: LiveState;
  readonly stateChanged: ISignal<ILiveModel, LiveState>;

  /** The last reading; null before the first. A new object each time; unchanged parts are kept. */
  readonly reading: Reading | null;
  readonly readingChanged: ISignal<ILiveModel, Reading>;
  /** When the last reading came in, by this browser's clock. */
  readonly receivedAt: Date | null;

  /** Whether the last reading is older than three intervals. */
  readonly stale: boolean;
  readonly staleChanged: ISignal<ILiveModel, boolean>;

  readonly kernels: Kernels | null;
  readonly kernelsChanged: ISignal<ILiveModel, Kernels>;
  readonly environments: Environments | null;
  readonly environmentsChanged: ISignal<ILiveModel, Environments>;
  /** A task as it stands, each time it moves on. */
  readonly tasked: ISignal<ILiveModel, Task>;
  readonly noticed: ISignal<ILiveModel, Notice>;

  /** Seconds between two readings that this page asks for. */
  interval: number;

  /** Keeps the connection up on a hidden page too, until disposed: for a panel that is open. */
  watch(): IDisposable;
  /** Asks the server for its kernels now, as after a changed pin. */
  refreshKernels(): Promise<void>;
  /** Asks for the environments; `rescan` looks at the disks again, whatever is cached. */
  refreshEnvironments(rescan?: boolean): Promise<void>;
}

export const ILiveModel = new Token<ILiveModel>(
  'jupyter-tfgpu:ILiveModel',
  'Live readings of devices, kernels and environments from the server.'
);
