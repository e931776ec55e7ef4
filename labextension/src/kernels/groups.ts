import type { KernelSpec } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Environment, Environments, Kernelspec } from '../api';
import type { IGroup, IItem } from './items';
import { kernelName } from './items';
import type { IKnownSpec } from './make';
import { environmentItem, logoOf, ownKernelItem, specItem } from './make';
import type { ISessionItems } from './session';

/** What the groups are made of. */
export interface ISources {
  readonly specs: KernelSpec.ISpecModels | null;
  readonly answer: Environments | null;
  /** Names of kernelspecs, the one used last first. */
  readonly recent: readonly string[];
  /** Without a session there is only what can be started. */
  readonly session: ISessionItems | null;
}

/**
 * All that can be chosen: the session's own kernel, those used last, the
 * environments of each kind with their kernels, other kernels, no kernel, and
 * running kernels. A kernelspec is in one group alone. Kernels of the session's
 * language come first in each group, and groups that have some come first.
 */
export function groupsOf(
  sources: ISources,
  trans: TranslationBundle
): IGroup[] {
  const { session, recent } = sources;
  if (session?.disabled) {
    return [...session.none];
  }
  const known = knownSpecs(sources);
  const items = new Map(
    known.map(each => [each.name, specItem(each, trans)] as const)
  );
  const take = (names: readonly (string | null | undefined)[]) =>
    names.flatMap(name => items.get(name ?? '') ?? []);
  const own = session?.current ? [session.current] : take([session?.selected]);
  const last = take(recent).filter(item => !own.includes(item));
  const early = new Set([...own, ...last].map(kernelName));
  const rest = known.filter(({ name }) => !early.has(name));
  return [
    { key: 'own', label: session?.label ?? '', items: own },
    { key: 'recent', label: trans.__('Used last'), items: last },
    ...byLanguage(
      [
        ...byKind(sources, rest, items, trans),
        {
          key: 'other',
          label: trans.__('Other kernels'),
          items: sorted(
            take(rest.filter(each => !each.environment).map(({ name }) => name))
          )
        }
      ],
      known,
      session?.language ?? null
    ),
    ...(session?.none ?? []),
    ...(session?.running ?? [])
  ].filter(group => group.items.length > 0);
}

/**
 * The key of the item that is active first: what the session has or JupyterLab
 * would preselect, else of its language what was used last, else the server's
 * default kernel, else any.
 */
export function firstOf(
  groups: readonly IGroup[],
  specs: KernelSpec.ISpecModels | null,
  language: string | null
): string | null {
  const own = groups.find(group => group.key === 'own')?.items[0];
  if (own) {
    return own.key;
  }
  const startable = groups
    .flatMap(group => group.items)
    .filter(item => kernelName(item) !== null);
  const fit = startable.filter(item => {
    const spec = specs?.kernelspecs[kernelName(item) ?? ''];
    return language === null || spec?.language === language;
  });
  const recent = groups.find(group => group.key === 'recent')?.items ?? [];
  const first =
    fit.find(item => recent.includes(item)) ??
    fit.find(item => kernelName(item) === specs?.default) ??
    fit[0] ??
    startable[0];
  return first?.key ?? null;
}

/** Every kernelspec that JupyterLab or our server knows. */
function knownSpecs({ specs, answer }: ISources): IKnownSpec[] {
  const environments = new Map(
    answer?.environments.map(each => [each.id, each])
  );
  const judged = new Map(answer?.kernelspecs.map(each => [each.name, each]));
  const inLab = Object.keys(specs?.kernelspecs ?? {});
  return [...new Set([...inLab, ...judged.keys()])].map(name => ({
    name,
    spec: specs?.kernelspecs[name],
    judged: judged.get(name),
    environment: environments.get(judged.get(name)?.environment ?? '') ?? null
  }));
}

