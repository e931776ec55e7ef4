import type { TranslationBundle } from '@jupyterlab/translation';

import type { Environment, Kernelspec, Verdict } from '../api';

/** `muted`: nothing is wrong, and nothing is known or there to train with. */
export type HealthLevel = 'ok' | 'warning' | 'error' | 'muted';

/** How fit something is: for a badge of one or two words, and in a sentence or two. */
export interface IHealth {
  readonly level: HealthLevel;
  readonly label: string;
  readonly reason: string;
}

/**
 * Whether a kernel of an environment would start and could train, the gravest
 * first. Without a kernelspec: whether one that is added would. Without an
 * environment: what is known of the kernelspec alone.
 */
export function health(
  environment: Environment | null,
  kernelspec: Kernelspec | null,
  trans: TranslationBundle
): IHealth {
  if (kernelspec?.problem) {
    const label =
      kernelspec.repair === 'install-ipykernel'
        ? trans.__('no ipykernel')
        : trans.__('cannot start');
    return { level: 'error', label, reason: kernelspec.problem };
  }
  if (environment === null) {
    return {
      level: 'muted',
      label: trans.__('not judged'),
      reason: trans.__('It belongs to no environment that was found.')
    };
  }
  if (environment.problem) {
    return {
      level: 'error',
      label: trans.__('cannot start'),
      reason: environment.problem
    };
  }
  return fitness(environment, kernelspec, trans);
}

/** Of an environment whose kernel would start, but for a missing ipykernel. */
function fitness(
  environment: Environment,
  kernelspec: Kernelspec | null,
  trans: TranslationBundle
): IHealth {
  const { verdict, summary, activation_problem: activation } = environment;
  if (kernelspec === null && lacksIpykernel(environment)) {
    return {
      level: 'muted',
      label: trans.__('no ipykernel'),
      reason: [
        trans.__('A kernel needs ipykernel, which is not installed in it.'),
        verdict === 'broken' && (summary ?? verdictText(verdict, trans).title)
      ]
        .filter(Boolean)
        .join(' ')
    };
  }
  if (activation && verdict !== 'broken') {
    return {
      level: 'warning',
      label: trans.__('activation'),
      reason: activation
    };
  }
  if (isEmpty(environment)) {
    return {
      level: 'muted',
      label: trans.__('no framework'),
      reason: trans.__('No framework that trains on GPUs is installed in it.')
    };
  }
  const { level, label, title } = verdictText(verdict, trans);
  const told = verdict === 'broken' || verdict === 'degraded';
  return { level, label, reason: told && summary ? summary : title };
}

/**
 * The kernelspec by which an environment is judged: one of ours that would not
 * start, else one that would. Others' broken ones matter where there is no other.
 */
export function tellingKernelspec(
  kernelspecs: readonly Kernelspec[]
): Kernelspec | null {
  return (
    kernelspecs.find(({ owned, problem }) => owned && problem !== null) ??
    kernelspecs.find(({ problem }) => problem === null) ??
    kernelspecs[0] ??
    null
  );
}

/** Whether a Python without ipykernel is all that a kernel could run in. Of one with a problem it is not known. */
export function lacksIpykernel(environment: Environment): boolean {
  const { python, problem, ipykernel, own_kernels } = environment;
  return (
    python !== null &&
    problem === null &&
    ipykernel === null &&
    own_kernels.length === 0
  );
}

/** Nothing is wrong where nothing is installed; that is not being ready to train. */
function isEmpty({ verdict, frameworks }: Environment): boolean {
  return frameworks.length === 0 && (verdict === 'ok' || verdict === null);
}

/** A verdict in two words and in a sentence. */
export function verdictText(
  verdict: Verdict | null,
  trans: TranslationBundle
): { level: HealthLevel; label: string; title: string } {
  switch (verdict) {
    case 'ok':
      return {
        level: 'ok',
        label: trans.__('ready'),
        title: trans.__('Nothing stands between this environment and the GPU.')
      };
    case 'degraded':
      return {
        level: 'warning',
        label: trans.__('warnings'),
        title: trans.__(
          'It can use the GPU, with warnings. The report says which.'
        )
      };
    case 'broken':
      return {
        level: 'error',
        label: trans.__('broken'),
        title: trans.__('It cannot use the GPU as it is. The report says why.')
      };
    case 'cpu':
      return {
        level: 'muted',
        label: trans.__('CPU only'),
        title: trans.__('This machine has no GPU; it trains on the CPU.')
      };
    case null:
      return {
        level: 'muted',
        label: trans.__('not judged'),
        title: trans.__('Nothing is known of its fitness for the GPU.')
      };
  }
}
