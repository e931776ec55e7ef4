import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useSignalValue } from '../ui';
import type { IBar, IFigures } from './figures';
import type { StatusModel } from './model';
import type { IStatusView } from './view';

interface IStatusProps {
  model: StatusModel;
  /** Called where the user takes the item. */
  open: () => void;
  trans: TranslationBundle;
}

/** The item in the status bar. */
export class StatusItem extends ReactWidget {
  constructor(private readonly props: IStatusProps) {
    super();
    this.addClass('jp-tfgpu-StatusItem');
  }

  protected override render(): React.ReactElement {
    return <StatusButton {...this.props} />;
  }
}

/** What the devices do, in a line; it opens the sidebar. */
export function StatusButton(props: IStatusProps): React.ReactElement | null {
  const { model, open, trans } = props;
  const view = useSignalValue(model.changed, () => model.view);
  if (view === null) {
    return null;
  }
  return (
    <button
      type="button"
      className={classOf(view)}
      title={view.title}
      aria-label={view.title}
      onClick={open}
    >
      {view.bars.length > 0 && <Bars bars={view.bars} />}
      <span>{view.label}</span>
      {view.figures && <Figures {...view.figures} />}
      {view.trouble && (
        <span className="jp-tfgpu-Status-trouble">{view.trouble}</span>
      )}
      {view.simulated && (
        <span className="jp-tfgpu-Status-simulated">
          {trans.__('simulated')}
        </span>
      )}
    </button>
  );
}

function classOf({ level, dimmed }: IStatusView): string {
  return [
    'jp-tfgpu-Status',
    `jp-mod-${level}`,
    ...(dimmed ? ['jp-mod-stale'] : [])
  ].join(' ');
}

/** By how much a decimal point is narrower than a digit, in digits. */
const POINT = 0.5;

/** Numbers that change have the room of the longest they can be. */
function Figures(figures: IFigures): React.ReactElement {
  const { utilization, used, total, unit } = figures;
  return (
    <>
      <span className="jp-tfgpu-Status-share">{utilization}</span>
      <span aria-hidden="true">·</span>
      <span>
        <span
          className="jp-tfgpu-Status-used"
          style={{ minWidth: `${total.length - POINT}ch` }}
        >
          {used}
        </span>
        {` / ${total}\u00a0${unit}`}
      </span>
    </>
  );
}

const HEIGHT = 14;
/** Width of a device with the gap behind it. */
const STEP = 10;

/** Each device as two columns: utilization, and beside it memory. */
function Bars({ bars }: { bars: readonly IBar[] }): React.ReactElement {
  const width = bars.length * STEP - 3;
  return (
    <svg
      className="jp-tfgpu-Status-bars"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      aria-hidden="true"
    >
      {bars.map((bar, index) => (
        <g key={bar.uuid} transform={`translate(${index * STEP} 0)`}>
          {bar.broken ? (
            <path
              className="jp-tfgpu-Status-broken"
              d={`M0.5 3.500L6.500 10.500M6.500 3.500L0.5 10.500`}
            />
          ) : (
            <>
              <Column x={0} name="utilization" share={bar.utilization} />
              <Column x={4} name="memory" share={bar.memory} />
            </>
          )}
        </g>
      ))}
    </svg>
  );
}

function Column(props: {
  x: number;
  name: string;
  share: number | null;
}): React.ReactElement {
  const { x, name, share } = props;
  if (share === null) {
    const middle = HEIGHT / 2;
    return (
      <rect
        className="jp-tfgpu-Status-track"
        x={x}
        y={middle}
        width={3}
        height={1}
      />
    );
  }
  const filled = (share / 100) * HEIGHT;
  return (
    <>
      <rect
        className="jp-tfgpu-Status-track"
        x={x}
        y={0}
        width={3}
        height={HEIGHT}
      />
      <rect
        className={`jp-tfgpu-Status-${name}`}
        x={x}
        y={HEIGHT - filled}
        width={3}
        height={filled}
      />
    </>
  );
}
