import type { ISessionContext } from '@jupyterlab/apputils';
import { JSONExt } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { NoExtensionError } from '../api';
import type { Client, Report } from '../api';
import { delay } from '../fixes';

/** A session with its kernel, as far as a report needs it. */
export type ReportSession = Pick<
  ISessionContext,
  'session' | 'isReady' | 'kernelChanged' | 'statusChanged' | 'restartKernel'
> & { readonly disposed: ISignal<unknown, void> };

/** The kernel of a session, and what the server says of it now. Keeps its identity while nothing changes. */
export interface ILive {
  /** null: the session has no kernel. */
  readonly kernelId: string | null;
  /** Whether it is known which kernel the session has. */
  readonly known: boolean;
  /** null: none yet, or nobody has asked for it. */
  readonly report: Report | null;
}

/** Milliseconds between the looks at a report that is made some time after a start. */
const LOOKS = [500, 500, 1000, 1000, 1000, 1500, 1500, 2000, 3000, 5000];

const STARTS: readonly string[] = ['starting', 'restarting', 'autorestarting'];
/** Between the two a kernel may tell of other states, as while the page connects to it. */
const UP: readonly string[] = ['idle', 'busy'];
const ENDED: readonly string[] = ['dead', 'terminating'];

/** The report on the kernel of one session, read again after each start of it. */
export class LiveReport implements IDisposable {
  constructor(
    private readonly client: Pick<Client, 'kernelReport'>,
    private readonly session: ReportSession
  ) {
    session.kernelChanged.connect(this._onKernel, this);
    session.statusChanged.connect(this._onStatus, this);
    this._now = this._look(null);
  }

  get now(): ILive {
    return this._now;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether a cell runs now. */
  get busy(): boolean {
    return this.session.session?.kernel?.status === 'busy';
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Has the report read where an output is about the session's kernel. */
  want(kernelId: string): void {
    if (this._wanted.has(kernelId)) {
      return;
    }
    this._wanted.add(kernelId);
    if (kernelId === this._now.kernelId) {
      this._read();
    }
  }

  /** Fulfilled once the report on the last start is there, or has not come in time. */
  async settled(): Promise<void> {
    let reading: Promise<void> | null = null;
    while (reading !== this._reading) {
      reading = this._reading;
      await reading;
    }
  }

  /** Restarts the kernel. Rejects with what the session rejects with. */
  restart(): Promise<void> {
    return this.session.restartKernel();
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._turn += 1;
      Signal.clearData(this);
    }
  }

  private _onKernel(): void {
    this._starting = false;
    this._tell(null);
    this._read();
  }

  private _onStatus(_: unknown, status: string): void {
    this._tell(this._now.report);
    // Until the next report is there the last one counts.
    if (STARTS.includes(status) && !this._starting) {
      this._starting = true;
      this._read();
    } else if (UP.includes(status) && this._starting) {
      this._starting = false;
      if (!this._fresh) {
        this._read(); // From now on it cannot take long.
      }
    }
  }

  /** Looks for the report on the kernel's last start until it is there. */
  private _read(): void {
    const { kernelId } = this._now;
    this._turn += 1;
    if (kernelId !== null && this._wanted.has(kernelId)) {
      this._fresh = false;
      this._reading = this._readUntil(kernelId, this._turn);
    }
  }

  /** The report of the start before stays with the server until the next is made: one that differs is new. */
  private async _readUntil(kernelId: string, turn: number): Promise<void> {
    const before = this._now.report;
    const counts = () => this._turn === turn && this._now.kernelId === kernelId;
    for (const pause of [0, ...LOOKS]) {
      if (pause > 0) {
        await delay(pause);
      }
      const next = counts() ? await this._ask(kernelId) : null;
      if (!counts() || next instanceof NoExtensionError) {
        return; // Another start has come, or the end.
      }
      if (next !== null && !JSONExt.deepEqual(next, before)) {
        this._fresh = true;
        this._tell(next);
        return;
      }
    }
  }

  /** null: none now; without one there are no buttons. */
  private async _ask(
    kernelId: string
  ): Promise<Report | NoExtensionError | null> {
    try {
      return await this.client.kernelReport(kernelId);
    } catch (error) {
      console.debug('jupyter-tfgpu:', error);
      return error instanceof NoExtensionError ? error : null;
    }
  }

  private _tell(report: Report | null): void {
    const next = this._look(report);
    const { kernelId, known } = this._now;
    if (
      !this._disposed &&
      (next.kernelId !== kernelId ||
        next.known !== known ||
        next.report !== this._now.report)
    ) {
      this._now = next;
      this._changed.emit();
    }
  }

  private _look(report: Report | null): ILive {
    const kernel = this.session.session?.kernel;
    const lives = kernel && !ENDED.includes(kernel.status);
    return {
      kernelId: lives ? kernel.id : null,
      known: this.session.isReady,
      report: lives ? report : null
    };
  }

  private _now: ILive;
  private _starting = false;
  private _fresh = false;
  private _disposed = false;
  private _turn = 0;
  private _reading: Promise<void> = Promise.resolve();
  private readonly _wanted = new Set<string>();
  private readonly _changed = new Signal<this, void>(this);
}

/** One live report a session, however many outputs show it. */
export class LiveReports {
  constructor(readonly client: Client) {}

  of(session: ReportSession): LiveReport {
    const present = this._reports.get(session);
    if (present) {
      return present;
    }
    const report = new LiveReport(this.client, session);
    this._reports.set(session, report);
    session.disposed.connect(() => report.dispose());
    return report;
  }

  private readonly _reports = new WeakMap<ReportSession, LiveReport>();
}