/** The environments of each kind, with their kernelspecs and those that could be added. */
function byKind(
  { specs, answer }: ISources,
  rest: readonly IKnownSpec[],
  items: ReadonlyMap<string, IItem>,
  trans: TranslationBundle
): IGroup[] {
  const logo = logoOf(specs?.kernelspecs['python3']);
  const groups = new Map<Environment['kind'], IItem[]>();
  for (const environment of answer?.environments ?? []) {
    const group = groups.get(environment.kind) ?? [];
    groups.set(environment.kind, group);
    const served = rest.filter(each => each.environment === environment);
    group.push(
      ...served.flatMap(({ name }) => items.get(name) ?? []),
      ...missing(environment, answer!, logo, trans)
    );
  }
  return [...groups].map(([kind, group]) => ({
    key: `kind:${kind}`,
    label: kindText(kind, trans),
    items: sorted(group)
  }));
}

/** The kernels that an environment could have and has not. */
function missing(
  environment: Environment,
  answer: Environments,
  logo: string | null,
  trans: TranslationBundle
): IItem[] {
  const specs = answer.kernelspecs.filter(
    each => each.environment === environment.id
  );
  const own = environment.own_kernels.filter(
    ({ name, language }) =>
      !specs.some(each => each.kernel === name || speaks(each, language))
  );
  // One that holds R alone has no Python to start, and nothing is wrong with it.
  const bare =
    environment.python === null &&
    environment.problem === null &&
    environment.own_kernels.length > 0;
  const python =
    bare || specs.some(each => speaks(each, 'python'))
      ? []
      : [environmentItem(environment, logo, trans)];
  return [
    ...python,
    ...own.map(each => ownKernelItem(environment, each, trans))
  ];
}

/** Whether a kernelspec starts what an environment has for a language; without one that is Python. */
function speaks(spec: Kernelspec, language: string | null): boolean {
  const spoken = spec.language ?? 'python';
  return (
    spec.kernel === null && spoken.toLowerCase() === language?.toLowerCase()
  );
}

/** What is of the language first: within the groups, and the groups that have some. */
function byLanguage(
  groups: IGroup[],
  known: readonly IKnownSpec[],
  language: string | null
): IGroup[] {
  if (language === null) {
    return groups;
  }
  const languages = new Map(
    known.map(({ name, spec, judged }) => [
      name,
      spec?.language ?? judged?.language
    ])
  );
  const rank = (item: IItem) => {
    const name = kernelName(item);
    // What could be added is Python as a rule, and stays beside it.
    const spoken = name === null ? 'python' : languages.get(name);
    return spoken?.toLowerCase() === language.toLowerCase() ? 0 : 1;
  };
  const best = (group: IGroup) => Math.min(1, ...group.items.map(rank));
  return groups
    .map(group => ({
      ...group,
      items: [...group.items].sort((a, b) => rank(a) - rank(b))
    }))
    .sort((a, b) => best(a) - best(b));
}

/** What can be started comes first, then what would have to be added, then what cannot be chosen. */
function sorted(items: readonly IItem[]): IItem[] {
  return [...items].sort(
    (a, b) =>
      Number(a.disabled) - Number(b.disabled) ||
      Number(a.choice === undefined) - Number(b.choice === undefined) ||
      a.label.localeCompare(b.label, undefined, { numeric: true })
  );
}

/** How environments of a kind are called. */
export function kindText(
  kind: Environment['kind'],
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'conda':
      return trans.__('conda environments');
    case 'pixi':
      return trans.__('pixi environments');
    case 'venv':
      return trans.__('venv environments');
    case 'virtualenv':
      return trans.__('virtualenv environments');
    case 'uv':
      return trans.__('uv environments');
    case 'poetry':
      return trans.__('Poetry environments');
    case 'pipenv':
      return trans.__('Pipenv environments');
    case 'hatch':
      return trans.__('Hatch environments');
    case 'pyenv':
      return trans.__('pyenv versions');
    case 'system':
      return trans.__('System Python');
  }
}
