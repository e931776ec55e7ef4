import type { CommandRegistry } from '@lumino/commands';
import type { ISignal } from '@lumino/signaling';

import type { ILiveModel } from '../live';

/** The notebooks of running kernels, as they can be opened from here. */
export interface INotebooks {
  readonly changed: ISignal<unknown, unknown>;
  /** The contents path of a kernel's notebook; null: none that this server can open. */
  pathOf(kernelId: string | null): string | null;
  open(path: string): void;
}

/** The notebooks of the server that this page belongs to. */
export class ServerNotebooks implements INotebooks {
  constructor(
    private readonly live: ILiveModel,
    private readonly commands: CommandRegistry
  ) {}

  get changed(): ISignal<unknown, unknown> {
    return this.live.kernelsChanged;
  }

  pathOf(kernelId: string | null): string | null {
    const kernels = this.live.kernels?.kernels ?? [];
    const kernel = kernels.find(({ id }) => id === kernelId);
    // A path that is absolute is a file's: the notebook is none of this server.
    return kernel?.notebook && !/^([/\\]|[A-Za-z]:)/.test(kernel.notebook)
      ? kernel.notebook
      : null;
  }

  open(path: string): void {
    void this.commands.execute('docmanager:open', { path });
  }
}
