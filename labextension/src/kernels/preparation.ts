import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import type { Client, Task } from '../api';
import type { IEnvironments } from '../environments';
import type { IItem, KernelChoice, Need } from './items';

/** The server's reason where ipykernel is missing; its `detail.command` would install it. */
const NO_IPYKERNEL = 'ipykernel-missing';

/** How far an item is that needs something done before it can be chosen. */
export type Stage =
  | { readonly name: 'choosing' }
  /** Whether ipykernel may be installed; `command`: what would be run, where the server said it. */
  | {
      readonly name: 'asking';
      readonly item: IItem;
      readonly command: string | null;
    }
  /** `task`: null before the server has begun. */
  | {
      readonly name: 'working';
      readonly item: IItem;
      readonly task: Task | null;
    }
  | { readonly name: 'failed'; readonly item: IItem; readonly error: unknown };

const CHOOSING: Stage = { name: 'choosing' };

/** What is needed of the server and of what this page knows of it. */
export interface IPreparationServer {
  readonly client: Pick<
    Client,
    'addKernelspec' | 'installIpykernel' | 'repairKernelspec' | 'cancelTask'
  >;
  readonly environments: Pick<
    IEnvironments,
    'answer' | 'tasks' | 'tasksChanged'
  >;
  /** Reads environments and kernelspecs again. */
  reread(): Promise<void>;
}

/** Adds or repairs the kernel that was chosen, and asks before it installs what is missing for it. */
export class Preparation {
  constructor(private readonly server: IPreparationServer) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get stage(): Stage {
    return this._stage;
  }

  /**
   * Gives what is to be chosen for an item, after what it needs was done;
   * undefined: not now, and `stage` says why.
   */
  async start(item: IItem): Promise<KernelChoice | undefined> {
    if (this._stage.name === 'working') {
      return undefined;
    }
    const { need } = item;
    if (need === null) {
      return item.choice;
    }
    const asked = this._stage.name === 'asking' && this._stage.item === item;
    if (need.what === 'repair' && need.install && !asked) {
      this._become({ name: 'asking', item, command: null });
      return undefined;
    }
    this._become({ name: 'working', item, task: null });
    try {
      const name = await this._do(need, asked);
      await this.server.reread();
      this._become(CHOOSING);
      return name === null ? undefined : { name };
    } catch (error) {
      this._become(
        error instanceof ApiError && error.reason === NO_IPYKERNEL && !asked
          ? { name: 'asking', item, command: error.detail['command'] ?? null }
          : { name: 'failed', item, error }
      );
      return undefined;
    }
  }

  /** Goes back to the list, or cancels what is under way; the list follows once the server has ended it. */
  back(): void {
    if (this._stage.name !== 'working') {
      this._become(CHOOSING);
      return;
    }
    const { item, task } = this._stage;
    if (task?.cancellable) {
      this.server.client.cancelTask(task.id).catch((error: unknown) => {
        // It may have ended meanwhile: then its end is what counts.
        if (this._stage.name === 'working') {
          this._become({ name: 'failed', item, error });
        }
      });
    }
  }

  /** Does what is needed; the kernelspec's name, null where it was cancelled. */
  private async _do(need: Need, install: boolean): Promise<string | null> {
    const { client } = this.server;
    if (need.what === 'repair') {
      const task = await client.repairKernelspec(need.kernelspec);
      return (await this._end(task)) && need.kernelspec;
    }
    const { environment, kernel } = need;
    const { id } = environment;
    if (install) {
      const ended = await this._end(await client.installIpykernel(id));
      if (ended === null || ended.kernelspec !== null) {
        return ended && ended.kernelspec;
      }
    }
    const added = await client.addKernelspec({
      environment: id,
      ...(kernel !== null && { kernel })
    });
    return added.name;
  }

  /** The task when it is done; null where it was cancelled. Rejects where it failed. */
  private _end(task: Task): Promise<Task | null> {
    const { environments } = this.server;
    return new Promise((resolve, reject) => {
      const look = () => {
        const now = environments.tasks.get(task.id) ?? task;
        if (now.state === 'running') {
          this._follow(now);
          return;
        }
        environments.tasksChanged.disconnect(look);
        if (now.state === 'failed') {
          reject(new Error(now.message ?? now.title));
        } else {
          resolve(now.state === 'done' ? now : null);
        }
      };
      environments.tasksChanged.connect(look);
      look();
    });
  }

  private _follow(task: Task): void {
    const stage = this._stage;
    if (stage.name === 'working' && stage.task !== task) {
      this._become({ ...stage, task });
    }
  }

  private _become(stage: Stage): void {
    this._stage = stage;
    this._changed.emit();
  }

  private _stage: Stage = CHOOSING;
  private readonly _changed = new Signal<this, void>(this);
}
