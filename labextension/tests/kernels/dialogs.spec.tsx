import type { ISessionContext } from '@jupyterlab/apputils';
import { Dialog, SessionContextDialogs } from '@jupyterlab/apputils';
import type { KernelSpec } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { act, fireEvent, waitFor, within } from '@testing-library/react';

import type { Environments } from '../../src/api';
import { KernelDialogs } from '../../src/kernels/dialogs';
import { environment, environments, task } from '../samples';
import {
  manyEnvironments,
  offersOf,
  spec,
  specModels,
  specOf,
  TestSpecs,
  trans
} from './fakes';

const tf2 = environment({ kernelspecs: ['tfgpu-tf2'] });
const bare = environment({
  id: 'bare',
  name: 'bare',
  label: 'bare',
  prefix: '/envs/bare',
  ipykernel: null
});
const ANSWER: Environments = {
  ...environments(tf2, bare),
  kernelspecs: [specOf(tf2, 'tfgpu-tf2')]
};
const SPECS = specModels(
  spec('python3', { display_name: 'Python 3' }),
  spec('tfgpu-tf2', { display_name: tf2.label }),
  spec('ir', { display_name: 'R', language: 'R' })
);

/** A session as the dialog needs it. */
function sessionOf(
  specs: KernelSpec.ISpecModels,
  changes: Partial<ISessionContext> = {}
): jest.Mocked<ISessionContext> {
  return {
    isDisposed: false,
    name: 'train.ipynb',
    type: 'notebook',
    session: null,
    hasNoKernel: true,
    kernelDisplayName: 'No Kernel',
    kernelPreference: {},
    kernelManager: { running: () => [].values() },
    sessionManager: { running: () => [].values() },
    specsManager: { specs },
    changeKernel: jest.fn(() => Promise.resolve(null)),
    shutdown: jest.fn(() => Promise.resolve()),
    ...changes
  } as unknown as jest.Mocked<ISessionContext>;
}

async function open(
  changes: Partial<ISessionContext> = {},
  answer: Environments | null = ANSWER
) {
  const specs = new TestSpecs(SPECS);
  const world = offersOf(answer, specs);
  world.server.on('GET environments', { json: answer });
  const context = sessionOf(SPECS, changes);
  const dialogs = new KernelDialogs(
    () => Promise.resolve(world.offers),
    nullTranslator,
    trans,
    {}
  );
  const done = dialogs.selectKernel(context);
  done.catch(() => undefined); // Where a test leaves it open, it is thrown away.
  const dialog = await waitFor(() => {
    const node = document.querySelector<HTMLElement>('.jp-Dialog');
    expect(node?.querySelector('[role="option"]')).toBeTruthy();
    return node!;
  });
  const ui = within(dialog);
  const field = ui.getByRole('combobox', { hidden: true });
  await waitFor(() => expect(document.activeElement).toBe(field));
  return {
    ...world,
    context,
    done,
    dialog,
    field,
    options: () =>
      ui
        .queryAllByRole('option', { hidden: true })
        .map(each => each.dataset['key']),
    active: () =>
      dialog.querySelector<HTMLElement>('[aria-selected="true"]')?.dataset[
        'key'
      ],
    type: (query: string) => {
      fireEvent.change(field, { target: { value: query } });
    },
    press: (key: string, more: object = {}) => {
      fireEvent.keyDown(field, { key, bubbles: true, ...more });
    },
    accept: dialog.querySelector<HTMLButtonElement>('.jp-mod-accept')!,
    reject: dialog.querySelector<HTMLButtonElement>('button.jp-mod-reject')!
  };
}

afterEach(() => {
  act(() => Dialog.flush());
});

