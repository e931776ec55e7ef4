import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { describeNoExtension } from '../api';
import type { Device, Driver } from '../api';
import type { IDisplay } from '../display';
import type { ILiveModel } from '../live';
import { Message, useSignalValue } from '../ui';
import { DeviceCard } from './card';
import type { ReadingHistory } from './history';
import type { INotebooks } from './notebooks';

interface IListProps {
  live: ILiveModel;
  history: ReadingHistory;
  notebooks: INotebooks;
  display: IDisplay;
  trans: TranslationBundle;
}

const NONE: Device[] = [];

/** All devices, or why there are none. */
export function DeviceList(props: IListProps): React.ReactElement {
  const { live, trans } = props;
  const state = useSignalValue(live.stateChanged, () => live.state);
  const driver = useSignalValue(
    live.readingChanged,
    () => live.reading?.driver ?? null
  );
  const devices = useSignalValue(
    live.readingChanged,
    () => live.reading?.devices ?? NONE
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
      <Freshness {...props}>
        {devices.map(device => (
          <LiveCard key={device.uuid} {...props} device={device} />
        ))}
      </Freshness>
    </>
  );
}

/** Dims what is old, and says since when. */
function Freshness(
  props: IListProps & { children: React.ReactNode }
): React.ReactElement {
  const { live, trans } = props;
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
  const old = stale || state === 'closed';
  const since = live.receivedAt?.toLocaleTimeString() ?? '';
  return (
    <>
      {old && (
        <Message level="warning">
          {state === 'closed'
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

/** A card that renders again only when its device or its sparkline has changed. */
function LiveCard(props: IListProps & { device: Device }): React.ReactElement {
  const { device, history, notebooks, display, trans } = props;
  const series = useSignalValue(history.changed, () => history.of(device.uuid));
  const units = useSignalValue(display.changed, () => display.units);
  return (
    <DeviceCard
      device={device}
      history={series}
      notebooks={notebooks}
      units={units}
      trans={trans}
    />
  );
}
