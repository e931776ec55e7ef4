import type { KernelSpec } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Environment, Kernelspec } from '../api';
import { health } from '../environments';
import type { IItem, KernelChoice } from './items';
import { comparable } from './search';

type Spec = KernelSpec.ISpecModel;

/** A kernelspec, with what our server knows of it. */
export interface IKnownSpec {
  readonly name: string;
  /** As JupyterLab knows it; undefined where it has not heard of it yet. */
  readonly spec: Spec | undefined;
  /** As our server judges it. */
  readonly judged: Kernelspec | undefined;
  readonly environment: Environment | null;
}

/** A kernelspec that can be started. */
export function specItem(known: IKnownSpec, trans: TranslationBundle): IItem {
  const { name, spec, judged, environment } = known;
  const label = spec?.display_name ?? judged?.display_name ?? name;
  const found =
    environment || judged ? health(environment, judged ?? null, trans) : null;
  const place = environment?.prefix ?? judged?.interpreter ?? null;
  const repair = judged?.repair ?? null;
  return {
    key: `spec:${name}`,
    label,
    detail: place ?? language(spec) ?? '',
    title: lines(label, found?.reason, place, trans.__('Kernelspec: %1', name)),
    logo: logoOf(spec),
    health: found,
    text: comparable(
      lines(label, name, spec?.language, place, factsOf(environment))
    ),
    choice: { name },
    need: repair && {
      what: 'repair',
      kernelspec: name,
      environment,
      install: repair === 'install-ipykernel'
    },
    disabled: false
  };
}

/** An environment that no kernelspec starts yet. */
export function environmentItem(
  environment: Environment,
  logo: string | null,
  trans: TranslationBundle
): IItem {
  const { id, label, prefix, problem, ipykernel } = environment;
  const found = health(environment, null, trans);
  return {
    key: `environment:${id}`,
    label,
    detail: prefix,
    title: lines(label, found.reason, prefix),
    logo,
    health: found,
    text: comparable(lines(label, prefix, factsOf(environment))),
    choice: undefined,
    need: {
      what: 'add',
      environment,
      kernel: null,
      install: ipykernel === null
    },
    // Nothing can be started in it, nor installed.
    disabled: problem !== null
  };
}

/** A kernel of another language in an environment, which no kernelspec starts yet. */
export function ownKernelItem(
  environment: Environment,
  own: Environment['own_kernels'][number],
  trans: TranslationBundle
): IItem {
  const { id, name, prefix } = environment;
  const label = `${name} · ${own.display_name}`;
  return {
    key: `own:${id}:${own.name}`,
    label,
    detail: prefix,
    title: lines(
      label,
      prefix,
      own.language && trans.__('Language: %1', own.language)
    ),
    logo: null,
    health: null,
    text: comparable(
      lines(label, own.name, own.language, prefix, environment.kind)
    ),
    choice: undefined,
    need: { what: 'add', environment, kernel: own.name, install: false },
    disabled: false
  };
}

/** A running kernel to join, or no kernel: as JupyterLab names it. */
export function plainItem(
  key: string,
  option: { text: string; title?: string; value: string },
  changes: Partial<IItem> = {}
): IItem {
  const { text, title } = option;
  return {
    key,
    label: text,
    detail: '',
    title: title ?? text,
    logo: null,
    health: null,
    text: comparable(lines(text, title)),
    choice: JSON.parse(option.value) as KernelChoice,
    need: null,
    disabled: false,
    ...changes
  };
}

/** The address of a kernelspec's picture. */
export function logoOf(spec: Spec | undefined): string | null {
  return spec?.resources['logo-svg'] ?? spec?.resources['logo-64x64'] ?? null;
}

function language(spec: Spec | undefined): string | null {
  return spec?.language || null;
}

/** What else an environment can be found by. */
function factsOf(environment: Environment | null): string {
  return environment
    ? lines(
        environment.label,
        environment.name,
        environment.kind,
        environment.python && `python ${environment.python}`,
        ...environment.frameworks.flatMap(({ name, version, build }) => [
          name,
          // Torch calls itself so; people call it PyTorch.
          name === 'torch' ? 'pytorch' : null,
          version,
          build
        ])
      )
    : '';
}

function lines(...parts: (string | null | undefined | false)[]): string {
  return parts.filter(Boolean).join('\n');
}
