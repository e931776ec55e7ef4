import { act, fireEvent, screen, within } from '@testing-library/react';

import type { Environment, Kernelspec } from '../../src/api';
import { ApiError } from '../../src/api';
import type { IHandler } from '../../src/environments';
import { environment, environments, kernelspec, task } from '../samples';
import { REPORT, cards, showList, testStorage } from './page';

const button = (name: string | RegExp) => screen.getByRole('button', { name });
const toggle = (name: string) =>
  screen.getByRole('button', { name, expanded: false });

/** The list with these environments and kernelspecs. */
function show(items: Environment[], kernelspecs: Kernelspec[] = []) {
  return showList({ ...environments(...items), kernelspecs });
}

function names(): (string | null)[] {
  return cards().map(card => card.getAttribute('data-environment'));
}

/** A promise that the test fulfils. */
function later<T>() {
  let done: (value: T) => void = () => undefined;
  const promise = new Promise<T>(resolve => (done = resolve));
  return { promise, done };
}

describe('The environments', () => {
  it('are listed with what they hold, where they lie and how fit they are', () => {
    show([
      environment(),
      environment({
        id: '2',
        name: 'pt',
        label: 'pt',
        verdict: 'ok',
        frameworks: [
          { name: 'torch', version: '2.13.0', build: 'gpu', cuda: '12.8' },
          { name: 'jax', version: '0.9', build: 'gpu', cuda: null }
        ]
      })
    ]);
    const [first, second] = cards();
    expect(first?.textContent).toContain(
      'venv · Python 3.11.7 · TensorFlow 2.21.0 · CPU build'
    );
    expect(within(first!).getByTitle('/home/me/envs/tf2')).toBeTruthy();
    expect(within(first!).getByText('broken').title).toMatch(
      /cannot use the GPU/
    );
    expect(second?.textContent).toContain(
      'PyTorch 2.13.0 · GPU build, CUDA 12.8 · +1'
    );
    expect(within(second!).getByText('ready')).toBeTruthy();
  });

  it('stand by name, those that need attention first', () => {
    const ok = (id: string, name: string) =>
      environment({ id, name, label: name, verdict: 'ok' });
    show([
      ok('1', 'env10'),
      ok('2', 'env9'),
      environment({ id: '3', name: 'z', label: 'z', verdict: 'degraded' }),
      environment({ id: '4', name: 'y', label: 'y', problem: 'It is gone.' })
    ]);
    expect(names()).toEqual(['y', 'z', 'env9', 'env10']);
    expect(
      screen.getAllByRole('heading').map(heading => heading.textContent)
    ).toEqual(['Needs attention 2', 'Others 2']);
  });

  it('have no headings where nothing needs attention', () => {
    show([environment({ verdict: 'ok' })]);
    expect(screen.queryByRole('heading')).toBeNull();
  });

  it('say what is wrong with them and with their activation', () => {
    show([
      environment({
        problem: 'Its interpreter is gone.',
        python: null,
        activation_problem: 'The script `gpu.sh` hung.'
      })
    ]);
    expect(
      screen.getAllByRole('status').map(message => message.textContent)
    ).toEqual(['Its interpreter is gone.', 'The script gpu.sh hung.']);
    expect(screen.queryByRole('button', { name: /Add/ })).toBeNull();
  });

  it('say so where there is none', () => {
    show([]);
    expect(screen.getByRole('note').textContent).toBe(
      'No environment was found.'
    );
  });

  it('end with the places that could not be looked at', () => {
    const problem = 'The folder /net/envs did not answer within 3 s.';
    showList({ ...environments(environment()), problems: [problem] });
    expect(screen.getByText('1 place could not be looked at')).toBeTruthy();
    expect(screen.getByText(problem).closest('details')?.open).toBe(false);
  });

  it('can be filtered where they are many, by name, content, kernel and badge', () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      environment({
        id: `${index}`,
        name: `env${index}`,
        label: `env${index}`,
        verdict: index === 5 ? 'ok' : 'broken'
      })
    );
    show(many, [kernelspec({ environment: '7', display_name: 'Thesis' })]);
    const field = screen.getByRole('searchbox');
    const filtered = (value: string) => {
      fireEvent.change(field, { target: { value } });
      return names();
    };
    expect(filtered('ENV3 tensorflow')).toEqual(['env3']);
    expect(filtered('ready')).toEqual(['env5']);
    expect(filtered('thesis')).toEqual(['env7']);
    expect(filtered('nothing')).toEqual([]);
    expect(screen.getByRole('note').textContent).toBe(
      'No environment matches.'
    );
  });

  it('have no filter where they are few', () => {
    show([environment()]);
    expect(screen.queryByRole('searchbox')).toBeNull();
  });

  it('cannot be listed by a server without the extension', () => {
    const { live } = show([environment()]);
    act(() => live.tellState('no-extension'));
    expect(screen.getByRole('note').textContent).toMatch(
      /Without the server part/
    );
    expect(cards()).toEqual([]);
  });
});

