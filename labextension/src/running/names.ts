import type { TranslationBundle } from '@jupyterlab/translation';

import type { Environments, KernelUse } from '../api';
import { baseName } from '../ui';

/** Digits of a kernel's id that are enough to tell it from others. */
const SHOWN = 8;

/** What a kernel is called, for a person. */
export interface IKernelNames {
  /** The notebook's name; without one that of the kernelspec, with the beginning of the id. */
  readonly name: string;
  /** The environment, or the kernelspec where it belongs to none that was found; null: neither is known. */
  readonly environment: string | null;
  /** Whether a framework is known to be installed there, or may be. */
  readonly trains: boolean;
}

export function namesOf(
  kernel: KernelUse,
  answer: Pick<Environments, 'environments' | 'kernelspecs'> | null,
  trans: TranslationBundle
): IKernelNames {
  const spec = answer?.kernelspecs.find(
    ({ name }) => name === kernel.kernelspec
  );
  const specName = spec?.display_name ?? kernel.kernelspec;
  const id = kernel.environment ?? spec?.environment;
  const environment = answer?.environments.find(one => one.id === id);
  return {
    name: hasNotebook(kernel)
      ? baseName(kernel.notebook.replace(/\\/g, '/'))
      : `${specName ?? trans.__('Kernel')} ${kernel.id.slice(0, SHOWN)}`,
    environment: environment?.name ?? specName,
    trains: environment?.frameworks.length !== 0
  };
}

/** Whether a kernel belongs to a document. A console's session has a path too, which names no file. */
export function hasNotebook(
  kernel: KernelUse
): kernel is KernelUse & { notebook: string } {
  return kernel.notebook !== null && /\.[^./\\]+$/.test(kernel.notebook);
}

/** What a kernel does, in a word; null: that is not known. */
export function stateText(
  state: string | null,
  trans: TranslationBundle
): string | null {
  switch (state) {
    case 'idle':
      return trans.__('idle');
    case 'busy':
      return trans.__('busy');
    case 'starting':
      return trans.__('starting');
    case 'restarting':
    case 'autorestarting':
      return trans.__('restarting');
    case 'terminating':
      return trans.__('shutting down');
    case 'dead':
      return trans.__('dead');
    default:
      return null;
  }
}
