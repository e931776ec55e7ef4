import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Environment, Environments, Task } from '../api';
import { sameOr } from '../live';
import type { ILiveModel } from '../live';

/** The tasks of the server: those that run, and those that ended while this page was open. */
export class Tasks {
  constructor(private readonly live: ILiveModel) {
    live.tasked.connect((_, task) => this.follow(task));
    live.stateChanged.connect(this._onState, this);
    this._onState();
  }

  /** By id, in the order in which they were begun. A new map with each change. */
  get all(): ReadonlyMap<string, Task> {
    return this._all;
  }

  get changed(): ISignal<Tasks, void> {
    return this._changed;
  }

  /** Takes a task in as it stands now. */
  follow(task: Task): void {
    const known = this._all.get(task.id);
    // An answer that is older than what was pushed: what ended has ended.
    const outdated =
      known && known.state !== 'running' && task.state === 'running';
    const next = known ? sameOr(known, task) : task;
    if (next !== known && !outdated) {
      this._all = new Map([...this._all, [task.id, next]]);
      this._changed.emit();
    }
  }

  /** What was pushed while the connection did not stand is asked for. */
  private _onState(): void {
    if (this.live.state === 'open') {
      this.live.client.tasks().then(
        ({ tasks }) => {
          for (const task of tasks) {
            if (task.state === 'running' || this._all.has(task.id)) {
              this.follow(task);
            }
          }
        },
        error => console.debug('jupyter-tfgpu:', error)
      );
    }
  }

  private _all: ReadonlyMap<string, Task> = new Map();
  private readonly _changed = new Signal<Tasks, void>(this);
}

/** The task of an environment or of one of its kernelspecs that was begun last. */
export function taskOf(
  tasks: readonly Task[],
  environment: Environment
): Task | null {
  const its = tasks.filter(task => belongsTo(task, environment));
  return its[its.length - 1] ?? null;
}

/** The tasks that belong to no environment of the answer. */
export function strayTasks(
  tasks: readonly Task[],
  { environments }: Environments
): Task[] {
  return tasks.filter(
    task => !environments.some(environment => belongsTo(task, environment))
  );
}

function belongsTo(task: Task, environment: Environment): boolean {
  return (
    task.environment === environment.id ||
    (task.kernelspec !== null &&
      environment.kernelspecs.includes(task.kernelspec))
  );
}
