import * as React from 'react';

import type { Device } from '../api';
import type { Density, IDisplay } from '../display';
import { useSignalValue } from '../ui';
import { DeviceCard } from './card';
import type { ITools } from './tools';

/** Devices that fit as cards; a MIG instance, which has less to show, counts half. */
const CARDS = 4;

/** The devices as the user wants to see them, and how many are hidden. */
export function DeviceCards(props: {
  devices: Device[];
  display: IDisplay;
  tools: ITools;
}): React.ReactElement {
  const { devices, display, tools } = props;
  const units = useSignalValue(display.changed, () => display.units);
  const density = useSignalValue(display.changed, () => display.density);
  const shown = useSignalValue(display.changed, () => display.shown(devices));
  const compact = isCompact(density, shown);
  const uuids = new Set(shown.map(({ uuid }) => uuid));
  return (
    <>
      {shown.map(device => (
        <DeviceCard
          key={device.uuid}
          device={device}
          compact={compact}
          nested={device.parent !== null && uuids.has(device.parent)}
          units={units}
          tools={tools}
        />
      ))}
      <Hidden
        hidden={devices.filter(({ uuid }) => !uuids.has(uuid))}
        tools={tools}
      />
    </>
  );
}

/** Whether devices are shown as rows, each of which opens to a card. */
function isCompact(density: Density, devices: Device[]): boolean {
  if (density !== 'auto') {
    return density === 'compact';
  }
  const room = devices.reduce(
    (sum, { parent }) => sum + (parent === null ? 1 : 0.5),
    0
  );
  return room > CARDS;
}

/**
 * How many devices are hidden, and the way back. It takes the focus of a card
 * that was hidden, and gives it to the first card as all are shown again.
 */
function Hidden(props: {
  hidden: Device[];
  tools: ITools;
}): React.ReactElement | null {
  const { hidden, tools } = props;
  const { actions, trans } = tools;
  const button = React.useRef<HTMLButtonElement>(null);
  const count = hidden.length;
  const before = React.useRef(count);
  const focused = React.useRef(false);
  React.useEffect(() => {
    if (count > before.current && document.activeElement === document.body) {
      button.current?.focus();
    }
    if (count === 0 && focused.current) {
      document
        .querySelector<HTMLElement>('.jp-tfgpu-Device button')
        ?.focus({ preventScroll: true });
    }
    focused.current = false;
    before.current = count;
  }, [count]);
  if (count === 0) {
    return null;
  }
  return (
    <div className="jp-tfgpu-Hidden">
      {trans._n('%1 device hidden', '%1 devices hidden', count)}
      {' – '}
      <button
        ref={button}
        type="button"
        className="jp-tfgpu-Link"
        onClick={({ currentTarget }) => {
          focused.current = document.activeElement === currentTarget;
          actions.show(hidden.map(({ uuid }) => uuid));
        }}
      >
        {trans.__('Show all')}
      </button>
    </div>
  );
}
