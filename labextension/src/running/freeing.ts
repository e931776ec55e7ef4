import type { KernelUse } from '../api';
import type { ILiveModel } from '../live';
import type { JupyterKernels } from './jupyter';
import type { Underway } from './underway';
import { rests } from './unused';

/** Kernels that are shut down at the same time. */
const AT_ONCE = 4;

/** What came of freeing the memory of kernels. */
export interface IFreed {
  readonly freed: readonly KernelUse[];
  /** Those that did not rest any more. */
  readonly spared: readonly KernelUse[];
  readonly failed: readonly { kernel: KernelUse; error: unknown }[];
}

/** Shuts kernels down that rest, each only if it still does at that moment. */
export class Freeing {
  constructor(
    private readonly live: ILiveModel,
    private readonly jupyter: Pick<JupyterKernels, 'shutDown'>,
    private readonly underway: Underway
  ) {}

  /** `ended` is called with the number of kernels that were seen to. Never rejects. */
  async run(
    kernels: readonly KernelUse[],
    minutes: number,
    ended: (count: number) => void
  ): Promise<IFreed> {
    const result = {
      freed: [] as KernelUse[],
      spared: [] as KernelUse[],
      failed: [] as { kernel: KernelUse; error: unknown }[]
    };
    const waiting = [...kernels];
    let done = 0;
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const kernel = next;
        try {
          const freed = await this._end(kernel, minutes);
          (freed ? result.freed : result.spared).push(kernel);
        } catch (error) {
          result.failed.push({ kernel, error });
        }
        ended(++done);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await this.live
      .refreshKernels()
      .catch((error: unknown) => console.debug('jupyter-tfgpu:', error));
    return result;
  }

  /** Whether it was shut down. */
  private async _end(kernel: KernelUse, minutes: number): Promise<boolean> {
    const ended = await this.underway.run(kernel.id, 'ending', async () => {
      const { client, reading } = this.live;
      const { kernels } = await client.kernels();
      const now = kernels.find(({ id }) => id === kernel.id);
      const resting = now && rests(now, reading?.taken_at ?? null, minutes);
      if (resting) {
        await this.jupyter.shutDown(kernel.id);
      }
      return resting;
    });
    return ended ?? false;
  }
}
