import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IGroup, IItem } from './items';
import { search } from './search';

/** A searchable list of kernels, of which one is active: what the view shows and the keys move. */
export class KernelList {
  /** `first`: the key of what is active to begin with; without one that is the first that can be chosen. */
  constructor(groups: readonly IGroup[], first: string | null = null) {
    this._first = first;
    this._all = groups;
    this._search();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The groups in which something matches the query. */
  get groups(): readonly IGroup[] {
    return this._groups;
  }

  /** All of them, as they were given. */
  get all(): readonly IGroup[] {
    return this._all;
  }

  /** Replaces what there is to choose from; the query and, where it is still there, the active item stay. */
  replace(groups: readonly IGroup[]): void {
    this._all = groups;
    this._search();
  }

  get query(): string {
    return this._query;
  }

  /** Narrows the list; the first match is active, without a query what was to begin with. */
  search(query: string): void {
    if (query !== this._query) {
      this._query = query;
      this._key = null;
      this._search();
    }
  }

  get active(): IItem | null {
    return this._active;
  }

  activate(key: string): void {
    this._key = key;
    this._choose();
  }

  /** Moves to the item so many lines further, over those that cannot be chosen, and not over the ends. */
  move(lines: number): void {
    const items = this._enabled;
    if (items.length > 0) {
      const index = items.findIndex(item => item.key === this._active?.key);
      const next = Math.min(items.length - 1, Math.max(0, index + lines));
      this.activate(items[next]!.key);
    }
  }

  private _search(): void {
    this._groups = search(this._all, this._query);
    this._enabled = this._groups
      .flatMap(group => group.items)
      .filter(item => !item.disabled);
    this._choose();
  }

  private _choose(): void {
    const at = (key: string | null) =>
      this._enabled.find(item => item.key === key);
    const first = this._query.trim() === '' ? at(this._first) : undefined;
    this._active = at(this._key) ?? first ?? this._enabled[0] ?? null;
    this._changed.emit();
  }

  private readonly _first: string | null;
  private _all: readonly IGroup[];
  private _groups: readonly IGroup[] = [];
  private _enabled: IItem[] = [];
  private _query = '';
  /** What the user moved to; null: nothing since the query changed. */
  private _key: string | null = null;
  private _active: IItem | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
