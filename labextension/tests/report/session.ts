import { Signal } from '@lumino/signaling';

import type { ReportSession } from '../../src/report/live';

/** A notebook's session, whose kernel is what the test says. */
export class TestSession {
  readonly kernelChanged = new Signal<this, unknown>(this);
  readonly statusChanged = new Signal<this, string>(this);
  readonly disposed = new Signal<this, void>(this);
  readonly restartKernel = jest.fn(() => {
    this.changeStatus('restarting');
    this.changeStatus('idle');
    return Promise.resolve();
  });
  isReady = true;
  session: { kernel: { id: string; status: string } | null } | null;

  constructor(id: string | null = 'k1') {
    this.session = { kernel: id === null ? null : { id, status: 'idle' } };
  }

  get itself(): ReportSession {
    return this as unknown as ReportSession;
  }

  changeKernel(id: string | null): void {
    this.session = { kernel: id === null ? null : { id, status: 'idle' } };
    this.kernelChanged.emit(undefined);
  }

  changeStatus(status: string): void {
    if (this.session?.kernel) {
      this.session.kernel.status = status;
    }
    this.statusChanged.emit(status);
  }
}
