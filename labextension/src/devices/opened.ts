import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { useSignalValue } from '../ui';

/** What was opened of the devices, as long as the page lives. */
export class Opened {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  has(key: string): boolean {
    return this._keys.has(key);
  }

  toggle(key: string): void {
    if (!this._keys.delete(key)) {
      this._keys.add(key);
    }
    this._changed.emit();
  }

  private readonly _keys = new Set<string>();
  private readonly _changed = new Signal<this, void>(this);
}

/** Whether something is open, and what turns that over. */
export function useOpened(opened: Opened, key: string): [boolean, () => void] {
  const open = useSignalValue(opened.changed, () => opened.has(key));
  return [open, () => opened.toggle(key)];
}
