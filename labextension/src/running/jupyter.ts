import type { INotebookTracker } from '@jupyterlab/notebook';
import { KernelAPI } from '@jupyterlab/services';
import type { Kernel, ServiceManager, Session } from '@jupyterlab/services';
import type { CommandRegistry } from '@lumino/commands';

import type { KernelUse } from '../api';
import type { INotebooks } from '../devices/notebooks';
import { hasNotebook } from './names';

/** The managers that know the kernels of this server. */
export type Services = Pick<
  ServiceManager.IManager,
  'kernels' | 'sessions' | 'serverSettings'
>;

/**
 * What Jupyter itself does with the kernels of this server. All reject where the
 * server does not do it.
 */
export class JupyterKernels {
  constructor(
    private readonly services: Services,
    private readonly commands: Pick<CommandRegistry, 'execute' | 'hasCommand'>,
    private readonly notebooks: INotebooks,
    private readonly tracker: Pick<INotebookTracker, 'find'> | null
  ) {}

  /** What opens a kernel's notebook or console, or a console for a kernel without either; null: nothing can. */
  opener(kernelId: string): (() => Promise<unknown>) | null {
    const { commands, notebooks } = this;
    const session = sessionOf(this.services, kernelId);
    if (session?.type === 'console') {
      return this._command('console:open', { path: session.path });
    }
    const path = notebooks.pathOf(kernelId) ?? session?.path;
    if (path) {
      return () => commands.execute('docmanager:open', { path });
    }
    const kernelPreference = { id: kernelId };
    return this._command('console:create', { kernelPreference });
  }

  /** The contents path of a kernel's notebook; null: it has none that this server knows. */
  notebookOf(kernel: KernelUse): string | null {
    return hasNotebook(kernel) ? this.notebooks.pathOf(kernel.id) : null;
  }

  interrupt(kernelId: string): Promise<void> {
    return (
      this._connection(kernelId)?.interrupt() ??
      KernelAPI.interruptKernel(kernelId, this.services.serverSettings)
    );
  }

  restart(kernelId: string): Promise<void> {
    return (
      this._connection(kernelId)?.restart() ??
      KernelAPI.restartKernel(kernelId, this.services.serverSettings)
    );
  }

  shutDown(kernelId: string): Promise<void> {
    return shutDownKernel(this.services, kernelId);
  }

  /** The connection of an open notebook, which is to know what happens; one that is dead does nothing any more. */
  private _connection(kernelId: string): Kernel.IKernelConnection | null {
    const context = this.tracker?.find(
      panel => panel.sessionContext.session?.kernel?.id === kernelId
    )?.sessionContext;
    const kernel = context?.session?.kernel ?? null;
    return kernel?.status === 'dead' ? null : kernel;
  }

  private _command(
    id: string,
    args: { path: string } | { kernelPreference: { id: string } }
  ): (() => Promise<unknown>) | null {
    const { commands } = this;
    return commands.hasCommand(id) ? () => commands.execute(id, args) : null;
  }
}

/** Ends a kernel with its session, where it has one. */
export function shutDownKernel(
  services: Pick<Services, 'kernels' | 'sessions'>,
  kernelId: string
): Promise<void> {
  const session = sessionOf(services, kernelId);
  return session
    ? services.sessions.shutdown(session.id)
    : services.kernels.shutdown(kernelId);
}

function sessionOf(
  { sessions }: Pick<Services, 'sessions'>,
  kernelId: string
): Session.IModel | null {
  return (
    [...sessions.running()].find(({ kernel }) => kernel?.id === kernelId) ??
    null
  );
}
