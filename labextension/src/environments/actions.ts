import { ApiError } from '../api';
import type {
  Client,
  Environment,
  Kernelspec,
  NewKernelspec,
  Report,
  Sync,
  Task
} from '../api';
import { ServerFixing } from '../fixes';
import type { IFixing } from '../fixes';
import type { IEnvironmentActions, IEnvironments, IHandler } from './tokens';

/** What the actions ask of the user, and tell. */
export interface IVoice {
  /** Whether ipykernel may be installed; `command`: what will be run, where the server has said it. */
  mayInstall(where: string, command: string | null): Promise<boolean>;
  failed(error: unknown): void;
  added(kernelspec: Kernelspec): void;
  removed(kernelspec: Kernelspec, undo: () => void): void;
  synced(answer: Sync): void;
}

/** What the actions change of this page. */
export interface IShown {
  reread: IEnvironments['reread'];
  /** Takes a task in that was started or changed here. */
  follow(task: Task): void;
}

/** The server's reason where ipykernel is missing; its `detail.command` would install it. */
const NO_IPYKERNEL = 'ipykernel-missing';

/** The actions on the server that this page belongs to. */
export class ServerActions implements IEnvironmentActions {
  constructor(
    private readonly client: Client,
    private readonly shown: IShown,
    private readonly voice: IVoice
  ) {}

  addKernel(
    environment: Environment,
    kernel?: string,
    handler?: IHandler
  ): Promise<Kernelspec | null> {
    return this._do(handler, async () => {
      const { added } = await this._addOrInstall(environment, kernel);
      return added;
    });
  }

  installIpykernel(
    environment: Environment,
    handler?: IHandler
  ): Promise<Task | null> {
    return this._do(handler, async () => {
      const { task } = await this._addOrInstall(environment);
      return task;
    });
  }

  removeKernel(
    kernelspec: Kernelspec,
    handler?: IHandler
  ): Promise<true | null> {
    return this._do<true>(handler, async () => {
      await this.client.removeKernelspec(kernelspec.name);
      await this.shown.reread();
      this.voice.removed(kernelspec, () => void this._undoRemoval(kernelspec));
      return true;
    });
  }

  renameKernel(
    kernelspec: Kernelspec,
    displayName: string,
    handler?: IHandler
  ): Promise<Kernelspec | null> {
    return this._do(handler, async () => {
      const renamed = await this.client.changeKernelspec(kernelspec.name, {
        display_name: displayName
      });
      await this.shown.reread();
      return renamed;
    });
  }

  repair(kernelspec: Kernelspec, handler?: IHandler): Promise<Task | null> {
    return this._do(handler, async () => {
      if (
        kernelspec.repair === 'install-ipykernel' &&
        !(await this.voice.mayInstall(kernelspec.display_name, null))
      ) {
        return null;
      }
      return this._follow(await this.client.repairKernelspec(kernelspec.name));
    });
  }

  sync(dryRun: boolean, handler?: IHandler): Promise<Sync | null> {
    return this._do(handler, async () => {
      const answer = await this.client.syncKernelspecs(dryRun);
      if (!dryRun) {
        await this.shown.reread();
        this.voice.synced(answer);
      }
      return answer;
    });
  }

  cancel(task: Task, handler?: IHandler): Promise<Task | null> {
    return this._do(handler, async () =>
      this._follow(await this.client.cancelTask(task.id))
    );
  }

  report(environment: Environment, handler?: IHandler): Promise<Report | null> {
    return this._do(handler, () =>
      this.client.environmentReport(environment.id)
    );
  }

  fixing({ id }: Environment): IFixing {
    return new ServerFixing(this.client, { environment: id });
  }

  refresh(handler?: IHandler): Promise<true | null> {
    return this._do<true>(handler, async () => {
      await this.shown.reread(true);
      return true;
    });
  }

  /** Adds the kernelspec, or installs what it needs, as the user allows it. */
  private async _addOrInstall(
    environment: Environment,
    kernel?: string
  ): Promise<{ added: Kernelspec | null; task: Task | null }> {
    const wanted = { environment: environment.id, ...(kernel && { kernel }) };
    try {
      const added = await this._add(wanted);
      this.voice.added(added);
      return { added, task: null };
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== NO_IPYKERNEL) {
        throw error;
      }
      const command = error.detail['command'] ?? null;
      const may = await this.voice.mayInstall(environment.name, command);
      const task = may
        ? this._follow(await this.client.installIpykernel(environment.id))
        : null;
      return { added: null, task };
    }
  }

  private async _add(wanted: NewKernelspec): Promise<Kernelspec> {
    const added = await this.client.addKernelspec(wanted);
    await this.shown.reread();
    return added;
  }

  /** Adds a removed kernelspec again, with the display name that it had. */
  private async _undoRemoval(removed: Kernelspec): Promise<void> {
    await this._do<true | null>(undefined, async () => {
      const { environment, name, display_name, kernel } = removed;
      if (environment === null) {
        return null;
      }
      const again = await this.client.addKernelspec({
        environment,
        name,
        ...(kernel && { kernel })
      });
      // A name that the user gave differs from the label that it gets by itself, which follows its environment.
      if (again.display_name !== display_name) {
        await this.client.changeKernelspec(name, { display_name });
      }
      await this.shown.reread();
      return true;
    });
  }

  private _follow(task: Task): Task {
    this.shown.follow(task);
    return task;
  }

  private async _do<T>(
    handler: IHandler | undefined,
    action: () => Promise<T>
  ): Promise<T | null> {
    try {
      return await action();
    } catch (error) {
      (handler?.failed ?? this.voice.failed)(error);
      return null;
    }
  }
}
