import { ReadingHistory } from '../../src/devices/history';
import { LENGTH, seenEarlier } from '../../src/devices/series';
import { path } from '../../src/devices/sparkline';
import type { History } from '../../src/api';
import { TestLive } from '../fakes';
import { GIB, device, reading } from '../samples';
import { StandInServer, settle } from '../server';

function tell(live: TestLive, gpu: number | null): void {
  const utilization = { gpu, memory: null, encoder: null, decoder: null };
  live.tellReading(reading({ devices: [device({ utilization })] }));
}

describe('The history of a device', () => {
  const { uuid } = device();
  let live: TestLive;
  let history: ReadingHistory;

  beforeEach(() => {
    const nothing = { json: { times: [], devices: {} } };
    live = new TestLive(new StandInServer({ 'GET history': nothing }));
    history = new ReadingHistory(live);
  });

  it('keeps the last readings, and what was not known as such', () => {
    tell(live, 0.5);
    tell(live, null);
    expect(history.of(uuid).utilization).toEqual([0.5, null]);
    expect(history.of(uuid).memory).toEqual([0.25, 0.25]);
    expect(history.of('GPU-none').memory).toEqual([]);
  });

  it('has a gap where the page was not looking', () => {
    const at = (second: number) =>
      live.tellReading(
        reading({
          devices: [device()],
          taken_at: new Date(second * 1000).toISOString()
        })
      );
    at(0);
    at(2 * live.interval);
    at(12 * live.interval);
    const { memory } = history.of(uuid);
    const gap = Array<null>(9).fill(null);
    expect(memory).toEqual([0.25, 0.25, ...gap, 0.25]);
    at(9000 * live.interval);
    expect(history.of(uuid).memory).toEqual([
      ...Array<null>(LENGTH - 1).fill(null),
      0.25
    ]);
  });

  it('takes nothing from a device that does not answer', () => {
    const devices = [device({ state: 'not-answering' })];
    live.tellReading(reading({ devices }));
    expect(history.of(uuid).memory).toEqual([null]);
    expect(history.of(uuid).utilization).toEqual([null]);
  });

  it('forgets the oldest', () => {
    for (let turn = 0; turn <= LENGTH; turn += 1) {
      tell(live, turn / 100);
    }
    const { utilization } = history.of(uuid);
    expect(utilization).toHaveLength(LENGTH);
    expect(utilization[0]).toBe(0.01);
  });

  it('is the same object while it looks the same', () => {
    for (let turn = 0; turn < LENGTH; turn += 1) {
      tell(live, 0);
    }
    const before = history.of(uuid);
    tell(live, 0);
    expect(history.of(uuid)).toBe(before);
    tell(live, 1);
    expect(history.of(uuid)).not.toBe(before);
  });
});

describe('What the server saw before this page', () => {
  const { uuid } = device();
  const column = [1, 2, 3];
  const history: History = {
    times: [100, 102, 110],
    devices: {
      [uuid]: {
        memory: [20 * GIB, 40 * GIB, null],
        utilization: [0.1, 0.2, 0.3],
        temperature: column,
        power: column
      }
    }
  };

  it('has a gap where nobody looked, up to the first reading here', () => {
    expect(seenEarlier(history, device(), 112, 2)).toEqual({
      utilization: [0.1, 0.2, null, null, null, 0.3],
      memory: [0.25, 0.5, null, null, null, null]
    });
    expect(seenEarlier(history, device(), 114, 2).utilization).toHaveLength(7);
  });

  it('ends before the first reading here, which it may hold too', () => {
    const { utilization } = seenEarlier(history, device(), 102.0004, 2);
    expect(utilization).toEqual([0.1]);
  });

  it('is nothing for a device that it did not see', () => {
    const other = device({ index: 1 });
    expect(seenEarlier(history, other, 112, 2).utilization).toEqual([]);
  });

  it('comes before the first reading, and is asked for once', async () => {
    const server = new StandInServer({ 'GET history': { json: history } });
    const live = new TestLive(server);
    const both = new ReadingHistory(live);
    const changed = jest.fn();
    both.changed.connect(changed);
    const first = { ...reading(), taken_at: '1970-01-01T00:01:52Z' };
    live.tellReading(first);
    await settle();
    expect(changed).toHaveBeenCalledTimes(2);
    expect(both.of(uuid).utilization).toEqual([
      0.1,
      0.2,
      null,
      null,
      null,
      0.3,
      0.45
    ]);
    live.tellReading(reading());
    await settle();
    expect(server.count('GET history')).toBe(1);
  });
});

describe('The line of a series', () => {
  it('ends at the right edge and breaks where nothing is known', () => {
    expect(path([])).toBe('');
    expect(path([0, 1])).toBe('M118.0 23.0h0.1L120.0 1.0');
    expect(path([0, null, 1]).match(/M/g)).toHaveLength(2);
  });
});
