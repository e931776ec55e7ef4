import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type {
  Environment,
  Environments,
  Kernelspec,
  Report,
  Sync,
  Task
} from '../api';
import type { IFixing } from '../fixes';

/** What a caller does itself. */
export interface IHandler {
  /** Gets what an action failed with; without it a notification says so. */
  failed?: (error: unknown) => void;
}

/**
 * What can be done with environments and kernelspecs. No action rejects: one
 * that fails gives null after it has told why, to the handler or in a
 * notification. What was changed shows in `IEnvironments.answer` and in
 * JupyterLab's kernelspecs once the promise is fulfilled.
 */
export interface IEnvironmentActions {
  /**
   * Writes a kernelspec for an environment, or for one of its own kernels (its
   * name). Where ipykernel is missing the user is asked, then it is installed:
   * null is given, and the task adds the kernelspec.
   */
  addKernel(
    environment: Environment,
    kernel?: string,
    handler?: IHandler
  ): Promise<Kernelspec | null>;
  /** Asks, then installs ipykernel and adds the kernelspec; null too where the user does not want it. */
  installIpykernel(
    environment: Environment,
    handler?: IHandler
  ): Promise<Task | null>;
  /** Removes a kernelspec of ours; a notification offers to undo that. True: it is gone. */
  removeKernel(
    kernelspec: Kernelspec,
    handler?: IHandler
  ): Promise<true | null>;
  /** Gives a kernelspec of ours another display name; "": the label of its environment again. */
  renameKernel(
    kernelspec: Kernelspec,
    displayName: string,
    handler?: IHandler
  ): Promise<Kernelspec | null>;
  /** Repairs a kernelspec of ours; asks first where something would be installed. */
  repair(kernelspec: Kernelspec, handler?: IHandler): Promise<Task | null>;
  /** Brings our kernelspecs in step with the environments, or says what that would do. */
  sync(dryRun: boolean, handler?: IHandler): Promise<Sync | null>;
  cancel(task: Task, handler?: IHandler): Promise<Task | null>;
  report(environment: Environment, handler?: IHandler): Promise<Report | null>;
  /** The fixes of the report on an environment. */
  fixing(environment: Environment): IFixing;
  /** Looks at the disks again. */
  refresh(handler?: IHandler): Promise<true | null>;
}

/** The environments and kernelspecs of the server, and what can be done with them. */
export interface IEnvironments {
  /** Environments, kernelspecs, suggested changes and problems; null before the server answered. */
  readonly answer: Environments | null;
  readonly changed: ISignal<IEnvironments, void>;
  /** Running tasks and those that ended lately, by id. A new map with each change. */
  readonly tasks: ReadonlyMap<string, Task>;
  readonly tasksChanged: ISignal<IEnvironments, void>;
  readonly actions: IEnvironmentActions;
  /**
   * Reads `answer` and JupyterLab's kernelspecs again; `rescan`: after the
   * server has looked at the disks anew. Rejects where the server does not answer.
   */
  reread(rescan?: boolean): Promise<void>;
}

export const IEnvironments = new Token<IEnvironments>(
  'jupyter-tfgpu:IEnvironments',
  'The environments and kernelspecs of the server, and what can be done with them.'
);
