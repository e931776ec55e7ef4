import type uPlot from 'uplot';

/** From a value to a canvas pixel: `value * factor + offset`. */
interface IScale {
  readonly factor: number;
  readonly offset: number;
}

/** Half the length, in canvas pixels, of the dash that a lonely value is drawn as. */
const LONELY = 1;

/**
 * A line with gaps: before the readings that `gaps` marks, and where a value is
 * NaN. uPlot's own needs a null for each, and so an object for each value.
 */
export function pathBuilder(gaps: () => Uint8Array): uPlot.Series.PathBuilder {
  return (plot, series, first, last) => {
    const stroke = new Path2D();
    const pen = new LinePen(stroke);
    const times = plot.data[0] as Float64Array;
    const values = plot.data[series] as Float64Array;
    const breaks = gaps();
    const [x, y] = [scaleOf(plot, 'x'), scaleOf(plot, 'y')];
    for (let index = first; index <= last; index += 1) {
      const value = values[index]!;
      if (breaks[index] === 1 || Number.isNaN(value)) {
        pen.lift();
      }
      if (!Number.isNaN(value)) {
        const column = Math.round(times[index]! * x.factor + x.offset);
        pen.draw(column, value * y.factor + y.offset);
      }
    }
    pen.lift();
    return { stroke, fill: null, clip: null, flags: 0 };
  };
}

function scaleOf(plot: uPlot, key: 'x' | 'y'): IScale {
  const { min, max } = plot.scales[key] ?? {};
  const [low, high] = [min ?? 0, max ?? 1];
  const start = plot.valToPos(low, key, true);
  const factor = (plot.valToPos(high, key, true) - start) / (high - low);
  return { factor, offset: start - low * factor };
}

/**
 * Draws lines from left to right. Of the points in one pixel column it draws the
 * first, least, most and last: half an hour has several readings a pixel.
 */
export class LinePen {
  constructor(private readonly path: Pick<Path2D, 'moveTo' | 'lineTo'>) {}

  /** `x`: a whole number of pixels. */
  draw(x: number, y: number): void {
    if (x === this._x) {
      this._low = Math.min(this._low, y);
      this._high = Math.max(this._high, y);
      this._y = y;
      return;
    }
    if (this._drawing) {
      this._finishColumn();
      this.path.lineTo(x, y);
      this._lonely = false;
    } else {
      this.path.moveTo(x, y);
      this._lonely = true;
    }
    this._x = x;
    this._first = this._y = this._low = this._high = y;
    this._drawing = true;
  }

  /** Ends the line; the next point begins another. */
  lift(): void {
    if (this._drawing) {
      this._finishColumn();
      if (this._lonely) {
        this.path.moveTo(this._x - LONELY, this._y);
        this.path.lineTo(this._x + LONELY, this._y);
      }
    }
    this._x = NaN;
    this._drawing = false;
  }

  private _finishColumn(): void {
    const { path, _x: x, _y: y, _first: first, _low: low, _high: high } = this;
    if (low === high) {
      return;
    }
    if (low !== first && low !== y) {
      path.lineTo(x, low);
    }
    if (high !== first && high !== y) {
      path.lineTo(x, high);
    }
    path.lineTo(x, y);
  }

  /** The pixel column that is being filled: its x, first, least, most and last y. */
  private _x = NaN;
  private _first = 0;
  private _low = 0;
  private _high = 0;
  private _y = 0;
  private _drawing = false;
  /** Whether the line has one column only. */
  private _lonely = true;
}
