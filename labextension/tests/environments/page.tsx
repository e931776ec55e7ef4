import { act, render, screen } from '@testing-library/react';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import type { Environments, Report, Task } from '../../src/api';
import type {
  IEnvironmentActions,
  IEnvironments
} from '../../src/environments';
import { EnvironmentList } from '../../src/environments/list';
import { Postponed } from '../../src/environments/postponed';
import { TestFixing } from '../fixes/fixing';
import { shareEnvironments } from '../../src/live/share';
import { TestLive } from '../fakes';
import { kernelspec, task } from '../samples';
import { StandInServer } from '../server';

export const trans = nullTranslator.load('');

export const REPORT: Report = {
  schema: 'tfgpu.report/1',
  verdict: 'broken',
  summary: 'TensorFlow will not use the GPU.',
  framework: { name: 'tensorflow', version: '2.21.0' },
  environment: null,
  simulated: false,
  findings: [
    {
      code: 'cpu-only-build',
      severity: 'error',
      title: 'This TensorFlow is built for the CPU',
      detail: 'The build has no CUDA in it.',
      framework: 'tensorflow',
      evidence: ['build_info.py: is_cuda_build False'],
      fixes: [
        {
          title: 'Install the GPU build',
          commands: ['pip install tensorflow[and-cuda]'],
          where: 'terminal',
          automatic: false,
          sets: {},
          unsets: [],
          repairs: null
        }
      ]
    }
  ]
};

/** Actions that do at once what they are for. */
export function testActions(): jest.Mocked<IEnvironmentActions> {
  const gives = <T,>(value: T) => jest.fn(() => Promise.resolve(value));
  const actions: IEnvironmentActions = {
    addKernel: gives(kernelspec()),
    installIpykernel: gives(task()),
    removeKernel: gives(true),
    renameKernel: gives(kernelspec()),
    repair: gives(task()),
    sync: gives(null),
    cancel: gives(task()),
    report: gives(REPORT),
    fixing: jest.fn(() => new TestFixing()),
    refresh: gives(true)
  };
  return actions as jest.Mocked<IEnvironmentActions>;
}

/** Environments that are what the test tells. */
export class TestEnvironments implements IEnvironments {
  readonly changed: Signal<IEnvironments, void> = new Signal(this);
  readonly tasksChanged: Signal<IEnvironments, void> = new Signal(this);
  readonly actions = testActions();
  readonly reread = () => Promise.resolve();
  answer: Environments | null = null;
  tasks: ReadonlyMap<string, Task> = new Map();

  tell(answer: Environments): void {
    this.answer = shareEnvironments(this.answer, answer);
    this.changed.emit();
  }

  tellTask(next: Task): void {
    this.tasks = new Map([...this.tasks, [next.id, next]]);
    this.tasksChanged.emit();
  }
}

/** A storage of this test alone. */
export function testStorage(): Pick<Storage, 'getItem' | 'setItem'> {
  const items = new Map<string, string>();
  return {
    getItem: name => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value)
  };
}

/** The list on a page, with what is in it told. */
export function showList(answer: Environments, storage = testStorage()) {
  const live = new TestLive(new StandInServer());
  const environments = new TestEnvironments();
  const page = render(
    <EnvironmentList
      live={live}
      environments={environments}
      postponed={new Postponed(() => storage)}
      trans={trans}
    />
  );
  act(() => environments.tell(answer));
  return { live, environments, actions: environments.actions, page };
}

export const cards = () => screen.queryAllByRole('region');
