import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

/** What is done with a kernel at the moment. */
export type Doing = 'interrupting' | 'pinning' | 'restarting' | 'ending';

/** The actions that are under way: one for a kernel at a time. */
export class Underway {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  of(kernelId: string): Doing | null {
    return this._doing.get(kernelId) ?? null;
  }

  /** What an action gives; null where another is under way with this kernel. Rejects as the action does. */
  async run<T>(
    kernelId: string,
    doing: Doing,
    action: () => Promise<T>
  ): Promise<T | null> {
    if (this._doing.has(kernelId)) {
      return null;
    }
    this._doing.set(kernelId, doing);
    this._changed.emit();
    try {
      return await action();
    } finally {
      this._doing.delete(kernelId);
      this._changed.emit();
    }
  }

  private readonly _doing = new Map<string, Doing>();
  private readonly _changed = new Signal<this, void>(this);
}
