import type { KernelUse, Kernels } from '../api';
import type { Units } from '../ui';
import { memory, percent } from '../ui';

/**
 * Kernels that are new objects only where something that can be seen of them
 * changed: memory and use waver with each reading.
 */
export class ShownKernels {
  /** The kernels, each as old as what it looks like; the same array where all are. */
  of(next: KernelUse[], units: Units): KernelUse[] {
    const known = new Map(this._last.map(one => [one.kernel.id, one]));
    const seen = next.map(kernel => {
      const before = known.get(kernel.id);
      if (before?.newest === kernel && this._units === units) {
        return before;
      }
      const look = lookOf(kernel, units);
      return before?.look === look
        ? { ...before, newest: kernel }
        : { kernel, newest: kernel, look };
    });
    const same =
      seen.length === this._last.length &&
      seen.every(({ kernel }, index) => kernel === this._last[index]?.kernel);
    this._last = seen;
    this._units = units;
    if (!same) {
      this._shown = seen.map(({ kernel }) => kernel);
    }
    return this._shown;
  }

  private _last: { kernel: KernelUse; newest: KernelUse; look: string }[] = [];
  private _units: Units | null = null;
  private _shown: KernelUse[] = [];
}

/** What a row shows, with figures as they are written there; the time without use is written by itself. */
function lookOf(kernel: KernelUse, units: Units): string {
  return JSON.stringify({
    ...kernel,
    last_used: null,
    devices: kernel.devices.map(use => ({
      uuid: use.uuid,
      memory: memory(use.memory, units),
      utilization: percent(use.utilization),
      // To the minute: kernels may be sorted by it.
      unused_since: use.unused_since?.slice(0, 'YYYY-MM-DDThh:mm'.length)
    }))
  });
}

/** Finds kernels of the newest answer by their ids. */
export class KernelIndex {
  constructor(private readonly live: { readonly kernels: Kernels | null }) {}

  of(id: string): KernelUse | null {
    const { kernels } = this.live;
    if (kernels !== this._of) {
      this._of = kernels;
      this._byId = new Map(kernels?.kernels.map(one => [one.id, one]));
    }
    return this._byId.get(id) ?? null;
  }

  private _of: Kernels | null = null;
  private _byId: ReadonlyMap<string, KernelUse> = new Map();
}
