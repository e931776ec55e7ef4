import type { Device, Driver, KernelUse } from '../api';

/** Something to tell, as it was when it began. `key` is the same for as long as it lasts. */
export type Alert = { readonly key: string } & (
  | {
      readonly kind: 'memory';
      readonly device: Device;
      /** Fraction 0-1 of the memory that is in use. */
      readonly share: number;
      /** Percent. */
      readonly limit: number;
    }
  | {
      readonly kind: 'temperature';
      readonly device: Device;
      /** Both °C. */
      readonly celsius: number;
      readonly limit: number;
    }
  | {
      readonly kind: 'unused';
      readonly device: Device;
      readonly kernel: KernelUse;
      /** Bytes; null: not known. */
      readonly memory: number | null;
      /** Milliseconds since the epoch when the device was last seen used. */
      readonly since: number;
    }
  | {
      readonly kind: 'lost';
      /** Null: one that the driver could not name. */
      readonly device: Device | null;
      readonly driver: Driver;
    }
  | { readonly kind: 'driver'; readonly driver: Driver }
);

/** What is going on, from one reading to the next. */
export interface ISituation {
  readonly alerts: ReadonlyMap<string, Alert>;
  /** Whether the driver worked at the last reading. */
  readonly driverWorked: boolean;
}

export const NOTHING: ISituation = { alerts: new Map(), driverWorked: false };
