import type uPlot from 'uplot';

import type { IFigure } from './figures';
import { dashOf } from './lines';
import type { ILine } from './lines';
import type { ILook } from './look';
import { pathBuilder } from './path';
import { exactTime, tickTimes } from './times';

/** CSS pixels that the numbers beside an axis take; the same in all charts, so that they line up. */
const LEFT = 44;
const BELOW = 26;
/** CSS pixels between two numbers at the least. */
const APART = { x: 80, y: 26 };
/** CSS pixels from a line within which the cursor picks it out. */
const NEAR = 24;
/** CSS pixels to drag before it is meant as a zoom. */
const DRAG = 5;
/** How much the other lines show of themselves beside one that stands out. */
const FADED = 0.2;
const WIDTH = 1.5;

interface IChartOptions {
  figure: IFigure;
  lines: readonly ILine[];
  look: ILook;
  /** Before which readings the lines have a gap. */
  gaps: () => Uint8Array;
  /** The name that charts with a common cursor share. */
  group: string;
  width: number;
  height: number;
}

/** uPlot's options of a chart's looks; what it does is hooked on in chart.ts. */
export function optionsOf(chart: IChartOptions): uPlot.Options {
  return {
    width: chart.width,
    height: chart.height,
    padding: [8, plot => halfOfTime(plot.ctx, chart.look), 0, 0],
    legend: { show: false },
    focus: { alpha: FADED },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: DRAG },
      focus: { prox: NEAR },
      points: { size: 7 },
      dataIdx: (plot, series, index) =>
        series > 0 && Number.isNaN(plot.data[series]?.[index]) ? null : index,
      sync: {
        key: chart.group,
        setSeries: false,
        // A drag is that of one chart; all follow by the common window.
        filters: {
          pub: type => type === 'mousemove' || type === 'mouseleave'
        }
      }
    },
    scales: {
      x: { time: true, auto: false, range: (_, min, max) => [min, max] },
      y: { auto: false }
    },
    axes: axesOf(chart),
    series: [{}, ...chart.lines.map(line => seriesOf(line, chart))]
  };
}

function axesOf({ figure, look }: IChartOptions): uPlot.Axis[] {
  const shared: uPlot.Axis = {
    stroke: look.text,
    font: look.font,
    grid: { stroke: look.grid, width: 1 },
    ticks: { stroke: look.grid, width: 1, size: 4 }
  };
  return [
    {
      ...shared,
      size: BELOW,
      space: APART.x,
      values: (_, splits, _axis, _space, step) => tickTimes(splits, step)
    },
    {
      ...shared,
      size: LEFT,
      space: APART.y,
      ...(figure.steps && { incrs: figure.steps })
    }
  ];
}

/** CSS pixels that a time below the right end needs beyond it. */
function halfOfTime(context: CanvasRenderingContext2D, look: ILook): number {
  context.save();
  context.font = look.font;
  const { width } = context.measureText(exactTime(0));
  context.restore();
  return Math.ceil(width / 2);
}

function seriesOf(line: ILine, { look, gaps }: IChartOptions): uPlot.Series {
  return {
    auto: false,
    label: line.title,
    stroke: look.color(line),
    width: WIDTH,
    dash: [...dashOf(line)],
    paths: pathBuilder(gaps),
    points: { show: false }
  };
}
