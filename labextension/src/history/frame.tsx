import * as React from 'react';

import { useSignalValue } from '../ui';
import { Chart, ZOOM } from './chart';
import type { IFigure } from './figures';
import type { HistoryModel } from './model';

/** How far an arrow key moves, as a share of what is shown. */
const STEP = 0.1;

/** What a focused chart does with a key. */
const KEYS: { [key: string]: (model: HistoryModel) => void } = {
  ArrowLeft: ({ window }) => window.pan(-STEP),
  ArrowRight: ({ window }) => window.pan(STEP),
  '+': ({ window }) => window.scale(1 / ZOOM),
  '-': ({ window }) => window.scale(ZOOM)
};

/** A chart with its title, and what it says to those who do not see it. */
export function ChartFrame(props: {
  model: HistoryModel;
  figure: IFigure;
  group: string;
}): React.ReactElement {
  const { model, figure, group } = props;
  const { trans } = model;
  const node = React.useRef<HTMLDivElement>(null);
  const drawn = useSignalValue(model.changed, () => model.drawn);
  React.useEffect(() => {
    if (!node.current) {
      return undefined;
    }
    // It says in the element's label what it shows.
    const chart = new Chart(node.current, model, figure, group);
    return () => chart.dispose();
  }, [model, figure, group, drawn]);
  return (
    <figure className="jp-tfgpu-Chart">
      <figcaption>{trans.__('%1 (%2)', figure.title, figure.unit)}</figcaption>
      <div
        ref={node}
        className="jp-tfgpu-Chart-plot"
        role="img"
        aria-keyshortcuts="ArrowLeft ArrowRight + - Escape"
        tabIndex={0}
        onKeyDown={event => {
          const act = KEYS[event.key];
          if (act && !event.altKey && !event.ctrlKey && !event.metaKey) {
            event.preventDefault();
            event.stopPropagation();
            act(model);
          }
        }}
      />
    </figure>
  );
}
