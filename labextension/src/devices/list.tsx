import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { describeNoExtension } from '../api';
import type { Device, Driver } from '../api';
import type { IDisplay } from '../display';
import type { ILiveModel } from '../live';
import { Message, useSignalValue } from '../ui';
import { AttributionNote } from './attribution';
import { DeviceCards } from './cards';
import { ShownDevices } from './shown';
import type { ITools } from './tools';

interface IListProps {
  live: ILiveModel;
  display: IDisplay;
  tools: ITools;
}

const NONE: Device[] = [];

const HUNG: Driver['status'] = 'not-answering';

/** All devices, or why there are none. */
export function DeviceList(props: IListProps): React.ReactElement {
  const { live, display, tools } = props;
  const { trans } = tools;
  const state = useSignalValue(live.stateChanged, () => live.state);
  const driver = useSignalValue(
    live.readingChanged,
    () => live.reading?.driver ?? null
  );
  const devices = useShownDevices(props);
  const hung = driver?.status === HUNG;
  const told = React.useMemo(
    () => (hung ? excused(devices) : devices),
    [hung, devices]
  );
  const simulated = useSignalValue(
    live.readingChanged,
    () => live.reading?.simulated ?? false
  );
  if (state === 'no-extension') {
    return <Message level="error">{describeNoExtension(trans)}</Message>;
  }
  return (
    <>
      {simulated && (
        <Message level="warning" title={trans.__('Simulated devices')}>
          {trans.__(
            'What is shown here is made up; this machine is not asked.'
          )}
        </Message>
      )}
      {driver && (
        <DriverNote driver={driver} devices={devices.length} trans={trans} />
      )}
      <Freshness live={live} hung={hung} trans={trans}>
        <DeviceCards devices={told} display={display} tools={tools} />
        <AttributionNote live={live} trans={trans} />
      </Freshness>
    </>
  );
}

/** The devices of the newest reading, as old as they look alike. */
function useShownDevices({ live, display, tools }: IListProps): Device[] {
  const { opened } = tools;
  const shown = React.useMemo(() => new ShownDevices(opened), [opened]);
  const read = () => shown.of(live.reading?.devices ?? NONE, display.units);
  // As its details open, a device has to be as new as they are.
  useSignalValue(opened.changed, read);
  return useSignalValue(live.readingChanged, read);
}

/** Devices that are silent because the driver hangs: it is told once, of the driver, and not by each of them. */
function excused(devices: Device[]): Device[] {
  return devices.map(device =>
    device.state === HUNG ? { ...device, state: 'ok' } : device
  );
}

/** Dims what is old, and says since when; where the driver hangs, its own message does. */
function Freshness(props: {
  live: ILiveModel;
  hung: boolean;
  trans: TranslationBundle;
  children: React.ReactNode;
}): React.ReactElement {
  const { live, hung, trans } = props;
  const state = useSignalValue(live.stateChanged, () => live.state);
  const stale = useSignalValue(live.staleChanged, () => live.stale);
  const waiting = useSignalValue(
    live.readingChanged,
    () => live.reading === null
  );
  if (waiting) {
    return (
      <Message level="info">
        {state === 'closed'
          ? trans.__('The server does not answer. Trying again…')
          : trans.__('Waiting for the first reading…')}
      </Message>
    );
  }
  const closed = state === 'closed';
  const old = stale || hung || closed;
  const since = live.receivedAt?.toLocaleTimeString() ?? '';
  return (
    <>
      {old && (closed || !hung) && (
        <Message level="warning">
          {closed
            ? trans.__(
                'Connection lost: this is how it was at %1. Trying again…',
                since
              )
            : trans.__('No new reading since %1.', since)}
        </Message>
      )}
      <div className={old ? 'jp-tfgpu-List jp-mod-stale' : 'jp-tfgpu-List'}>
        {props.children}
      </div>
    </>
  );
}

/** A driver that answers may still have something to say, such as that its files were replaced. */
const LEVELS: { [status: string]: 'info' | 'warning' } = {
  absent: 'info',
  ok: 'warning'
};

function DriverNote(props: {
  driver: Driver;
  devices: number;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { driver, devices, trans } = props;
  if (driver.status === 'ok' && !driver.message) {
    return devices > 0 ? null : (
      <Message level="info" title={trans.__('No GPU')}>
        {trans.__('The driver answers and lists no device.')}
      </Message>
    );
  }
  return (
    <Message
      level={LEVELS[driver.status] ?? 'error'}
      title={
        driver.message ??
        trans.__('The driver does not work: %1', driver.status)
      }
    >
      {driver.advice}
    </Message>
  );
}