describe('The dialog', () => {
  it('is searched as one types, walked with the arrows and ended with Enter', async () => {
    const { context, done, type, press, active, options, field } = await open();
    expect(active()).toBe('spec:python3');
    type('tf2');
    expect(options()).toEqual(['spec:tfgpu-tf2']);
    type('');
    press('ArrowUp');
    expect(active()).toBe('environment:bare');
    press('ArrowUp');
    press('ArrowDown');
    press('ArrowUp');
    expect(active()).toBe('spec:tfgpu-tf2');
    expect(field.getAttribute('aria-activedescendant')).toBe(
      document.querySelector('[aria-selected="true"]')?.id
    );
    press('Enter');
    await done;
    expect(context.changeKernel).toHaveBeenCalledWith({ name: 'tfgpu-tf2' });
  });

  it('says in words how a kernel is, and why', async () => {
    const { dialog } = await open();
    const line = dialog.querySelector('[data-key="spec:tfgpu-tf2"]')!;
    expect(line.querySelector('.jp-tfgpu-Badge')?.textContent).toBe('broken');
    expect(line.textContent).toContain('cannot use the GPU');
    expect(line.textContent).toContain(tf2.prefix);
    expect(line.querySelector('img')?.getAttribute('src')).toBe(
      '/logos/tfgpu-tf2.svg'
    );
  });

  it('lets Enter end a syllable without choosing', async () => {
    const { context, press, reject, done } = await open();
    press('Enter', { isComposing: true });
    fireEvent.click(reject);
    await done;
    expect(context.changeKernel).not.toHaveBeenCalled();
  });

  it('shows a hundred environments, and what comes while it is open', async () => {
    const { options, known } = await open({}, manyEnvironments(100));
    expect(
      options().filter(key => key?.startsWith('spec:tfgpu-env'))
    ).toHaveLength(100);
    act(() => known.tell(manyEnvironments(101)));
    expect(options()).toContain('spec:tfgpu-env100');
  });

  it('says where nothing matches, and then takes nothing', async () => {
    const { type, dialog, accept, context, press } = await open();
    type('no such thing');
    expect(dialog.textContent).toContain('Nothing matches.');
    expect(accept.getAttribute('aria-disabled')).toBe('true');
    press('Enter');
    expect(context.changeKernel).not.toHaveBeenCalled();
  });

  it('is remembered for the next one', async () => {
    const first = await open();
    first.type('ir');
    first.press('Enter');
    await first.done;
    expect(first.recent.names).toEqual(['ir']);
  });
});

describe('As in JupyterLab', () => {
  it('the kernel that the document wants is preselected', async () => {
    const { active } = await open({ kernelPreference: { name: 'ir' } });
    expect(active()).toBe('spec:ir');
  });

  it('no kernel can be chosen, which ends the one there is', async () => {
    const { context, type, press, done } = await open({
      hasNoKernel: false,
      kernelDisplayName: 'Python 3'
    });
    type('no kernel');
    press('Enter');
    await done;
    expect(context.shutdown).toHaveBeenCalledTimes(1);
    expect(context.changeKernel).not.toHaveBeenCalled();
  });

  it('without a kernel the first button says that there is none', async () => {
    const { reject, done, context } = await open();
    expect(reject.textContent).toBe('No Kernel');
    fireEvent.click(reject);
    await done;
    expect(context.shutdown).not.toHaveBeenCalled();
  });

  it('a running kernel can be joined, and the own one is preselected', async () => {
    const kernels = [
      { id: '1111-a', name: 'tfgpu-tf2' },
      { id: '2222-b', name: 'ir' }
    ];
    const sessions = kernels.map((kernel, index) => ({
      id: `s${index}`,
      path: `work/${index}.ipynb`,
      name: `${index}.ipynb`,
      type: 'notebook',
      kernel
    }));
    const { active, context, type, press, done, dialog } = await open({
      hasNoKernel: false,
      kernelDisplayName: tf2.label,
      session: { kernel: kernels[0] } as never,
      kernelManager: { running: () => kernels.values() } as never,
      sessionManager: { running: () => sessions.values() } as never
    });
    expect(active()).toBe('running:1111-a');
    expect(
      dialog.querySelector('[data-key="running:1111-a"]')?.textContent
    ).toContain(tf2.label);
    type('1.ipynb');
    press('Enter');
    await done;
    expect(context.changeKernel).toHaveBeenCalledWith({ id: '2222-b' });
  });

  it('the preferred kernel can be made the one that is always started', async () => {
    const { dialog, context, accept, done } = await open({
      kernelPreference: { name: 'ir', autoStartDefault: false }
    });
    fireEvent.click(dialog.querySelector('input[type="checkbox"]')!);
    fireEvent.click(accept);
    await done;
    expect(context.kernelPreference).toEqual({
      name: 'ir',
      autoStartDefault: true
    });
  });

  it('only no kernel is offered where none may be started', async () => {
    const { options } = await open({ kernelPreference: { canStart: false } });
    expect(options()).toEqual(['none']);
  });

  it('Escape changes nothing', async () => {
    const { context, press, done } = await open();
    press('Escape');
    await done;
    expect(context.changeKernel).not.toHaveBeenCalled();
    expect(context.shutdown).not.toHaveBeenCalled();
  });

  it('a server without our part has JupyterLab’s own dialog', async () => {
    const context = sessionOf(SPECS);
    const own = jest
      .spyOn(SessionContextDialogs.prototype, 'selectKernel')
      .mockResolvedValue();
    const dialogs = new KernelDialogs(
      () => Promise.resolve(null),
      nullTranslator,
      trans,
      {}
    );
    await dialogs.selectKernel(context);
    expect(own).toHaveBeenCalledWith(context);
    own.mockRestore();
  });
});

