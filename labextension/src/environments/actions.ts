import type { KernelSpec } from '@jupyterlab/services';

import type { Environment, Kernelspec, Report } from '../api';
import type { ILiveModel } from '../live';

/** What can be done with an environment from here. Each rejects with what the client rejects with. */
export interface IEnvironmentActions {
  /** Writes a kernelspec for it; the kernel picker and the launcher then offer it. */
  addKernel(environment: Environment): Promise<Kernelspec>;
  /** Removes a kernelspec that we wrote. */
  removeKernel(kernelspec: string): Promise<void>;
  report(environment: Environment): Promise<Report>;
  /** Looks at the disks again. */
  refresh(): Promise<void>;
}

/** The actions on the server that this page belongs to. */
export class ServerActions implements IEnvironmentActions {
  constructor(
    private readonly live: ILiveModel,
    private readonly kernelspecs: KernelSpec.IManager
  ) {}

  async addKernel(environment: Environment): Promise<Kernelspec> {
    const added = await this.live.client.addKernelspec(environment.id);
    await this._showChange();
    return added;
  }

  async removeKernel(kernelspec: string): Promise<void> {
    await this.live.client.removeKernelspec(kernelspec);
    await this._showChange();
  }

  report(environment: Environment): Promise<Report> {
    return this.live.client.environmentReport(environment.id);
  }

  async refresh(): Promise<void> {
    await this.live.refreshEnvironments(true);
  }

  private async _showChange(): Promise<void> {
    await Promise.all([
      this.kernelspecs.refreshSpecs(),
      this.live.refreshEnvironments()
    ]);
  }
}
