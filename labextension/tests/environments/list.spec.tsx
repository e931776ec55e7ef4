import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import {
  act,
  fireEvent,
  render,
  screen,
  waitFor,
  within
} from '@testing-library/react';
import * as React from 'react';

import { ApiError } from '../../src/api';
import type { Environment, Kernelspec, Report } from '../../src/api';
import type { IEnvironmentActions } from '../../src/environments/actions';
import { EnvironmentList } from '../../src/environments/list';
import { TestLive } from '../fakes';
import { environment, environments } from '../samples';
import { StandInServer } from '../server';

const trans = nullTranslator.load('');

const REPORT: Report = {
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
          automatic: false
        }
      ]
    }
  ]
};

const ADDED: Kernelspec = {
  name: 'tfgpu-tf2',
  display_name: 'tf2 · Python 3.11',
  owned: true,
  language: 'python',
  environment: 'abcdef012345',
  interpreter: null,
  problem: null,
  repair: null
};

function show(
  items: Environment[],
  changes: Partial<IEnvironmentActions> = {}
) {
  const live = new TestLive(new StandInServer());
  const actions = {
    addKernel: jest.fn(() => Promise.resolve(ADDED)),
    removeKernel: jest.fn(() => Promise.resolve()),
    report: jest.fn(() => Promise.resolve(REPORT)),
    refresh: jest.fn(() => Promise.resolve()),
    ...changes
  };
  render(<EnvironmentList live={live} actions={actions} trans={trans} />);
  act(() => live.tellEnvironments(environments(...items)));
  return { live, actions };
}

const cards = () => screen.queryAllByRole('region');

describe('The environments', () => {
  it('are listed with what they hold, where they lie and their verdict', () => {
    show([
      environment(),
      environment({
        id: '2',
        name: 'pt',
        label: 'pt',
        verdict: 'ok',
        frameworks: [
          { name: 'torch', version: '2.13.0', build: 'gpu', cuda: '12.8' }
        ]
      })
    ]);
    const [first, second] = cards();
    expect(first?.textContent).toContain('TensorFlow 2.21.0 · CPU build');
    expect(first?.textContent).toContain('venv · Python 3.11.7');
    expect(within(first!).getByTitle('/home/me/envs/tf2')).toBeTruthy();
    expect(within(first!).getByText('broken').title).toMatch(
      /cannot use the GPU/
    );
    expect(second?.textContent).toContain(
      'PyTorch 2.13.0 · GPU build, CUDA 12.8'
    );
    expect(within(second!).getByText('ready')).toBeTruthy();
  });

  it.each([
    ['ok', 'ready'],
    ['degraded', 'warnings'],
    ['broken', 'broken'],
    ['cpu', 'CPU only'],
    [null, 'not judged']
  ] as const)('with the verdict %s say “%s” in words', (verdict, words) => {
    show([environment({ verdict })]);
    expect(screen.getByText(words).title).not.toBe('');
  });

  it.each(['ok', null] as const)(
    'without a framework are called so (%s)',
    verdict => {
      show([environment({ verdict, frameworks: [] })]);
      expect(screen.queryByText('ready')).toBeNull();
      expect(screen.getByText('no framework')).toBeTruthy();
    }
  );

  it('without ipykernel say that before it is needed', () => {
    show([environment({ ipykernel: null })]);
    expect(cards()[0]?.textContent).toContain('no ipykernel');
  });

  it('say what is wrong with them', () => {
    show([environment({ problem: 'Its interpreter is gone.', python: null })]);
    expect(screen.getByRole('status').textContent).toBe(
      'Its interpreter is gone.'
    );
  });

  it('say so where there is none', () => {
    show([]);
    expect(screen.getByRole('note').textContent).toBe(
      'No environment was found.'
    );
  });

  it('name the places that could not be looked at', () => {
    const { live } = show([environment()]);
    const problem = 'The folder /net/envs did not answer within 3 s.';
    act(() =>
      live.tellEnvironments({
        ...environments(environment()),
        problems: [problem]
      })
    );
    expect(screen.getByText(problem)).toBeTruthy();
    expect(cards()).toHaveLength(1);
  });

  it('can be filtered where they are many', () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      environment({ id: `${index}`, name: `env${index}`, label: `env${index}` })
    );
    show(many);
    const field = screen.getByRole('searchbox');
    fireEvent.change(field, { target: { value: 'ENV3 tensorflow' } });
    expect(cards().map(card => card.getAttribute('aria-label'))).toEqual([
      'env3'
    ]);
    fireEvent.change(field, { target: { value: 'nothing' } });
    expect(screen.getByRole('note').textContent).toBe(
      'No environment matches.'
    );
  });

  it('have no filter where they are few', () => {
    show([environment()]);
    expect(screen.queryByRole('searchbox')).toBeNull();
  });
});