describe('An environment without ipykernel', () => {
  const MISSING = {
    status: 409,
    json: {
      message: 'ipykernel is missing.',
      reason: 'ipykernel-missing',
      detail: { command: 'pip install ipykernel' }
    }
  };

  it('is asked for in the dialog, installed with progress, and chosen', async () => {
    const { server, known, dialog, type, press, accept, context, done } =
      await open();
    server.on('POST kernelspecs', MISSING);
    server.on('POST environments/bare/ipykernel', {
      status: 202,
      json: task()
    });
    type('bare');
    expect(accept.textContent).toBe('Add and Select');
    press('Enter');
    await waitFor(() =>
      expect(dialog.textContent).toContain('Install ipykernel in bare?')
    );
    expect(accept.textContent).toBe('Install and Select');
    press('Enter');
    await waitFor(() =>
      expect(server.count('POST environments/bare/ipykernel')).toBe(1)
    );
    await waitFor(() => {
      act(() => known.tellTask(task({ progress: 0.25, log: ['Fetching'] })));
      expect(dialog.querySelector('progress')?.value).toBe(0.25);
    });
    expect(dialog.textContent).toContain('Fetching');
    act(() =>
      known.tellTask(task({ state: 'done', kernelspec: 'tfgpu-bare' }))
    );
    await done;
    expect(context.changeKernel).toHaveBeenCalledWith({ name: 'tfgpu-bare' });
  });

  it('can be cancelled with Escape, after which one chooses on', async () => {
    const { server, known, options, type, press, done, field } = await open();
    server.on('POST kernelspecs', MISSING);
    server.on('POST environments/bare/ipykernel', {
      status: 202,
      json: task()
    });
    server.on('DELETE tasks/t1', { json: task() });
    type('bare');
    press('Enter');
    await waitFor(() => expect(field).toHaveProperty('readOnly', true));
    press('Enter');
    await waitFor(() =>
      expect(server.count('POST environments/bare/ipykernel')).toBe(1)
    );
    await waitFor(() => {
      press('Escape');
      expect(server.count('DELETE tasks/t1')).toBeGreaterThan(0);
    });
    await act(async () => known.tellTask(task({ state: 'cancelled' })));
    await waitFor(() => expect(field).toHaveProperty('readOnly', false));
    expect(options()).toEqual(['environment:bare']);
    press('Escape');
    await done;
  });
});
