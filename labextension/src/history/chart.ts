import type { IDisposable } from '@lumino/disposable';
import uPlot from 'uplot';

import type { IFigure } from './figures';
import type { ILine } from './lines';
import { lookOf } from './look';
import type { HistoryModel } from './model';
import { optionsOf } from './options';
import { columnOf } from './rows';

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
      limit: () => model.limit(figure),
      group,
      ...this._size
    });
    options.cursor = { ...options.cursor, bind: this._bindings() };
    options.hooks = this._hooks();
    this._plot = new uPlot(options, this._data(), node);
    this._plot.over.addEventListener('wheel', this._onWheel, {
      passive: false
    });
    this._resizes = new ResizeObserver(() => this._plot.setSize(this._size));
    this._resizes.observe(node);
    model.rowsChanged.connect(this.draw, this);
    model.window.changed.connect(this._move, this);
    model.pointed.connect(this._focus, this);
    this._move();
    this._focus();
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Draws the rows as they are now. */
  draw(): void {
    this._plot.batch(() => {
      this._plot.setData(this._data(), false);
      this._move();
    });
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._resizes.disconnect();
      this.model.rowsChanged.disconnect(this.draw, this);
      this.model.window.changed.disconnect(this._move, this);
      this.model.pointed.disconnect(this._focus, this);
      this._plot.destroy();
    }
  }

  private get _size(): { width: number; height: number } {
    return { width: this.node.clientWidth, height: this.node.clientHeight };
  }

  private _data(): uPlot.AlignedData {
    const { rows, feed } = this.model;
    const { key, convert } = this.figure;
    const columns = this._lines.map(({ uuid }) =>
      columnOf(feed.store, rows, uuid, key, convert)
    );
    return [rows.times, ...columns];
  }

  private _move(): void {
    const [min, max] = this.model.window.range;
    this._plot.setScale('x', { min, max });
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
            typeof idx === 'number' ? (model.rows.times[idx] ?? null) : null
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
        if (event.button === 0) {
          window.hold(true);
        }
        return handle(event);
      },
      mouseup: (_, _node, handle) => event => {
        handle(event);
        window.hold(false);
        return null;
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
  private readonly _resizes: ResizeObserver;
  private _focused: number | null = null;
  private _disposed = false;
}
