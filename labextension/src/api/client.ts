import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { ApiError, NoExtensionError, UnreachableError } from './errors';
import type {
  Environments,
  Failure,
  FixAnswer,
  History,
  KernelSettings,
  Kernels,
  Kernelspec,
  NewKernelspec,
  PinSet,
  PinTarget,
  Pins,
  PreflightAnswer,
  PreflightQuestion,
  PreflightWords,
  Reading,
  Report,
  Sync,
  Task,
  WantedFix
} from './types';

/** The root of our routes, under the server's base URL. */
export const ROOT = 'tfgpu';

/**
 * The REST routes. Every method rejects with an `ApiError` where the server
 * refused, a `NoExtensionError` where it knows none of our routes, and an
 * `UnreachableError` where it did not answer.
 */
export class Client {
  constructor(
    readonly settings: ServerConnection.ISettings = ServerConnection.makeSettings()
  ) {}

  devices(): Promise<Reading> {
    return this._ask('GET', 'devices');
  }

  /** What the server has seen of the devices in the last so many seconds. */
  history(seconds: number): Promise<History> {
    return this._ask('GET', `history?seconds=${seconds}`);
  }

  kernels(): Promise<Kernels> {
    return this._ask('GET', 'kernels');
  }

  /** The report on a kernel as it was started. */
  kernelReport(id: string): Promise<Report> {
    return this._ask('GET', `kernels/${encodeURIComponent(id)}/report`);
  }

  /** Which cells are worth the question below. */
  preflightWords(): Promise<PreflightWords> {
    return this._ask('GET', 'preflight');
  }

  /** Whether a cell trains, and what the report on its kernel says of that. */
  preflight(question: PreflightQuestion): Promise<PreflightAnswer> {
    return this._ask('POST', 'preflight', question);
  }

  environments(): Promise<Environments> {
    return this._ask('GET', 'environments');
  }

  /** Looks at the disks again, whatever is cached. */
  refreshEnvironments(): Promise<Environments> {
    return this._ask('POST', 'environments/refresh');
  }

  environmentReport(id: string): Promise<Report> {
    return this._ask('GET', `environments/${encodeURIComponent(id)}/report`);
  }

  /** Installs ipykernel in an environment, then adds its kernelspec. */
  installIpykernel(environment: string): Promise<Task> {
    const id = encodeURIComponent(environment);
    return this._ask('POST', `environments/${id}/ipykernel`);
  }

  addKernelspec(wanted: NewKernelspec): Promise<Kernelspec> {
    return this._ask('POST', 'kernelspecs', wanted);
  }

  /** Gives a kernelspec of ours another name or another display name; "": that of its environment. */
  changeKernelspec(
    name: string,
    change: { name?: string; display_name?: string }
  ): Promise<Kernelspec> {
    return this._ask('PATCH', kernelspecPath(name), change);
  }

  removeKernelspec(name: string): Promise<void> {
    return this._ask('DELETE', kernelspecPath(name));
  }

  repairKernelspec(name: string): Promise<Task> {
    return this._ask('POST', `${kernelspecPath(name)}/repair`);
  }

  /** Brings our kernelspecs in step with the environments, or says what that would do. */
  syncKernelspecs(dryRun: boolean): Promise<Sync> {
    return this._ask('POST', 'kernelspecs/sync', { dry_run: dryRun });
  }

  kernelSettings(): Promise<KernelSettings> {
    return this._ask('GET', 'settings');
  }

  /** Sets how kernelspecs are named and kept; null: as the server has it by default. */
  setKernelSettings(settings: KernelSettings): Promise<KernelSettings> {
    return this._ask('PUT', 'settings', settings);
  }

  tasks(): Promise<{ tasks: Task[] }> {
    return this._ask('GET', 'tasks');
  }

  task(id: string): Promise<Task> {
    return this._ask('GET', `tasks/${encodeURIComponent(id)}`);
  }

  cancelTask(id: string): Promise<Task> {
    return this._ask('DELETE', `tasks/${encodeURIComponent(id)}`);
  }

  /** Applies the automatic fix of a finding; with `dry_run` it is only said what that changes. */
  fix(wanted: WantedFix): Promise<FixAnswer> {
    return this._ask('POST', 'fixes', wanted);
  }

  undoFix(id: string): Promise<FixAnswer> {
    return this._ask('DELETE', `fixes/${encodeURIComponent(id)}`);
  }

  pins(): Promise<Pins> {
    return this._ask('GET', 'pins');
  }

  setPin(target: PinTarget, pin: string): Promise<PinSet> {
    return this._ask('PUT', 'pins', { ...target, pin });
  }

  clearPin(target: PinTarget): Promise<PinSet> {
    return this._ask('DELETE', 'pins', target);
  }

  private async _ask<T>(
    method: string,
    path: string,
    body?: object
  ): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, ROOT, path);
    const init: RequestInit = { method };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
    }
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, this.settings);
    } catch (error) {
      throw new UnreachableError(error);
    }
    const text = await response.text();
    if (!response.ok) {
      throw failure(response, text);
    }
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

function kernelspecPath(name: string): string {
  return `kernelspecs/${encodeURIComponent(name)}`;
}

/**
 * The error of an answer that is none. Ours always carry a `reason`; Jupyter's
 * own 404 for an unknown route does not, which tells the two apart.
 */
function failure(response: Response, text: string): Error {
  const body = parse(text);
  if (body?.reason !== undefined) {
    const message = body.message ?? response.statusText;
    return new ApiError(
      message,
      body.reason,
      response.status,
      body.detail ?? {}
    );
  }
  if (response.status === 404) {
    return new NoExtensionError();
  }
  const message = body?.message || `${response.status} ${response.statusText}`;
  return new ApiError(message, String(response.status), response.status);
}

/** A failure's body. Jupyter's own errors have a `message` and a null `reason`. */
function parse(text: string): Partial<Failure> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) {
      return undefined;
    }
    const { message, reason, detail } = value as Record<string, unknown>;
    return {
      ...(typeof message === 'string' && { message }),
      ...(typeof reason === 'string' && { reason }),
      ...(typeof detail === 'object' && {
        detail: (detail ?? {}) as Failure['detail']
      })
    };
  } catch {
    return undefined; // An HTML page, as a proxy or Jupyter's web pages answer.
  }
}
