import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Sort } from './order';
import { SORTS } from './order';

/** The part of a plugin's settings that is needed here. */
export type Settings = Pick<
  ISettingRegistry.ISettings,
  'composite' | 'changed' | 'set'
>;

const LEAST = 1;
const MOST = 1440;

interface IValues {
  readonly sort: Sort;
  readonly minutes: number;
}

const DEFAULTS: IValues = { sort: 'memory', minutes: 10 };

/** How the kernels are listed: as the settings say, where there are any, and else until the page is left. */
export class RunningChoices {
  /** Takes the choices from these settings from now on, and writes changes there. */
  follow(settings: Settings): void {
    this._settings = settings;
    const read = () => this._take(readValues(settings.composite));
    settings.changed.connect(read);
    read();
  }

  /** The settings could not be read: what is chosen holds until the page is left, and says so. */
  cannotWrite(): void {
    this._broken = true;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get sort(): Sort {
    return this._values.sort;
  }

  /** Minutes without use of its devices after which an idle kernel rests. */
  get minutes(): number {
    return this._values.minutes;
  }

  /** Takes effect at once and is then written to the settings. Rejects where that fails. */
  async choose(sort: Sort): Promise<void> {
    this._take({ ...this._values, sort });
    if (this._broken) {
      throw new Error('the settings could not be read');
    }
    await this._settings?.set('sort', sort);
  }

  private _take(next: IValues): void {
    const { sort, minutes } = this._values;
    if (next.sort !== sort || next.minutes !== minutes) {
      this._values = next;
      this._changed.emit();
    }
  }

  private _values = DEFAULTS;
  private _settings: Settings | null = null;
  private _broken = false;
  private readonly _changed = new Signal<this, void>(this);
}

/** What settings say that may be written by hand: what has no meaning counts as not set. */
function readValues(values: ReadonlyPartialJSONObject): IValues {
  const { sort, restingMinutes: minutes } = values;
  const valid =
    typeof minutes === 'number' && minutes >= LEAST && minutes <= MOST;
  return {
    sort: SORTS.find(one => one === sort) ?? DEFAULTS.sort,
    minutes: valid ? minutes : DEFAULTS.minutes
  };
}