describe('A kernel', () => {
  const ADD = 'Add a kernel for tf2';
  const REMOVE = 'Remove the kernel of tf2';

  it('is added by a button that keeps the focus and becomes the one that removes it', async () => {
    const { promise, done } = later<Kernelspec | null>();
    const { actions, environments: page } = show([environment()]);
    actions.addKernel.mockReturnValue(promise);
    const add = button(ADD);
    add.focus();
    fireEvent.click(add);
    fireEvent.click(add);
    expect(add.textContent).toBe('Adding…');
    expect(add.getAttribute('aria-disabled')).toBe('true');
    expect(actions.addKernel).toHaveBeenCalledTimes(1);
    await act(async () => done(kernelspec()));
    const next = {
      ...environments(environment()),
      kernelspecs: [kernelspec()]
    };
    act(() => page.tell(next));
    expect(button(REMOVE)).toBe(add);
    expect(document.activeElement).toBe(add);
  });

  it('that could not be added says why, with the command that helps', async () => {
    const { actions } = show([environment()]);
    actions.addKernel.mockImplementation(async (_, __, handler?: IHandler) => {
      handler?.failed?.(
        new ApiError('No room. Make some with: df -h', 'not-written', 409, {
          command: 'df -h'
        })
      );
      return null;
    });
    await act(async () => void fireEvent.click(button(ADD)));
    const message = screen.getByRole('status');
    expect(message.textContent).toContain('No room.');
    expect(message.querySelector('code')?.textContent).toBe('df -h');
    expect(button(ADD).getAttribute('aria-disabled')).toBeNull();
  });

  it('of ours can be renamed and removed, and that of others cannot', async () => {
    const ours = kernelspec();
    const others = kernelspec({
      name: 'python3',
      display_name: 'Python 3',
      owned: false
    });
    const { actions } = show([environment()], [ours, others]);
    fireEvent.click(toggle('tf2'));
    expect(
      screen.queryByRole('button', { name: 'Rename Python 3' })
    ).toBeNull();
    expect(screen.getByText(/left as it is/)).toBeTruthy();
    fireEvent.click(button(`Remove ${ours.display_name}`));
    await act(async () => undefined);
    expect(actions.removeKernel.mock.calls[0]?.[0]).toBe(ours);
  });

  it.each([
    ['Enter', 'Thesis', 'Thesis'],
    ['Enter', ' ', ''],
    ['Enter', kernelspec().display_name, undefined],
    ['Escape', 'Thesis', undefined]
  ])('is renamed in its place: %s after “%s”', async (key, typed, sent) => {
    const { actions } = show([environment()], [kernelspec()]);
    fireEvent.click(toggle('tf2'));
    const rename = button(`Rename ${kernelspec().display_name}`);
    fireEvent.click(rename);
    const field = screen.getByRole('textbox', { name: /^New name/ });
    expect(document.activeElement).toBe(field);
    fireEvent.change(field, { target: { value: typed } });
    await act(async () => void fireEvent.keyDown(field, { key }));
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(document.activeElement).toBe(rename);
    expect(actions.renameKernel.mock.calls.map(call => call[1])).toEqual(
      sent === undefined ? [] : [sent]
    );
  });

  it('that cannot start says why and can be repaired', async () => {
    const broken = kernelspec({
      problem: 'Its interpreter is gone.',
      repair: 'rewrite'
    });
    const { actions } = show([environment({ verdict: 'ok' })], [broken]);
    expect(screen.getByText('cannot start').title).toBe(broken.problem);
    fireEvent.click(button('Repair the kernel of tf2'));
    await act(async () => undefined);
    expect(actions.repair.mock.calls[0]?.[0]).toBe(broken);
  });

  it('of no environment is shown where it needs attention, and quietly where not', () => {
    const lost = kernelspec({
      name: 'tfgpu-old',
      display_name: 'old',
      environment: 'gone',
      problem: 'Its environment is gone.'
    });
    const julia = kernelspec({
      name: 'julia',
      display_name: 'Julia',
      environment: null,
      owned: false
    });
    show([environment({ verdict: 'ok' })], [lost, julia]);
    expect(screen.getByRole('heading', { name: /attention/ })).toBeTruthy();
    expect(button('Remove old')).toBeTruthy();
    expect(screen.getByText('1 kernel of no environment')).toBeTruthy();
    expect(screen.getByText('Julia').closest('details')?.open).toBe(false);
  });

  it('that lies in the environment can be added, once', async () => {
    const withR = environment({
      own_kernels: [{ name: 'ir', display_name: 'R 4.4', language: 'R' }]
    });
    const { actions, environments: page } = show([withR]);
    fireEvent.click(toggle('tf2'));
    fireEvent.click(button('Add the kernel R 4.4 of tf2'));
    await act(async () => undefined);
    expect(actions.addKernel.mock.calls[0]?.slice(0, 2)).toEqual([withR, 'ir']);
    const added = kernelspec({ name: 'tfgpu-tf2-ir', kernel: 'ir' });
    act(() => page.tell({ ...environments(withR), kernelspecs: [added] }));
    expect(screen.queryByRole('button', { name: /Add the kernel/ })).toBeNull();
    // It is not the one of the environment's Python.
    expect(button(ADD)).toBeTruthy();
  });
});

