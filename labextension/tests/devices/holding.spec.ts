import type { Device } from '../../src/api';
import { groupsOf, partsOf } from '../../src/devices/holding';
import { GIB, device } from '../samples';
import { holder } from './shown';

/** The bar of a device as kinds with their GiB. */
function bar(changes: Partial<Device>): [string, number][] | null {
  const made = device(changes);
  const parts = partsOf(made, groupsOf(made));
  return parts?.map(({ kind, bytes }) => [kind, bytes / GIB]) ?? null;
}

const memory = {
  total: 80 * GIB,
  used: 20 * GIB,
  free: 58 * GIB,
  reserved: 2 * GIB
};

describe('Who holds memory', () => {
  it('is a kernel once, with all its processes, and before the others', () => {
    const groups = groupsOf(
      device({
        holders: [
          holder({ pid: 7, memory: 9 * GIB }),
          holder({ pid: 1, memory: 5 * GIB, kernel_id: 'k', utilization: 0.8 }),
          holder({ pid: 2, memory: GIB, kernel_id: 'k', utilization: 0.3 }),
          holder({ pid: 3, kernel_id: 'l' })
        ]
      })
    );
    const said = groups.map(({ kernelId, pids, memory, utilization }) => [
      kernelId,
      pids,
      memory,
      utilization
    ]);
    expect(said).toEqual([
      ['k', [1, 2], 6 * GIB, 1],
      ['l', [3], GIB, null],
      [null, [7], 9 * GIB, null]
    ]);
  });

  it('holds an unknown amount where that of one process is unknown', () => {
    const holders = [
      holder({ kernel_id: 'k' }),
      holder({ pid: 2, kernel_id: 'k', memory: null })
    ];
    expect(groupsOf(device({ holders }))[0]?.memory).toBeNull();
  });
});

describe('The memory bar', () => {
  it('has a stretch for each holder, then what nobody is seen to hold, reserved and free', () => {
    const holders = [
      holder({ memory: 4 * GIB }),
      holder({ pid: 2, memory: 10 * GIB, kernel_id: 'k' })
    ];
    expect(bar({ memory, holders, unattributed_memory: 6 * GIB })).toEqual([
      ['kernel', 10],
      ['process', 4],
      ['unseen', 6],
      ['reserved', 2],
      ['free', 58]
    ]);
  });

  it('does not call memory unseen where the driver does not tell who holds how much', () => {
    const holders = [holder({ memory: null, kernel_id: 'k' })];
    expect(bar({ memory, holders })).toEqual([
      ['used', 20],
      ['reserved', 2],
      ['free', 58]
    ]);
  });

  it('does not run over where holders add up to more than there is', () => {
    const holders = [
      holder({ memory: 70 * GIB, kernel_id: 'k' }),
      holder({ pid: 2, memory: 70 * GIB, kernel_id: 'l' })
    ];
    expect(bar({ memory, holders, unattributed_memory: 0 })).toEqual([
      ['kernel', 70],
      ['kernel', 10]
    ]);
  });

  it('is not known without total and use', () => {
    expect(bar({ memory: null })).toBeNull();
    expect(bar({ memory: { ...memory, used: null } })).toBeNull();
    expect(bar({ memory: { ...memory, total: 0 } })).toBeNull();
  });
});
