import type { IDisposable } from '@lumino/disposable';
import uPlot from 'uplot';

import { extremesOf } from './extremes';
import type { IExtremes } from './extremes';
import type { Ends, IFigure } from './figures';
import type { ILine } from './lines';
import { lookOf } from './look';
import type { HistoryModel } from './model';
import { optionsOf } from './options';
import { POINTS } from './store';
import type { Column } from './store';
import { inWords } from './words';

/** How much a turn of the wheel or a key zooms. */
export const ZOOM = 1.25;

/** One figure of the drawn devices over time, in a canvas that fills an element. */
export class Chart implements IDisposable {
  /** `group`: the name that charts with a common cursor share. */
  constructor(
    private readonly node: HTMLElement,
    private readonly model: HistoryModel,
    private readonly figure: IFigure,
    group: string
  ) {
    this._lines = model.drawn;
    const options = optionsOf({
      figure,
      lines: this._lines,
      look: lookOf(node),
      gaps: () => model.gaps,
      group,
      ...this._size
    });
    options.cursor = { ...options.cursor, bind: this._bindings() };
    options.hooks = this._hooks();
    this._columns = this._lines.map(() => new Float64Array(POINTS));
    this._plot = new uPlot(options, [[]], node);
    this._plot.over.addEventListener('wheel', this._onWheel, {
      passive: false
    });
    this._resizes = new ResizeObserver(() => this._resize());
    this._resizes.observe(node);
    model.read.connect(this.draw, this);
    model.window.changed.connect(this.draw, this);
    model.pointed.connect(this._focus, this);
    this.draw();
    this._focus();
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Draws the readings as they are now, and says in words what they are. */
  draw(): void {
    const { node, model, figure } = this;
    const { store } = model.feed;
    const { times } = store;
    const [from, to] = model.window.range;
    const columns = this._lines.map(({ uuid }) =>
      store.column(uuid, figure.key)
    );
    const found = columns.map(column => extremesOf(times, column, [from, to]));
    const [min, max] = this._ends(found);
    this._plot.batch(() => {
      this._plot.setData([times, ...this._converted(columns)], false);
      this._plot.setScale('x', { min: from, max: to });
      this._plot.setScale('y', { min, max });
    });
    const words = inWords(figure, this._lines, found, [from, to], model.trans);
    node.setAttribute('aria-label', words);
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._resizes.disconnect();
      this.model.read.disconnect(this.draw, this);
      this.model.window.changed.disconnect(this.draw, this);
      this.model.pointed.disconnect(this._focus, this);
      if (this._release) {
        // uPlot forgets a mouse button that is down without taking its listener off the document.
        document.removeEventListener('mouseup', this._release);
        this.model.window.hold(false);
      }
      this._plot.destroy();
    }
  }

  private get _size(): { width: number; height: number } {
    return { width: this.node.clientWidth, height: this.node.clientHeight };
  }

  /** A hidden chart has no size; it keeps the one it had. */
  private _resize(): void {
    if (this._size.width > 0) {
      this._plot.setSize(this._size);
    }
  }

  /** The ends of the axis for what is shown. */
  private _ends(found: (IExtremes | null)[]): Ends {
    const { convert, ends } = this.figure;
    const shown = found.filter(one => one !== null);
    const low = Math.min(...shown.map(one => one.low));
    const high = Math.max(...shown.map(one => one.high));
    return ends(
      shown.length > 0 ? [convert(low), convert(high)] : null,
      this.model.limit(this.figure)
    );
  }

  /** The columns in the axis' unit, in arrays that are used again and again. */
  private _converted(columns: Column[]): Column[] {
    const { convert } = this.figure;
    return columns.map((column, line) => {
      const converted = this._columns[line]!.subarray(0, column.length);
      for (let index = 0; index < column.length; index += 1) {
        converted[index] = convert(column[index]!);
      }
      return converted;
    });
  }

  /** Lets the highlighted line stand out. */
  private _focus(): void {
    const { highlighted } = this.model;
    const index = this._lines.findIndex(({ uuid }) => uuid === highlighted);
    const focused = index < 0 ? null : index;
    if (focused !== this._focused) {
      this._focused = focused;
      this._plot.setSeries(
        focused === null ? null : focused + 1,
        { focus: true },
        false
      );
    }
  }

  private _hooks(): uPlot.Hooks.Arrays {
    const { model } = this;
    return {
      setCursor: [
        ({ cursor }) => {
          const { idx } = cursor;
          model.pointAt(
            typeof idx === 'number' && idx < model.feed.store.length
              ? model.feed.store.time(idx)
              : null
          );
        }
      ],
      setSelect: [
        plot => {
          const { left, width } = plot.select;
          if (width > 0) {
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            model.window.zoom(
              plot.posToVal(left, 'x'),
              plot.posToVal(left + width, 'x')
            );
          }
        }
      ],
      setSeries: [
        (plot, series, change) => {
          // Its type leaves out that a focus comes here too.
          if ('focus' in change) {
            this._focused = series === null ? null : series - 1;
            if (plot.over.matches(':hover')) {
              model.highlight(this._lines[(series ?? 0) - 1]?.uuid ?? null);
            } else {
              this._focus(); // The common cursor is near some line by chance.
            }
          }
        }
      ]
    };
  }

  private _bindings(): uPlot.Cursor.Bind {
    const { window } = this.model;
    return {
      mousedown: (_, _node, handle) => event => {
        // uPlot's own test for the first button is lost with its binding.
        if (event.button !== 0) {
          return null;
        }
        window.hold(true);
        return handle(event);
      },
      mouseup: (_, _node, handle) => {
        this._release = event => {
          if (event.button !== 0) {
            return null;
          }
          handle(event);
          this._release = null;
          window.hold(false);
          return null;
        };
        return this._release;
      },
      dblclick: () => () => {
        window.follow();
        return null;
      }
    };
  }

  /** Zooms with the control key; without it the page scrolls. */
  private readonly _onWheel = (event: WheelEvent): void => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.model.window.scale(
        event.deltaY > 0 ? ZOOM : 1 / ZOOM,
        this._plot.posToVal(event.offsetX, 'x')
      );
    }
  };

  private readonly _plot: uPlot;
  private readonly _lines: readonly ILine[];
  private readonly _columns: Column[];
  private readonly _resizes: ResizeObserver;
  private _focused: number | null = null;
  /** Ends the drag that goes on. */
  private _release: ((event: MouseEvent) => null) | null = null;
  private _disposed = false;
}