describe('The focus', () => {
  it('stays on a card whose group changes, or whose button is gone', async () => {
    const two = environment({ id: '2', name: 'a', label: 'a', verdict: 'ok' });
    const { environments: page } = show([environment(), two]);
    expect(names()).toEqual(['tf2', 'a']);
    const mine = toggle('tf2');
    mine.focus();
    act(() => page.tell(environments(environment({ verdict: 'ok' }), two)));
    expect(names()).toEqual(['a', 'tf2']);
    expect(document.activeElement).toBe(mine);

    const add = button('Add a kernel for tf2');
    add.focus();
    const gone = environment({ verdict: 'ok', python: null });
    act(() => page.tell(environments(gone, two)));
    expect(document.activeElement).toBe(mine);
  });

  it('is not taken from elsewhere', () => {
    const { environments: page } = show([environment()]);
    toggle('tf2').focus();
    toggle('tf2').blur();
    act(() => page.tell(environments(environment({ verdict: 'ok' }))));
    expect(document.activeElement).toBe(document.body);
  });
});

describe('A report', () => {
  const open = async () => {
    fireEvent.click(toggle('tf2'));
    fireEvent.click(button('Report on tf2'));
    await act(async () => undefined);
  };

  it('opens with its findings, ways out and evidence, and closes again', async () => {
    show([environment()]);
    await open();
    expect(screen.getByText(REPORT.summary)).toBeTruthy();
    const asked = button('Report on tf2');
    expect(asked.getAttribute('aria-expanded')).toBe('true');
    expect(screen.getByText(REPORT.findings[0]!.title)).toBeTruthy();
    expect(screen.getByText('(in a terminal)')).toBeTruthy();
    expect(screen.getByText(/is_cuda_build False/)).toBeTruthy();
    fireEvent.click(asked);
    expect(screen.queryByText(REPORT.summary)).toBeNull();
  });

  it('whose summary is the title of its finding says it once', async () => {
    const { title } = REPORT.findings[0]!;
    const { actions } = show([environment()]);
    actions.report.mockResolvedValue({ ...REPORT, summary: `${title}.` });
    await open();
    expect(screen.getByText(title)).toBeTruthy();
    expect(screen.queryByText(`${title}.`)).toBeNull();
  });

  it('on a simulated machine is marked', async () => {
    const { actions } = show([environment()]);
    actions.report.mockResolvedValue({ ...REPORT, simulated: true });
    await open();
    expect(screen.getByText('simulated machine')).toBeTruthy();
  });
});

