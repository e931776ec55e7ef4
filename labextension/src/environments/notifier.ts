import type { NotificationManager } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Task } from '../api';
import { unmarked } from '../ui';
import type { IEnvironments } from './tokens';

/** How long it is said that something was done, in milliseconds. */
const SAID = 5000;

/** Where tasks are shown, and how to open it. */
export interface IPlace {
  readonly isVisible: boolean;
  open(): void;
}

/** Tells of tasks that go on while the panel is closed, and how each ended. */
export class TaskNotifier {
  constructor(
    private readonly environments: IEnvironments,
    private readonly manager: NotificationManager,
    private readonly place: IPlace,
    private readonly trans: TranslationBundle
  ) {
    environments.tasksChanged.connect(this._look, this);
    this._look();
  }

  private _look(): void {
    for (const task of this.environments.tasks.values()) {
      if (task.state === 'running') {
        this._running.add(task.id);
        this._tellRunning(task);
      } else if (this._running.delete(task.id)) {
        this._tellEnd(task);
      }
    }
  }

  private _tellRunning(task: Task): void {
    const id = this._told.get(task.id);
    if (this.place.isVisible) {
      this._takeBack(task);
      return;
    }
    const options = {
      message: task.title,
      autoClose: false as const,
      ...(task.progress !== null && { progress: task.progress }),
      actions: this._actions()
    };
    if (id === undefined) {
      const { message, ...rest } = options;
      this._told.set(
        task.id,
        this.manager.notify(message, 'in-progress', rest)
      );
    } else {
      // False where the user has closed it: it is not told again.
      this.manager.update({ id, ...options });
    }
  }

  private _tellEnd(task: Task): void {
    const { trans, place } = this;
    this._takeBack(task);
    if (task.state === 'done') {
      this.manager.notify(
        unmarked(task.message ?? trans.__('Done: %1', task.title)),
        'success',
        { autoClose: SAID }
      );
    } else if (task.state === 'failed' && !place.isVisible) {
      this.manager.notify(
        `${task.title}: ${unmarked(task.message ?? trans.__('It failed.'))}`,
        'error',
        { autoClose: false, actions: this._actions() }
      );
    }
  }

  private _takeBack(task: Task): void {
    const id = this._told.get(task.id);
    if (id !== undefined) {
      this._told.delete(task.id);
      this.manager.dismiss(id);
    }
  }

  private _actions() {
    return [
      { label: this.trans.__('Show'), callback: () => this.place.open() }
    ];
  }

  private readonly _running = new Set<string>();
  /** The notifications of running tasks, by the tasks' ids. */
  private readonly _told = new Map<string, string>();
}
