import type uPlot from 'uplot';

import type { IFigure } from './figures';
import { dashOf } from './lines';
import type { ILine } from './lines';
import type { ILook } from './look';
import { tickTimes } from './times';

type Column = (number | null)[];

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
  /** The most that a device can have, in the axis' unit; 0: not known. */
  limit: () => number;
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
    padding: [8, 12, 0, 0],
    legend: { show: false },
    focus: { alpha: FADED },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: DRAG },
      focus: { prox: NEAR },
      points: { size: 7 },
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
      y: {
        range: (_, low, high) => chart.figure.range(low, high, chart.limit())
      }
    },
    axes: axesOf(chart),
    series: [{}, ...chart.lines.map(line => seriesOf(line, chart.look))]
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

function seriesOf(line: ILine, look: ILook): uPlot.Series {
  return {
    label: line.title,
    stroke: look.color(line),
    width: WIDTH,
    dash: [...dashOf(line)],
    points: {
      show: false,
      size: 4,
      fill: look.color(line),
      filter: (plot, series) =>
        lonely((plot.data[series] ?? []) as Column, plot.series[series]?.idxs)
    }
  };
}

/** The values that no line reaches, for nothing is known on either side. */
export function lonely(
  values: Column,
  [first, last]: [number, number] = [0, values.length - 1]
): number[] | null {
  const found = [];
  for (let index = first; index <= last; index += 1) {
    if (
      isKnown(values[index]) &&
      !isKnown(values[index - 1]) &&
      !isKnown(values[index + 1])
    ) {
      found.push(index);
    }
  }
  return found.length > 0 ? found : null;
}

function isKnown(value: number | null | undefined): boolean {
  return value !== null && value !== undefined;
}
