import type { History, Reading } from '../../src/api';
import { HistoryStore, POINTS, SPAN } from '../../src/history/store';
import { GIB, device, reading } from '../samples';

const { uuid } = device();
const idle = device().utilization!;

/** A reading so many seconds after the epoch. */
function at(seconds: number, changes: Partial<Reading> = {}): Reading {
  const taken_at = new Date(seconds * 1000).toISOString();
  return reading({ taken_at, ...changes });
}

/** What a server remembers of one device: its utilization at these times. */
function remembered(times: number[], utilization: (number | null)[]): History {
  const nothing = times.map(() => null);
  return {
    times,
    devices: {
      [uuid]: {
        utilization,
        memory: nothing,
        temperature: nothing,
        power: nothing
      }
    }
  };
}

describe('The store of the history', () => {
  let store: HistoryStore;
  const utilization = () => [...store.column(uuid, 'utilization')];
  const busy = (gpu: number) => ({
    devices: [device({ utilization: { ...idle, gpu } })]
  });

  beforeEach(() => {
    store = new HistoryStore();
  });

  it('takes the figures of each reading at its own time', () => {
    store.add(at(100));
    store.add(at(102, { devices: [] }));
    expect([...store.times]).toEqual([100, 102]);
    expect(store.value(uuid, 'utilization', 0)).toBe(0.45);
    expect(store.value(uuid, 'memory', 0)).toBe(20 * GIB);
    expect(store.value(uuid, 'temperature', 0)).toBe(54);
    expect(store.value(uuid, 'power', 0)).toBe(120400);
    expect(store.value(uuid, 'power', 1)).toBeNull();
    expect(store.value('GPU-none', 'power', 0)).toBeNull();
  });

  it('takes the figures of a device that does not answer for unknown', () => {
    store.add(at(100, { devices: [device({ state: 'not-answering' })] }));
    expect(utilization()).toEqual([NaN]);
  });

  it('knows nothing of a device before it came', () => {
    store.add(at(100, { devices: [] }));
    store.add(at(102));
    expect(utilization()).toEqual([NaN, 0.45]);
  });

  it('takes a reading that comes twice once, and leaves a late one out', () => {
    store.add(at(100));
    store.add(at(100));
    store.add(at(99));
    expect([...store.times]).toEqual([100]);
  });

  it('begins anew where the server’s clock was set back', () => {
    store.add(at(1000));
    expect(store.add(at(900))).toBe(false);
    expect([...store.times]).toEqual([900]);
    expect(store.add(at(902))).toBe(true);
  });

  it('finds a reading by its time', () => {
    [100, 102, 110].forEach(time => store.add(at(time)));
    expect([100, 102, 110].map(time => store.indexOf(time))).toEqual([0, 1, 2]);
    expect(store.indexOf(105)).toBe(-1);
  });

  it('keeps half an hour at the shortest interval in memory that does not grow', () => {
    for (let turn = 0; turn < 3 * POINTS; turn += 1) {
      store.add(at(1000 + turn / 2, busy(turn)));
    }
    const column = store.column(uuid, 'utilization');
    expect(store.length).toBe(POINTS);
    expect(column.buffer.byteLength).toBe(2 * POINTS * 8);
    expect([column[0], column[POINTS - 1]]).toEqual([
      2 * POINTS,
      3 * POINTS - 1
    ]);
    expect(store.times[0]).toBe(1000 + POINTS);
  });

  it('forgets what is older, and devices of which nothing is left', () => {
    store.add(at(100));
    store.add(at(100 + SPAN / 2, { devices: [device({ index: 1 })] }));
    expect(store.uuids).toHaveLength(2);
    store.add(at(101 + SPAN, { devices: [device({ index: 1 })] }));
    expect(store.length).toBe(2);
    expect(store.uuids).toEqual([device({ index: 1 }).uuid]);
  });

  describe('with what the server remembers', () => {
    it('has each reading once, and the server’s figures before its own', () => {
      store.add(at(104, busy(0.4)));
      store.add(at(106, busy(0.6)));
      store.merge(remembered([100, 102, 104.0004], [0, 0.2, 0.41]));
      expect([...store.times]).toEqual([100, 102, 104.0004, 106]);
      expect(utilization()).toEqual([0, 0.2, 0.41, 0.6]);
    });

    it('fills what was missed while the connection was lost', () => {
      store.add(at(100, busy(0.1)));
      store.add(at(110, busy(0.5)));
      store.merge(remembered([100, 102, 104, 110], [0.1, null, 0.3, 0.5]));
      expect(utilization()).toEqual([0.1, NaN, 0.3, 0.5]);
    });

    it('keeps what a restarted server forgot', () => {
      store.add(at(100, busy(0.1)));
      store.merge(remembered([110], [0.5]));
      expect([...store.times]).toEqual([100, 110]);
      expect(utilization()).toEqual([0.1, 0.5]);
    });

    it('keeps what it has where the server remembers nothing', () => {
      store.add(at(100, busy(0.1)));
      store.merge({ times: [], devices: {} });
      expect(utilization()).toEqual([0.1]);
    });
  });
});
