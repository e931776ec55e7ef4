import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Device } from '../api';
import type { IDisplay } from '../display';
import type { ILiveModel } from '../live';
import { HistoryFeed } from './feed';
import { figuresIn } from './figures';
import type { IFigure } from './figures';
import { gapsIn } from './gaps';
import { Numbers, lineOf, lineOfUnknown, sameLines } from './lines';
import type { ILine } from './lines';
import { Selection } from './selection';
import { TimeWindow } from './window';

/**
 * What the history tab shows. While nobody sees it (`active` false), figures
 * are collected and nothing is announced.
 */
export class HistoryModel implements IDisposable {
  constructor(
    readonly live: ILiveModel,
    private readonly display: IDisplay,
    readonly trans: TranslationBundle
  ) {
    this.feed = new HistoryFeed(live);
    this.window = new TimeWindow(() => this.feed.store.range);
    this.feed.changed.connect(this._update, this);
    display.changed.connect(this._update, this);
    this._figures = figuresIn(display.units, trans);
  }

  readonly feed: HistoryFeed;
  readonly window: TimeWindow;

  /** Other lines, figures or units. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** There are other readings. */
  get read(): ISignal<this, void> {
    return this._read;
  }

  /** The cursor moved, or another line is highlighted. */
  get pointed(): ISignal<this, void> {
    return this._pointed;
  }

  /** The devices of the legend, in the user's order; the same array where nothing changed. */
  get lines(): readonly ILine[] {
    return this._lines;
  }

  /** Those of the lines that are drawn. */
  get drawn(): readonly ILine[] {
    return this._drawn;
  }

  get figures(): readonly IFigure[] {
    return this._figures;
  }

  /** Before which readings nobody looked for long, as `gapsIn` says; a new array each time. */
  get gaps(): Uint8Array {
    return this._gaps;
  }

  /** The time under the cursor; null: the cursor is elsewhere. */
  get cursor(): number | null {
    return this._cursor;
  }

  /** The UUID of the line that stands out; null: none does. */
  get highlighted(): string | null {
    return this._highlighted;
  }

  /** Whether somebody sees the tab; then the connection is kept up. */
  get active(): boolean {
    return this._watching !== null;
  }

  set active(active: boolean) {
    if (active && !this._watching) {
      this._watching = this.live.watch();
      this._update();
    } else if (!active) {
      this._watching?.dispose();
      this._watching = null;
    }
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  toggle(uuid: string): void {
    this._selection.toggle(uuid, this._lines);
    this._redrawn();
  }

  only(uuid: string): void {
    this._selection.only(uuid);
    this._redrawn();
  }

  all(): void {
    this._selection.all();
    this._redrawn();
  }

  pointAt(time: number | null): void {
    if (time !== this._cursor) {
      this._cursor = time;
      this._pointed.emit();
    }
  }

  highlight(uuid: string | null): void {
    if (uuid !== this._highlighted) {
      this._highlighted = uuid;
      this._pointed.emit();
    }
  }

  /** The most that any drawn device can have of a figure, in the axis' unit; 0: not known. */
  limit(figure: IFigure): number {
    const limits = this._drawn.map(({ uuid }) => {
      const device = this._devices.get(uuid);
      return (device && figure.limit(device)) ?? 0;
    });
    return figure.convert(Math.max(0, ...limits));
  }

  /** A figure of a device under the cursor, else the newest; null: not known. */
  current(uuid: string, figure: IFigure): number | null {
    const { store } = this.feed;
    const index =
      this._cursor === null ? store.length - 1 : store.indexOf(this._cursor);
    return index < 0 ? null : store.value(uuid, figure.key, index);
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this.active = false;
      this.display.changed.disconnect(this._update, this);
      this.feed.dispose();
      Signal.clearData(this.window);
      Signal.clearData(this);
    }
  }

  private _update(): void {
    if (!this.active) {
      return;
    }
    this._gaps = gapsIn(this.feed.store.times, this.live.interval);
    const lines = this._currentLines();
    const { units } = this.display;
    if (!sameLines(lines, this._lines) || units !== this._units) {
      this._lines = lines;
      this._units = units;
      this._figures = figuresIn(units, this.trans);
      this._redrawn();
    }
    this._read.emit();
  }

  private _redrawn(): void {
    this._drawn = this._selection.of(this._lines);
    if (!this._drawn.some(({ uuid }) => uuid === this._highlighted)) {
      this._highlighted = null;
    }
    this._changed.emit();
  }

  /** The devices that are there, and behind them those that were. */
  private _currentLines(): ILine[] {
    const here = this.live.reading?.devices;
    if (!here) {
      return []; // What the server remembers has no names.
    }
    here.forEach(device => this._devices.set(device.uuid, device));
    const listed = new Set(here.map(({ uuid }) => uuid));
    const gone = this.feed.store.uuids.filter(uuid => !listed.has(uuid));
    for (const uuid of this._devices.keys()) {
      if (!listed.has(uuid) && !gone.includes(uuid)) {
        this._devices.delete(uuid);
      }
    }
    const remembered = gone.flatMap(uuid => this._devices.get(uuid) ?? []);
    const number = (uuid: string) => this._numbers.of(uuid);
    // In the readings' order, whichever the user sees, so that colours stay.
    [...here, ...remembered].forEach(({ uuid }) => number(uuid));
    return [
      ...this._shown(here, remembered).map(device =>
        lineOf(
          device,
          number(device.uuid),
          !listed.has(device.uuid),
          this.trans
        )
      ),
      ...gone
        .filter(uuid => !this._devices.has(uuid))
        .map(uuid => lineOfUnknown(uuid, number(uuid)))
    ];
  }

  private _shown(here: Device[], remembered: Device[]): Device[] {
    return this.display.shown(
      remembered.length === 0 ? here : [...here, ...remembered]
    );
  }

  private _lines: readonly ILine[] = [];
  private _drawn: readonly ILine[] = [];
  private _figures: readonly IFigure[];
  private _units: object | null = null;
  private _gaps: Uint8Array = new Uint8Array();
  private _cursor: number | null = null;
  private _highlighted: string | null = null;
  private _watching: IDisposable | null = null;
  private _disposed = false;
  private readonly _devices = new Map<string, Device>();
  private readonly _numbers = new Numbers();
  private readonly _selection = new Selection();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _read = new Signal<this, void>(this);
  private readonly _pointed = new Signal<this, void>(this);
}
