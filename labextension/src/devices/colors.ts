import type { CSSProperties } from 'react';

import type { ILiveModel } from '../live';

/** Colours that `devices.css` defines, `--jp-tfgpu-holder-0` and so on. */
export const COLORS = 8;

/**
 * A colour for each kernel that holds memory. Given in the order in which
 * kernels are first seen, and kept while the kernel holds memory anywhere. Two
 * that hold memory at the same time have the same colour only where all are taken.
 */
export class HolderColors {
  constructor(live: Pick<ILiveModel, 'reading' | 'readingChanged'>) {
    const see = () => this._see(kernelsOf(live.reading?.devices ?? []));
    live.readingChanged.connect(see);
    see();
  }

  /** A CSS colour; for a kernel that holds nothing the one it had or would get first. */
  of(kernelId: string): string {
    return `var(--jp-tfgpu-holder-${this._given.get(kernelId) ?? 0})`;
  }

  private _see(holding: Set<string>): void {
    for (const kernel of holding) {
      if (!this._given.has(kernel)) {
        this._given.set(kernel, this._next(holding));
      }
    }
  }

  /** Of the colours that fewest kernels have now, the one that has been out of use longest. */
  private _next(holding: Set<string>): number {
    const uses = new Array<number>(COLORS).fill(0);
    const last = new Array<number>(COLORS).fill(-1);
    [...this._given].forEach(([kernel, color], turn) => {
      uses[color] = (uses[color] ?? 0) + (holding.has(kernel) ? 1 : 0);
      last[color] = turn;
    });
    const order = [...uses.keys()].sort(
      (a, b) =>
        (uses[a] ?? 0) - (uses[b] ?? 0) || (last[a] ?? 0) - (last[b] ?? 0)
    );
    const color = order[0] ?? 0;
    // Who had it and is gone must not come back with it.
    for (const [kernel, given] of this._given) {
      if (given === color && !holding.has(kernel)) {
        this._given.delete(kernel);
      }
    }
    return color;
  }

  private readonly _given = new Map<string, number>();
}

const SHARED = new WeakMap<object, HolderColors>();

/** The colours of the kernels of a live model: the same wherever a page shows them. */
export function holderColors(
  live: Pick<ILiveModel, 'reading' | 'readingChanged'>
): HolderColors {
  const colors = SHARED.get(live) ?? new HolderColors(live);
  SHARED.set(live, colors);
  return colors;
}

/** A style that tells `devices.css` a holder's colour. */
export function inColor(color: string): CSSProperties {
  const style: { [name: `--${string}`]: string } = {
    '--jp-tfgpu-holder': color
  };
  return style;
}

function kernelsOf(
  devices: { holders: { kernel_id: string | null }[] }[]
): Set<string> {
  const ids = devices.flatMap(device =>
    device.holders.map(holder => holder.kernel_id)
  );
  return new Set(ids.filter(id => id !== null));
}