describe('A task', () => {
  it('shows how far it is on its card, and can be cancelled while that leaves nothing', async () => {
    const { environments: page, actions } = show([environment()]);
    const running = task({ progress: 0.4, log: ['one', 'Fetching ipykernel'] });
    act(() => page.tellTask(running));
    const [card] = cards();
    const bar = within(card!).getByRole('progressbar');
    expect(bar.getAttribute('aria-valuenow')).toBe('40');
    expect(screen.getByText('Fetching ipykernel')).toBeTruthy();
    fireEvent.click(button(/^Cancel/));
    await act(async () => undefined);
    expect(actions.cancel.mock.calls[0]?.[0]).toBe(running);
    act(() => page.tellTask({ ...running, cancellable: false }));
    fireEvent.click(button(/^Cancel/));
    expect(actions.cancel).toHaveBeenCalledTimes(1);
  });

  it('whose progress is not known says no number', () => {
    const { environments: page } = show([environment()]);
    act(() => page.tellTask(task()));
    const bar = screen.getByRole('progressbar');
    expect(bar.getAttribute('aria-valuenow')).toBeNull();
  });

  it('that failed says why until it is dismissed; the card offers the way again', () => {
    const { environments: page } = show([environment({ ipykernel: null })]);
    act(() =>
      page.tellTask(task({ state: 'failed', message: 'No route to host.' }))
    );
    expect(screen.getByText('No route to host.')).toBeTruthy();
    expect(button('Add a kernel for tf2')).toBeTruthy();
    fireEvent.click(button('Dismiss'));
    expect(screen.queryByText('No route to host.')).toBeNull();
  });

  it('that is done leaves nothing on the card', () => {
    const { environments: page } = show([environment()]);
    act(() => page.tellTask(task()));
    act(() => page.tellTask(task({ state: 'done', progress: 1 })));
    expect(screen.queryByText(task().title)).toBeNull();
  });

  it('of no environment that was found stands above all', () => {
    const { environments: page } = show([environment()]);
    act(() => page.tellTask(task({ environment: null, title: 'Repairing x' })));
    expect(screen.getByRole('group', { name: 'Repairing x' })).toBeTruthy();
  });
});

describe('Suggested changes', () => {
  const add = {
    action: 'add' as const,
    name: 'tfgpu-tf2',
    display_name: 'tf2 · Python 3.11',
    environment: 'abcdef012345',
    why: 'It has ipykernel and no kernel.'
  };
  const remove = {
    ...add,
    action: 'remove' as const,
    name: 'tfgpu-old',
    why: 'Its environment is gone.'
  };
  const answer = {
    ...environments(environment()),
    suggested: [add, remove]
  };

  it('are counted in one sentence, told on demand, and applied', async () => {
    const { actions } = showList(answer);
    expect(screen.getByText('Kernels: 1 to add, 1 to remove')).toBeTruthy();
    expect(screen.getByText(add.why).closest('details')?.open).toBe(false);
    fireEvent.click(button('Apply'));
    await act(async () => undefined);
    expect(actions.sync.mock.calls[0]?.[0]).toBe(false);
  });

  it('put off are not asked again, on the next page neither, until there are others', () => {
    const storage = testStorage();
    const first = showList(answer, storage);
    fireEvent.click(button('Not now'));
    expect(screen.queryByText(/to add/)).toBeNull();
    first.page.unmount();
    const { environments: page } = showList(
      { ...answer, suggested: [remove, add] },
      storage
    );
    expect(screen.queryByText(/to add/)).toBeNull();
    act(() => page.tell({ ...answer, suggested: [add] }));
    expect(screen.getByText('Kernels: 1 to add')).toBeTruthy();
  });
});
