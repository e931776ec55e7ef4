import type { Device, Holder } from '../api';

/** A kernel with all its processes on a device, or one other process. */
export interface IGroup {
  /** The same for the same kernel or process in each reading. */
  readonly key: string;
  readonly kernelId: string | null;
  /** The process that holds most. */
  readonly holder: Holder;
  readonly pids: readonly number[];
  /** Bytes; null: not known of one of the processes. */
  readonly memory: number | null;
  /** Share of the multiprocessors' time, 0-1; null: not known of any. */
  readonly utilization: number | null;
}

/** The key of memory that belongs to no process visible from here. */
export const UNSEEN = 'unseen';

/** A stretch of the memory bar. `used`: in use, and the driver does not say by whom. */
export interface IPart {
  readonly key: string;
  readonly kind: 'kernel' | 'process' | 'unseen' | 'used' | 'reserved' | 'free';
  /** Whose it is, for the kinds `kernel` and `process`. */
  readonly group: IGroup | null;
  readonly bytes: number;
}

/** Who holds memory: kernels first, then other processes, as the server sorted them. */
export function groupsOf(device: Device): IGroup[] {
  const groups = new Map<string, Holder[]>();
  for (const holder of device.holders) {
    const { kernel_id: kernel, pid } = holder;
    const key = kernel === null ? `process ${pid}` : `kernel ${kernel}`;
    groups.set(key, [...(groups.get(key) ?? []), holder]);
  }
  const all = [...groups].map(([key, holders]) => group(key, holders));
  return [
    ...all.filter(one => one.kernelId !== null),
    ...all.filter(one => one.kernelId === null)
  ];
}

/**
 * What the memory of a device is taken by, in the order of the bar; together
 * its total. Null: total or use are not known.
 */
export function partsOf(
  device: Device,
  groups: readonly IGroup[]
): IPart[] | null {
  const total = device.memory?.total ?? null;
  const used = device.memory?.used ?? null;
  if (total === null || used === null || total <= 0) {
    return null;
  }
  const parts: IPart[] = [];
  let left = total;
  const take = (part: IPart) => {
    // Figures of different moments, and of different counts, may add up to more than there is.
    const bytes = Math.min(part.bytes, left);
    if (bytes > 0) {
      parts.push({ ...part, bytes });
      left -= bytes;
    }
  };
  for (const group of groups) {
    const kind = group.kernelId === null ? 'process' : 'kernel';
    take({ key: group.key, kind, group, bytes: group.memory ?? 0 });
  }
  const others = used - (total - left);
  const kind = device.unattributed_memory === null ? 'used' : 'unseen';
  take({ key: UNSEEN, kind, group: null, bytes: others });
  const reserved = device.memory?.reserved ?? 0;
  take({ key: 'reserved', kind: 'reserved', group: null, bytes: reserved });
  take({ key: 'free', kind: 'free', group: null, bytes: left });
  return parts;
}

function group(key: string, holders: readonly Holder[]): IGroup {
  const [holder] = holders as [Holder];
  return {
    key,
    holder,
    kernelId: holder.kernel_id,
    pids: holders.map(({ pid }) => pid),
    memory: holders.reduce<number | null>(
      (sum, { memory }) =>
        sum === null || memory === null ? null : sum + memory,
      0
    ),
    utilization: holders.reduce<number | null>(
      (sum, { utilization: use }) =>
        use === null ? sum : Math.min(1, (sum ?? 0) + use),
      null
    )
  };
}
