import { act, render, screen } from '@testing-library/react';
import * as React from 'react';

import type { Device } from '../../src/api';
import * as names from '../../src/devices/names';
import { shareReading } from '../../src/live/share';
import { GIB, device, reading } from '../samples';
import { holder, instance, makeList } from './shown';
import type { IShown } from './shown';

jest.mock('../../src/devices/names', () => {
  const actual = jest.requireActual<typeof names>('../../src/devices/names');
  // Each card asks for the title of its device as it is rendered.
  return { ...actual, deviceTitle: jest.fn(actual.deviceTitle) };
});

const titles = jest.mocked(names.deviceTitle);

/** The devices whose cards were rendered since the last call. */
function rendered(): Set<string> {
  const uuids = new Set(titles.mock.calls.map(([{ uuid }]) => uuid));
  titles.mockClear();
  return uuids;
}

/** Devices as they come from the socket: new objects each time, with holders and rates. */
function made(count: number, changes: Partial<Device> = {}): Device[] {
  const devices = Array.from({ length: count }, (_, index) =>
    device({
      index,
      throttle: ['power'],
      clocks: { sm: 1410, memory: 1215, max_sm: 1980, max_memory: 2619 },
      pcie: { rx: 1e9, tx: 2e9 },
      holders: [holder({ kernel_id: `k${index}`, memory: 4 * GIB })],
      ...(index === 1 ? changes : {})
    })
  );
  return [...devices, instance()];
}

describe.each([3, 16])('Of %d devices', count => {
  let list: IShown;
  const commits = jest.fn();
  let turn = 0;

  /** A reading comes over the wire and is shared with the one before, as the live model does. */
  function tell(changes: Partial<Device> = {}): void {
    const taken_at = new Date(list.live.interval * 1000 * turn++).toISOString();
    const next = reading({ taken_at, devices: made(count, changes) });
    act(() => list.live.tellReading(shareReading(list.live.reading, next)));
  }

  beforeEach(() => {
    list = makeList();
    render(
      <React.Profiler id="devices" onRender={commits}>
        {list.element}
      </React.Profiler>
    );
    tell();
    rendered();
    commits.mockClear();
  });

  it('none is rendered by 50 readings that say the same', () => {
    for (let count = 0; count < 50; count += 1) {
      tell();
    }
    expect(rendered()).toEqual(new Set());
  });

  it('nothing at all is rendered once the lines are full', () => {
    for (let count = 0; count < 60; count += 1) {
      tell();
    }
    commits.mockClear();
    for (let count = 0; count < 50; count += 1) {
      tell();
    }
    expect(commits).not.toHaveBeenCalled();
  });

  /** What wavers on real devices from reading to reading, by less than is shown. */
  const wavered = {
    energy: 7_200_001,
    power: { usage: 120403, limit: 350000 },
    memory: { total: 80 * GIB, used: 20 * GIB + 4096, free: 1, reserved: null },
    pcie: { rx: 3e9, tx: 4e9 }
  };

  it('none is rendered where nothing changed that can be seen', () => {
    for (let count = 0; count < 60; count += 1) {
      tell();
    }
    commits.mockClear();
    tell(wavered);
    expect(commits).not.toHaveBeenCalled();
    tell({ ...wavered, power: { usage: 121000, limit: 350000 } });
    expect(rendered()).toEqual(new Set([device({ index: 1 }).uuid]));
  });

  it('details are of the newest reading as they open, and from then on', () => {
    const { opened } = list.tools;
    const { uuid } = device({ index: 1 });
    if (count > 4) {
      act(() => opened.toggle(`row ${uuid}`));
    }
    tell(wavered);
    act(() => opened.toggle(`details ${uuid}`));
    expect(screen.getByText('2 Wh')).toBeTruthy();
    tell({ ...wavered, energy: 10_800_001 });
    expect(screen.getByText('3 Wh')).toBeTruthy();
  });

  it('the one that changed is rendered, and no other', () => {
    tell({ temperature: 99 });
    expect(rendered()).toEqual(new Set([device({ index: 1 }).uuid]));
  });
});
