import * as React from 'react';

import { useSignalValue } from '../ui';
import { ChartFrame } from './frame';
import { Legend } from './legend';
import type { HistoryModel } from './model';
import { Notes } from './notes';
import { SPANS } from './window';

/** The whole tab: what to show, what there is to say, the charts and their legend. */
export function HistoryPage(props: {
  model: HistoryModel;
  /** Tells this tab's charts from those of others. */
  group: string;
  /** Counts changes of the theme: canvases are drawn anew. */
  theme: number;
}): React.ReactElement {
  const { model, group, theme } = props;
  const lines = useSignalValue(model.changed, () => model.lines);
  const figures = useSignalValue(model.changed, () => model.figures);
  return (
    <div
      className="jp-tfgpu-History-page"
      onKeyDown={event => {
        if (event.key === 'Escape' && model.window.zoomed) {
          event.stopPropagation();
          model.window.follow();
        }
      }}
    >
      <Notes model={model} />
      {lines.length > 0 && (
        <>
          <Controls model={model} />
          <div className="jp-tfgpu-History-body">
            <Legend model={model} />
            <div className="jp-tfgpu-History-charts">
              {figures.map(figure => (
                <ChartFrame
                  key={`${figure.key} ${theme}`}
                  model={model}
                  figure={figure}
                  group={group}
                />
              ))}
            </div>
          </div>
        </>
      )}
    </div>
  );
}

/** What part of time is shown, and of which devices. */
function Controls({ model }: { model: HistoryModel }): React.ReactElement {
  const { window, trans } = model;
  useSignalValue(model.read, () => window.span);
  const span = useSignalValue(window.changed, () => window.span);
  const zoomed = useSignalValue(window.changed, () => window.zoomed);
  const allDrawn = useSignalValue(
    model.changed,
    () => model.drawn.length === model.lines.length
  );
  return (
    <div
      className="jp-tfgpu-History-controls"
      role="toolbar"
      aria-label={trans.__('What is shown')}
    >
      {SPANS.map(seconds => (
        <button
          key={seconds}
          type="button"
          className="jp-tfgpu-Button"
          aria-pressed={!zoomed && span === seconds}
          title={trans.__('Show the last %1 minutes', String(seconds / 60))}
          onClick={() => window.follow(seconds)}
        >
          {trans.__('%1 min', String(seconds / 60))}
        </button>
      ))}
      <button
        type="button"
        className="jp-tfgpu-Button"
        aria-disabled={!zoomed}
        onClick={() => window.follow()}
      >
        {trans.__('Reset zoom')}
      </button>
      <button
        type="button"
        className="jp-tfgpu-Button"
        aria-disabled={allDrawn}
        onClick={() => model.all()}
      >
        {trans.__('All devices')}
      </button>
      <span className="jp-tfgpu-Note">
        {zoomed
          ? trans.__('Escape or a double click goes back to the newest.')
          : trans.__('Drag over a chart to zoom in.')}
      </span>
    </div>
  );
}
