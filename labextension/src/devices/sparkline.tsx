import * as React from 'react';

import type { Series } from './series';
import { LENGTH } from './series';

const WIDTH = 120;
const HEIGHT = 24;

/** Two lines over the last readings, the newest at the right edge; what is not known is a gap. */
export const Sparkline = React.memo(
  (props: {
    utilization: Series;
    memory: Series;
    /** Null: nothing to be read out. */
    label: string | null;
  }): React.ReactElement => {
    return (
      <svg
        className="jp-tfgpu-Sparkline"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        {...(props.label === null
          ? { 'aria-hidden': true }
          : { role: 'img', 'aria-label': props.label })}
      >
        <path className="jp-tfgpu-Sparkline-memory" d={path(props.memory)} />
        <path
          className="jp-tfgpu-Sparkline-utilization"
          d={path(props.utilization)}
        />
      </svg>
    );
  }
);

/** The SVG path of a series; one point alone is drawn as a short line. */
export function path(series: Series): string {
  const step = WIDTH / (LENGTH - 1);
  const first = LENGTH - series.length;
  let drawing = false;
  let result = '';
  series.forEach((value, index) => {
    if (value === null) {
      drawing = false;
      return;
    }
    const x = ((first + index) * step).toFixed(1);
    const y = (HEIGHT - 1 - value * (HEIGHT - 2)).toFixed(1);
    result += drawing ? `L${x} ${y}` : `M${x} ${y}h0.1`;
    drawing = true;
  });
  return result;
}