describe('A server without the extension', () => {
  it('can list none, in one sentence', () => {
    const { live } = show([environment()]);
    act(() => live.tellState('no-extension'));
    expect(screen.getByRole('note').textContent).toMatch(
      /Without the server part/
    );
    expect(cards()).toEqual([]);
  });
});

describe('A kernel', () => {
  const add = () =>
    screen.getByRole('button', { name: 'Add a kernel for tf2' });

  it('is added, with the button out of reach meanwhile', async () => {
    let done = () => {};
    const addKernel = jest.fn(
      () => new Promise<Kernelspec>(resolve => (done = () => resolve(ADDED)))
    );
    const said = jest.spyOn(Notification, 'success').mockReturnValue('');
    show([environment()], { addKernel });
    fireEvent.click(add());
    expect(add()).toHaveProperty('disabled', true);
    expect(add().textContent).toBe('Adding…');
    await act(async () => done());
    expect(add()).toHaveProperty('disabled', false);
    expect(addKernel).toHaveBeenCalledTimes(1);
    expect(said.mock.calls[0]?.[0]).toContain(ADDED.display_name);
  });

  it('that could not be added says why, with the command that helps', async () => {
    const addKernel = () =>
      Promise.reject(
        new ApiError(
          'ipykernel is missing in tf2. Install it with: pip install ipykernel',
          'ipykernel-missing',
          409,
          { command: 'pip install ipykernel' }
        )
      );
    show([environment()], { addKernel });
    fireEvent.click(add());
    const message = await screen.findByRole('status');
    expect(message.textContent).toContain('ipykernel is missing in tf2.');
    expect(message.querySelector('code')?.textContent).toBe(
      'pip install ipykernel'
    );
    expect(within(message).getByRole('button', { name: /Copy/ })).toBeTruthy();
  });

  it('of ours can be removed, and that of others cannot', async () => {
    const kernelspecs = ['python3', 'tfgpu-tf2'];
    const { actions } = show([environment({ kernelspecs })]);
    await act(async () => {
      fireEvent.click(
        screen.getByRole('button', { name: 'Remove the kernel of tf2' })
      );
    });
    expect(actions.removeKernel).toHaveBeenCalledTimes(1);
    expect(actions.removeKernel).toHaveBeenCalledWith('tfgpu-tf2');
    expect(screen.queryByRole('button', { name: /Add a kernel/ })).toBeNull();
  });

  it('of others does not stand in the way of ours', () => {
    show([environment({ kernelspecs: ['python3'] })]);
    expect(add()).toBeTruthy();
  });
});

describe('The report', () => {
  it('says nothing twice', async () => {
    const title = REPORT.findings[0]!.title;
    const report = () => Promise.resolve({ ...REPORT, summary: `${title}.` });
    show([environment()], { report });
    fireEvent.click(screen.getByRole('button', { name: 'Report on tf2' }));
    expect(await screen.findByText(title)).toBeTruthy();
    expect(screen.queryByText(`${title}.`)).toBeNull();
  });

  it('opens with its findings, ways out and evidence, and closes again', async () => {
    show([environment()]);
    const button = screen.getByRole('button', { name: 'Report on tf2' });
    expect(button.getAttribute('aria-expanded')).toBe('false');
    fireEvent.click(button);
    await waitFor(() => screen.getByText(REPORT.summary));
    expect(button.getAttribute('aria-expanded')).toBe('true');
    expect(
      screen.getByText('This TensorFlow is built for the CPU')
    ).toBeTruthy();
    expect(document.querySelector('code')?.textContent).toBe(
      'pip install tensorflow[and-cuda]'
    );
    expect(screen.getByText('(in a terminal)')).toBeTruthy();
    expect(screen.getByText(/is_cuda_build False/)).toBeTruthy();
    fireEvent.click(button);
    expect(screen.queryByText(REPORT.summary)).toBeNull();
  });

  it('that fails says so in its place', async () => {
    const report = () => Promise.reject(new Error('The scan failed'));
    show([environment()], { report });
    fireEvent.click(screen.getByRole('button', { name: 'Report on tf2' }));
    expect((await screen.findByRole('status')).textContent).toBe(
      'The scan failed'
    );
  });

  it('on a simulated machine is marked', async () => {
    const report = () => Promise.resolve({ ...REPORT, simulated: true });
    show([environment()], { report });
    fireEvent.click(screen.getByRole('button', { name: 'Report on tf2' }));
    expect(await screen.findByText('simulated machine')).toBeTruthy();
  });
});
