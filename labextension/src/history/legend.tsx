import * as React from 'react';

import { useSignalValue } from '../ui';
import { colorOf, dashOf } from './lines';
import type { ILine } from './lines';
import type { HistoryModel } from './model';
import { exactTime } from './times';

/** The devices with their lines and their figures; each row turns a line on and off. */
export function Legend({ model }: { model: HistoryModel }): React.ReactElement {
  const { trans } = model;
  const lines = useSignalValue(model.changed, () => model.lines);
  const drawn = useSignalValue(model.changed, () => model.drawn);
  const figures = useSignalValue(model.changed, () => model.figures);
  return (
    <div className="jp-tfgpu-Legend">
      <table>
        <caption className="jp-tfgpu-Number">
          <Moment model={model} />
        </caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Device')}</th>
            {figures.map(({ key, title }) => (
              <th key={key} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(line => (
            <Row
              key={line.uuid}
              model={model}
              line={line}
              on={drawn.includes(line)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** When the figures of the legend were read. */
function Moment({ model }: { model: HistoryModel }): React.ReactElement {
  const { trans } = model;
  useSignalValue(model.read, () => model.gaps);
  const cursor = useSignalValue(model.pointed, () => model.cursor);
  const { last } = model.feed.store;
  return (
    <>
      {cursor !== null
        ? trans.__('At %1', exactTime(cursor))
        : last !== null
          ? trans.__('Newest, %1', exactTime(last))
          : ''}
    </>
  );
}

function Row(props: {
  model: HistoryModel;
  line: ILine;
  on: boolean;
}): React.ReactElement {
  const { model, line, on } = props;
  const { trans } = model;
  const highlighted = useSignalValue(
    model.pointed,
    () => model.highlighted === line.uuid
  );
  const point = () => model.highlight(line.uuid);
  const leave = () => model.highlight(null);
  const names = ['jp-tfgpu-Legend-row'];
  if (highlighted) {
    names.push('jp-mod-highlighted');
  }
  if (!on) {
    names.push('jp-mod-off');
  }
  return (
    <tr
      className={names.join(' ')}
      onMouseEnter={point}
      onMouseLeave={leave}
      onFocus={point}
      onBlur={leave}
    >
      <th scope="row">
        <button
          type="button"
          className="jp-tfgpu-Legend-button"
          aria-pressed={on}
          title={trans.__(
            '%1. Click to show or hide it, with Shift to show it alone.',
            line.name || line.uuid
          )}
          onClick={({ shiftKey }) =>
            shiftKey ? model.only(line.uuid) : model.toggle(line.uuid)
          }
        >
          <Swatch line={line} />
          <span className="jp-tfgpu-Legend-title">{line.title}</span>
          {line.gone && (
            <span className="jp-tfgpu-Note">{trans.__('gone')}</span>
          )}
        </button>
      </th>
      <Values model={model} line={line} />
    </tr>
  );
}

/** A piece of the device's line. */
function Swatch({ line }: { line: ILine }): React.ReactElement {
  return (
    <svg
      className="jp-tfgpu-Legend-swatch"
      viewBox="0 0 24 10"
      aria-hidden="true"
    >
      <line
        x1="0"
        y1="5"
        x2="24"
        y2="5"
        style={{ stroke: `var(${colorOf(line)})` }}
        strokeDasharray={dashOf(line).join(' ')}
      />
    </svg>
  );
}

/** The device's figures under the cursor, else the newest. */
function Values(props: {
  model: HistoryModel;
  line: ILine;
}): React.ReactElement {
  const { model, line } = props;
  const figures = useSignalValue(model.changed, () => model.figures);
  useSignalValue(model.read, () => model.gaps);
  useSignalValue(model.pointed, () => model.cursor);
  return (
    <>
      {figures.map(figure => (
        <td key={figure.key} className="jp-tfgpu-Number">
          {figure.text(model.current(line.uuid, figure))}
        </td>
      ))}
    </>
  );
}
