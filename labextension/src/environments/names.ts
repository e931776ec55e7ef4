import type { TranslationBundle } from '@jupyterlab/translation';

import type { Environment, Fix, Framework, Verdict } from '../api';

/** How a framework is written by those who make it. */
const FRAMEWORKS: Record<Framework['name'], string> = {
  tensorflow: 'TensorFlow',
  torch: 'PyTorch',
  jax: 'JAX',
  mxnet: 'MXNet'
};

/** Kernelspecs of this prefix are ours, and ours only may be removed here. */
const OWNED = 'tfgpu-';

/** A framework with its build: `TensorFlow 2.21.0 · GPU build, CUDA 12.5`. */
export function frameworkText(
  framework: Framework,
  trans: TranslationBundle
): string {
  const name = [
    FRAMEWORKS[framework.name] ?? framework.name,
    framework.version
  ];
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

/** A verdict in two words and in a sentence. */
export function verdictText(
  verdict: Verdict | null,
  trans: TranslationBundle
): { label: string; title: string } {
  switch (verdict) {
    case 'ok':
      return {
        label: trans.__('ready'),
        title: trans.__('Nothing stands between this environment and the GPU.')
      };
    case 'degraded':
      return {
        label: trans.__('warnings'),
        title: trans.__(
          'It can use the GPU, with warnings. The report says which.'
        )
      };
    case 'broken':
      return {
        label: trans.__('broken'),
        title: trans.__('It cannot use the GPU as it is. The report says why.')
      };
    case 'cpu':
      return {
        label: trans.__('CPU only'),
        title: trans.__('This machine has no GPU; it trains on the CPU.')
      };
    case null:
      return {
        label: trans.__('not judged'),
        title: trans.__('Nothing is known of its fitness for the GPU.')
      };
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

/** The kernelspecs of an environment that we wrote. */
export function ownedKernelspecs(environment: Environment): string[] {
  return environment.kernelspecs.filter(name => name.startsWith(OWNED));
}

/** The environments in which every word of the text occurs somewhere. */
export function filterEnvironments(
  environments: Environment[],
  text: string
): Environment[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return environments.filter(environment => {
    const all = [
      environment.label,
      environment.name,
      environment.kind,
      environment.prefix,
      ...environment.frameworks.map(framework => framework.name)
    ]
      .join('\n')
      .toLowerCase();
    return words.every(word => all.includes(word));
  });
}
