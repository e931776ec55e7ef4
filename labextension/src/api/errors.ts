import type { TranslationBundle } from '@jupyterlab/translation';

/** The server refused or failed: its sentence for a person, its code for a program. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** A stable code such as `ipykernel-missing`. */
    readonly reason: string,
    readonly status: number,
    readonly detail: Readonly<Record<string, string>> = {}
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The server knows none of our routes: its part of the extension is absent or disabled. */
export class NoExtensionError extends Error {
  constructor() {
    super('The server has no tfgpu routes');
    this.name = 'NoExtensionError';
  }
}

/** The server could not be reached at all. */
export class UnreachableError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.name = 'UnreachableError';
  }
}

/** What a person reads about a failure, and what to do where we know it. */
export function describeError(
  error: unknown,
  trans: TranslationBundle
): string {
  if (error instanceof NoExtensionError) {
    return describeNoExtension(trans);
  }
  if (error instanceof UnreachableError) {
    return trans.__('The Jupyter server cannot be reached.');
  }
  return error instanceof Error ? error.message : String(error);
}

/** Said wherever the server lacks our part. */
export function describeNoExtension(trans: TranslationBundle): string {
  return trans.__(
    'The server part of jupyter-tfgpu is not running: install jupyter-tfgpu in the environment that the Jupyter server runs from, or enable it with “jupyter server extension enable jupyter_tfgpu”, then restart the server.'
  );
}
