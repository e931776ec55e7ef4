import type { TranslationBundle } from '@jupyterlab/translation';

import type {
  Environment,
  Fix,
  Framework,
  Kernelspec,
  KernelspecChange
} from '../api';

/** How a framework is written by those who make it. */
const FRAMEWORKS: Record<Framework['name'], string> = {
  tensorflow: 'TensorFlow',
  torch: 'PyTorch',
  jax: 'JAX',
  mxnet: 'MXNet'
};

/** A framework's name for a person. */
export function frameworkName(name: string): string {
  return FRAMEWORKS[name as Framework['name']] ?? name;
}

/** A framework with its build: `TensorFlow 2.21.0 · GPU build, CUDA 12.5`. */
export function frameworkText(
  framework: Framework,
  trans: TranslationBundle
): string {
  const name = [frameworkName(framework.name), framework.version];
  return `${name.filter(Boolean).join(' ')} · ${buildText(framework, trans)}`;
}

function buildText(framework: Framework, trans: TranslationBundle): string {
  switch (framework.build) {
    case 'gpu':
      return framework.cuda
        ? trans.__('GPU build, CUDA %1', framework.cuda)
        : trans.__('GPU build');
    case 'cpu':
      return trans.__('CPU build');
    case 'unknown':
      return trans.__('build not known');
  }
}

/** Where a fix is to be done. */
export function whereText(
  where: Fix['where'],
  trans: TranslationBundle
): string {
  switch (where) {
    case 'kernelspec':
      return trans.__('in the kernelspec');
    case 'terminal':
      return trans.__('in a terminal');
    case 'notebook':
      return trans.__('in the notebook');
    case 'host':
      return trans.__('on the host');
  }
}

/** How many kernels are added, updated and removed: `2 added, 1 removed`. */
export function changesText(
  changes: KernelspecChange[],
  trans: TranslationBundle
): string {
  const count = (action: KernelspecChange['action']) =>
    changes.filter(change => change.action === action).length;
  return [
    [count('add'), trans.__('%1 added', count('add'))] as const,
    [count('update'), trans.__('%1 updated', count('update'))] as const,
    [count('remove'), trans.__('%1 removed', count('remove'))] as const
  ]
    .filter(([number]) => number > 0)
    .map(([, words]) => words)
    .join(', ');
}

/** All that an environment may be looked for by, in lower case. */
export function searchText(
  environment: Environment,
  kernelspecs: Kernelspec[],
  badge: string
): string {
  return [
    environment.label,
    environment.name,
    environment.kind,
    environment.prefix,
    badge,
    ...environment.frameworks.map(framework => framework.name),
    ...environment.own_kernels.map(kernel => kernel.display_name),
    ...kernelspecs.map(kernelspec => kernelspec.display_name)
  ]
    .join('\n')
    .toLowerCase();
}
