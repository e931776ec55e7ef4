import type { KernelSpec } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import type {
  Environment,
  Environments,
  Kernelspec,
  Task
} from '../../src/api';
import type {
  IEnvironmentActions,
  IEnvironments
} from '../../src/environments';
import type { IGroup } from '../../src/kernels/items';
import { KernelOffers } from '../../src/kernels/offers';
import { RecentKernels } from '../../src/kernels/recent';
import { TestLive } from '../fakes';
import { environment, environments, kernelspec } from '../samples';
import { StandInServer } from '../server';

export const trans = nullTranslator.load('');

/** What the server knows, as the test says. */
export class TestEnvironments implements IEnvironments {
  constructor(public answer: Environments | null = null) {}

  readonly changed: Signal<IEnvironments, void> = new Signal(this);
  readonly tasksChanged: Signal<IEnvironments, void> = new Signal(this);
  tasks: ReadonlyMap<string, Task> = new Map();
  // The picker has dialogs of its own for what these ask.
  readonly actions = {} as IEnvironmentActions;
  reread = jest.fn(() => Promise.resolve());

  tell(answer: Environments): void {
    this.answer = answer;
    this.changed.emit();
  }

  tellTask(task: Task): void {
    this.tasks = new Map([...this.tasks, [task.id, task]]);
    this.tasksChanged.emit();
  }
}

/** JupyterLab's kernelspecs. */
export class TestSpecs {
  constructor(public specs: KernelSpec.ISpecModels | null = null) {}

  readonly specsChanged = new Signal<
    KernelSpec.IManager,
    KernelSpec.ISpecModels
  >(this as unknown as KernelSpec.IManager);
}

/** A kernelspec as JupyterLab has it. */
export function spec(
  name: string,
  changes: Partial<KernelSpec.ISpecModel> = {}
): KernelSpec.ISpecModel {
  return {
    name,
    display_name: name,
    language: 'python',
    argv: [],
    resources: { 'logo-svg': `/logos/${name}.svg` },
    ...changes
  };
}

export function specModels(
  ...specs: KernelSpec.ISpecModel[]
): KernelSpec.ISpecModels {
  return {
    default: 'python3',
    kernelspecs: Object.fromEntries(specs.map(each => [each.name, each]))
  };
}

/** So many environments `env0`, `env1` …, each with a kernelspec of ours. */
export function manyEnvironments(count: number): Environments {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const all = numbers.map(index =>
    environment({
      id: `id${index}`,
      name: `env${index}`,
      label: `env${index} · Python 3.11`,
      prefix: `/envs/env${index}`,
      kernelspecs: [`tfgpu-env${index}`]
    })
  );
  return {
    ...environments(...all),
    kernelspecs: all.map((each, index) => specOf(each, `tfgpu-env${index}`))
  };
}

/** A kernelspec of ours for an environment. */
export function specOf(
  { id, label }: Environment,
  name: string,
  changes: Partial<Kernelspec> = {}
): Kernelspec {
  return kernelspec({ name, environment: id, display_name: label, ...changes });
}

/** The labels in each group, by the group's label. */
export function shown(groups: readonly IGroup[]): Record<string, string[]> {
  return Object.fromEntries(
    groups.map(({ label, items }) => [label, items.map(item => item.label)])
  );
}

/** What a browser would keep. */
export class TestStorage {
  readonly values = new Map<string, string>();

  getItem(key: string): string | null {
    return this.values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.values.set(key, value);
  }
}

/** The offers of a server that has told what it knows. */
export function offersOf(answer: Environments | null, specs: TestSpecs) {
  const server = new StandInServer();
  const live = new TestLive(server);
  live.environments = answer;
  const known = new TestEnvironments(answer);
  const recent = new RecentKernels(() => storage);
  const storage = new TestStorage();
  const offers = new KernelOffers(live.client, known, specs, recent, trans);
  return { server, live, known, recent, offers };
}
