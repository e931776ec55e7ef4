import { LENGTH, ReadingHistory } from '../../src/devices/history';
import { path } from '../../src/devices/sparkline';
import { TestLive } from '../fakes';
import { device, reading } from '../samples';
import { StandInServer } from '../server';

function tell(live: TestLive, gpu: number | null): void {
  const utilization = { gpu, memory: null };
  live.tellReading(reading({ devices: [device({ utilization })] }));
}

describe('The history of a device', () => {
  const { uuid } = device();
  let live: TestLive;
  let history: ReadingHistory;

  beforeEach(() => {
    live = new TestLive(new StandInServer());
    history = new ReadingHistory(live);
  });

  it('keeps the last readings, and what was not known as such', () => {
    tell(live, 0.5);
    tell(live, null);
    expect(history.of(uuid).utilization).toEqual([0.5, null]);
    expect(history.of(uuid).memory).toEqual([0.25, 0.25]);
    expect(history.of('GPU-none').memory).toEqual([]);
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

describe('The line of a series', () => {
  it('ends at the right edge and breaks where nothing is known', () => {
    expect(path([])).toBe('');
    expect(path([0, 1])).toBe('M118.0 23.0h0.1L120.0 1.0');
    expect(path([0, null, 1]).match(/M/g)).toHaveLength(2);
  });
});
