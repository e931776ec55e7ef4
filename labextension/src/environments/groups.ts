import type { TranslationBundle } from '@jupyterlab/translation';

import type { Environment, Environments, Kernelspec } from '../api';
import { shareItems } from '../live';
import type { IHealth } from './health';
import { health, tellingKernelspec } from './health';
import { searchText } from './names';

/** An environment with the kernelspecs that start it. */
export interface IEntry {
  readonly environment: Environment;
  readonly kernelspecs: Kernelspec[];
  readonly health: IHealth;
}

/** What the list shows, in its order. */
export interface IGroups {
  /** Those that would not start or not train, by name. */
  readonly attention: IEntry[];
  /** The others, by name. */
  readonly others: IEntry[];
  /** Kernelspecs of no environment that was found; those with a problem first. */
  readonly strays: Kernelspec[];
}

/** Puts environments and kernelspecs in the order in which they are looked for. Keeps unchanged lists. */
export class Grouping {
  constructor(private readonly trans: TranslationBundle) {}

  of(answer: Environments): IGroups {
    const entries = [...answer.environments]
      .sort((one, other) => BY_NAME.compare(one.name, other.name))
      .map(environment => this._entry(environment, answer.kernelspecs));
    this._kernelspecs = new Map(
      entries.map(entry => [entry.environment.id, entry.kernelspecs])
    );
    const known = new Set(answer.environments.map(({ id }) => id));
    return {
      attention: entries.filter(needsAttention),
      others: entries.filter(entry => !needsAttention(entry)),
      strays: answer.kernelspecs
        .filter(({ environment }) => !environment || !known.has(environment))
        .sort(
          (one, other) =>
            Number(other.problem !== null) - Number(one.problem !== null) ||
            BY_NAME.compare(one.display_name, other.display_name)
        )
    };
  }

  private _entry(environment: Environment, all: Kernelspec[]): IEntry {
    const kernelspecs = shareItems(
      this._kernelspecs.get(environment.id) ?? [],
      all.filter(each => each.environment === environment.id),
      each => each.name
    );
    const telling = tellingKernelspec(kernelspecs);
    return {
      environment,
      kernelspecs,
      health: health(environment, telling, this.trans)
    };
  }

  private _kernelspecs: ReadonlyMap<string, Kernelspec[]> = new Map();
}

/** The groups with what every word of a text occurs in. */
export function filterGroups(groups: IGroups, text: string): IGroups {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (all: string) => words.every(word => all.includes(word));
  const fits = (entry: IEntry) =>
    matches(
      searchText(entry.environment, entry.kernelspecs, entry.health.label)
    );
  return {
    attention: groups.attention.filter(fits),
    others: groups.others.filter(fits),
    strays: groups.strays.filter(({ name, display_name }) =>
      matches(`${name}\n${display_name}`.toLowerCase())
    )
  };
}

const BY_NAME = new Intl.Collator(undefined, { numeric: true });

function needsAttention({ health: { level } }: IEntry): boolean {
  return level === 'error' || level === 'warning';
}
