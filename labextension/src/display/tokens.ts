import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { Device } from '../api';
import type { Units } from '../ui';

/** How much room a device takes; `auto`: cards, or compact rows where there are many. */
export type Density = 'auto' | 'cards' | 'compact';

/** How the user wants devices to be shown, everywhere on the page. */
export interface IDisplay {
  readonly changed: ISignal<IDisplay, void>;
  /** A new object only where a unit changed. */
  readonly units: Units;
  readonly density: Density;

  /**
   * The devices that the user wants to see, in the user's order; MIG instances
   * stay behind their GPU. The same array where nothing changed.
   */
  shown(devices: Device[]): Device[];

  /**
   * These three take effect at once and are then written to the settings. They
   * reject where that fails; the change then holds until the page is left.
   */
  hide(uuid: string): Promise<void>;
  show(...uuids: string[]): Promise<void>;
  /** Puts a device before or behind the next one that is shown. */
  move(uuid: string, by: -1 | 1): Promise<void>;
}

export const IDisplay = new Token<IDisplay>(
  'jupyter-tfgpu:IDisplay',
  'How devices are shown: their order, which of them, and the units.'
);
