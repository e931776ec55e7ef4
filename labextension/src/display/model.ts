import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { JSONExt } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Device } from '../api';
import type { Units } from '../ui';
import { arrange, moved } from './arrange';
import type { IChoices } from './choices';
import { DEFAULTS, readChoices } from './choices';
import type { Density, IDisplay } from './tokens';

/** The part of a plugin's settings that is needed here. */
export type Settings = Pick<
  ISettingRegistry.ISettings,
  'composite' | 'changed' | 'set'
>;

/** How devices are shown: as the settings say, where there are any, and else until the page is left. */
export class Display implements IDisplay {
  /** `devices`: those of the last reading, for `move` to know what stands beside what. */
  constructor(private readonly devices: () => Device[]) {}

  /** Takes the choices from these settings from now on, and writes changes there. */
  follow(settings: Settings): void {
    this._settings = settings;
    const read = () => this._take(readChoices(settings.composite));
    settings.changed.connect(read);
    read();
  }

  /** The settings could not be read: what is chosen holds until the page is left, and says so. */
  cannotWrite(): void {
    this._broken = true;
  }

  get changed(): ISignal<IDisplay, void> {
    return this._changed;
  }

  get units(): Units {
    return this._choices.units;
  }

  get density(): Density {
    return this._choices.density;
  }

  shown(devices: Device[]): Device[] {
    const known = this._shown.get(devices);
    if (known) {
      return known;
    }
    const next = arrange(devices, this._choices);
    const shown = [devices, this._last].find(one => equal(one, next)) ?? next;
    this._shown.set(devices, shown);
    this._last = shown;
    return shown;
  }

  hide(uuid: string): Promise<void> {
    return this._choose('hidden', [...this._choices.hidden, uuid]);
  }

  show(...uuids: string[]): Promise<void> {
    const left = this._choices.hidden.filter(one => !uuids.includes(one));
    return this._choose('hidden', left);
  }

  move(uuid: string, by: -1 | 1): Promise<void> {
    const order = moved(this.devices(), this._choices, uuid, by);
    return order === this._choices.order
      ? Promise.resolve()
      : this._choose('order', order);
  }

  private async _choose(
    key: 'order' | 'hidden',
    uuids: readonly string[]
  ): Promise<void> {
    const value = [...new Set(uuids)];
    this._take({ ...this._choices, [key]: value });
    if (this._broken) {
      throw new Error('the settings could not be read');
    }
    await this._settings?.set(key, value);
  }

  private _take(next: IChoices): void {
    const before = this._choices;
    const choices = { ...next, units: sameOr(before.units, next.units) };
    if (sameOr<IChoices>(before, choices) === before) {
      return;
    }
    this._choices = choices;
    this._shown = new WeakMap();
    this._changed.emit();
  }

  private _choices: IChoices = DEFAULTS;
  private _settings: Settings | null = null;
  private _broken = false;
  private _shown = new WeakMap<Device[], Device[]>();
  private _last: Device[] = [];
  private readonly _changed = new Signal<this, void>(this);
}

function equal(some: Device[], others: Device[]): boolean {
  return (
    some.length === others.length &&
    some.every((device, index) => device === others[index])
  );
}

function sameOr<T>(before: T, next: T): T {
  return JSONExt.deepEqual(
    before as ReadonlyPartialJSONValue,
    next as ReadonlyPartialJSONValue
  )
    ? before
    : next;
}
