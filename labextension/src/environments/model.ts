import type { KernelSpec } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Environments, Kernelspec } from '../api';
import type { ILiveModel } from '../live';
import type { IVoice } from './actions';
import { ServerActions } from './actions';
import { Tasks } from './tasks';
import type { IEnvironmentActions, IEnvironments } from './tokens';

/** The part of JupyterLab's kernelspecs that is needed here. */
export type Specs = Pick<KernelSpec.IManager, 'refreshSpecs' | 'specs'>;

/** What the live model knows of environments, kept in step with JupyterLab's own kernelspecs. */
export class EnvironmentsModel implements IEnvironments {
  constructor(
    private readonly live: ILiveModel,
    private readonly specs: Specs,
    voice: IVoice
  ) {
    this._tasks = new Tasks(live);
    this.actions = new ServerActions(
      live.client,
      {
        reread: rescan => this.reread(rescan),
        follow: task => this._tasks.follow(task)
      },
      voice
    );
    this._tasks.changed.connect(() => this._tasksChanged.emit());
    live.environmentsChanged.connect(this._onChanged, this);
    if (live.environments !== null) {
      this._onChanged();
    }
  }

  readonly actions: IEnvironmentActions;

  get answer(): Environments | null {
    return this.live.environments;
  }

  get changed(): ISignal<IEnvironments, void> {
    return this._changed;
  }

  get tasks(): Tasks['all'] {
    return this._tasks.all;
  }

  get tasksChanged(): ISignal<IEnvironments, void> {
    return this._tasksChanged;
  }

  async reread(rescan?: boolean): Promise<void> {
    await this.live.refreshEnvironments(rescan);
    await this._read;
  }

  private _onChanged(): void {
    const kernelspecs = this.answer?.kernelspecs ?? null;
    const before = this._kernelspecs;
    this._kernelspecs = kernelspecs;
    if (
      kernelspecs !== null &&
      kernelspecs !== before &&
      (before !== null || this._differ(kernelspecs))
    ) {
      // JupyterLab itself would look again after a minute.
      this._read = this._read
        .then(() => this._readSpecs(kernelspecs))
        .catch(error => console.debug('jupyter-tfgpu:', error));
    }
    this._changed.emit();
  }

  /**
   * JupyterLab does not begin a reading while one is under way, which may show
   * what was before: then it is asked again.
   */
  private async _readSpecs(kernelspecs: Kernelspec[]): Promise<void> {
    await this.specs.refreshSpecs();
    if (this._differ(kernelspecs) && kernelspecs === this._kernelspecs) {
      await this.specs.refreshSpecs();
    }
  }

  /** Whether JupyterLab shows other kernelspecs than the server told. */
  private _differ(kernelspecs: Kernelspec[]): boolean {
    const shown = this.specs.specs?.kernelspecs;
    return (
      shown !== undefined &&
      kernelspecs.some(
        ({ name, display_name }) => shown[name]?.display_name !== display_name
      )
    );
  }

  private readonly _tasks: Tasks;
  private _kernelspecs: Kernelspec[] | null = null;
  /** The last time that JupyterLab was made to read its kernelspecs. */
  private _read: Promise<void> = Promise.resolve();
  private readonly _changed = new Signal<IEnvironments, void>(this);
  private readonly _tasksChanged = new Signal<IEnvironments, void>(this);
}
