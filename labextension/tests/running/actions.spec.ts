import { Dialog, Notification } from '@jupyterlab/apputils';
import { act } from '@testing-library/react';

import type { KernelUse } from '../../src/api';
import { GIB, device, kernel } from '../samples';
import { Page, answerDialog, turn, holds } from './page';

const API = '/base/api/kernels/k1';
const OTHER = device({ index: 1 }).uuid;

/** Begins what draws its question at once. */
function ask(begin: () => Promise<void>): Promise<void> {
  let done = Promise.resolve();
  act(() => {
    done = begin();
  });
  return done;
}

/** What JupyterLab's notifications say. */
const told = () =>
  Notification.manager.notifications.map(
    ({ type, message }) => `${type}: ${message}`
  );
const question = () =>
  document.querySelector('.jp-Dialog-body')?.textContent ?? null;

describe('A kernel', () => {
  let page: Page;

  beforeEach(() => {
    page = new Page();
    page.server.on('POST /base/api/kernels/k1/interrupt', { status: 204 });
    page.server.on('POST /base/api/kernels/k1/restart', { json: {} });
  });

  afterEach(() => {
    act(() => Dialog.flush());
    Notification.dismiss();
  });

  function tell(changes: Partial<KernelUse> = {}): KernelUse {
    const one = kernel(changes);
    page.tell(one);
    return one;
  }

  const sent = () =>
    page.server.requests
      .filter(({ path }) => path !== 'kernels')
      .map(({ method, path, body }) => [method, path, body]);

  describe('is opened', () => {
    it('in its notebook', async () => {
      await page.actions.open(tell(), 'train.ipynb');
      expect(page.executed).toEqual([
        ['docmanager:open', { path: 'work/train.ipynb' }]
      ]);
    });

    it('in its console', async () => {
      const path = 'work/console-1';
      page.sessions = [
        { id: 's1', path, type: 'console', kernel: { id: 'k1' } }
      ];
      await page.actions.open(tell({ notebook: `/${path}` }), 'Python 3');
      expect(page.executed).toEqual([['console:open', { path }]]);
    });

    it('in a new console where it has neither', async () => {
      await page.actions.open(tell({ notebook: null }), 'Python 3');
      expect(page.executed).toEqual([
        ['console:create', { kernelPreference: { id: 'k1' } }]
      ]);
    });
  });

  it('is interrupted without a question', async () => {
    await page.actions.interrupt(tell({ state: 'busy' }), 'train.ipynb');
    expect(sent()).toEqual([['POST', `${API}/interrupt`, null]]);
    expect(told()).toEqual([]);
  });

  it('is restarted where the user confirms it', async () => {
    const done = ask(() => page.actions.restart(tell(), 'train.ipynb'));
    await turn();
    expect(question()).toMatch(
      /^The kernel restarts with: all GPUs\.Variables are lost/
    );
    expect(sent()).toEqual([]);
    await answerDialog('Restart');
    await done;
    expect(sent()).toEqual([['POST', `${API}/restart`, null]]);
  });

  it('is not restarted where the user does not', async () => {
    const done = ask(() => page.actions.restart(tell(), 'train.ipynb'));
    await answerDialog('Cancel');
    await done;
    expect(sent()).toEqual([]);
  });

  it('shows what is under way with it, one thing at a time', async () => {
    const one = tell({ state: 'busy' });
    const interrupted = page.actions.interrupt(one, 'train.ipynb');
    expect(page.underway.of('k1')).toBe('interrupting');
    await page.actions.interrupt(one, 'train.ipynb');
    await interrupted;
    expect(page.underway.of('k1')).toBeNull();
    expect(sent()).toHaveLength(1);
  });

  it.each([
    ['interrupt' as const, 'interrupted'],
    ['restart' as const, 'restarted']
  ])('that the server does not %s: why', async (action, word) => {
    page.server.on(`POST ${API}/${action}`, {
      status: 500,
      json: { message: 'No such process', reason: null }
    });
    const done = ask(() =>
      page.actions[action](tell({ state: 'busy' }), 'train.ipynb')
    );
    if (action === 'restart') {
      await answerDialog('Restart');
    }
    await done;
    expect(told()[0]).toMatch(
      new RegExp(`^error: train.ipynb could not be ${word}: .*No such process`)
    );
    expect(page.underway.of('k1')).toBeNull();
  });

  describe('gets another GPU', () => {
    const pinSet = (changes = {}) => ({
      json: {
        pin: OTHER,
        restart_needed: true,
        message: null,
        warnings: [],
        ...changes
      }
    });

    beforeEach(() => {
      page.server.on('PUT pins', pinSet());
      page.server.on('DELETE pins', pinSet({ pin: 'all' }));
    });

    it('by the pin of its notebook, and a restart', async () => {
      const done = page.actions.restartOn(tell(), 'train.ipynb', OTHER);
      await turn();
      expect(question()).toMatch(/^The kernel restarts with: GPU 1\./);
      await answerDialog('Restart');
      await done;
      expect(sent()).toEqual([
        ['PUT', 'pins', { notebook: 'work/train.ipynb', pin: OTHER }],
        ['POST', `${API}/restart`, null]
      ]);
    });

    it.each([
      ['has a console', '/home/me/console-1'],
      ['has a notebook of none of the server’s folders', '/home/me/a.ipynb']
    ])('by a pin of its own where it %s', async (_, notebook) => {
      const one = tell({ notebook });
      const done = page.actions.restartOn(one, 'Python 3', 'none');
      await answerDialog('Restart');
      await done;
      expect(sent()[0]).toEqual([
        'PUT',
        'pins',
        { kernel_id: 'k1', pin: 'none' }
      ]);
    });

    it('also where the kernel itself was pinned before', async () => {
      const one = tell({ pin_from: 'kernel' });
      const done = page.actions.restartOn(one, 'train.ipynb', OTHER);
      await answerDialog('Restart');
      await done;
      expect(
        sent().map(([method, path]) => String(method) + ' ' + String(path))
      ).toEqual(['PUT pins', 'DELETE pins', `POST ${API}/restart`]);
    });

    it('after what the server warns of', async () => {
      page.server.on(
        'PUT pins',
        pinSet({ warnings: ['`b.ipynb` holds 70 GiB of GPU 1.'] })
      );
      const done = page.actions.restartOn(tell(), 'train.ipynb', OTHER);
      await turn();
      expect(question()).toContain('b.ipynb holds 70 GiB of GPU 1.');
      await answerDialog('Later');
      await done;
      expect(told()).toEqual([
        'info: From its next start train.ipynb has: GPU 1.'
      ]);
      expect(sent()).toHaveLength(1);
    });

    it('not where the server refuses the pin: why', async () => {
      page.server.on('PUT pins', {
        status: 409,
        json: { message: 'GPU 1 is not allotted.', reason: 'not-allotted' }
      });
      const one = tell({ pin_from: 'kernel' });
      await page.actions.restartOn(one, 'train.ipynb', OTHER);
      expect(question()).toBeNull();
      // The pin that it has stays.
      expect(page.server.count('DELETE pins')).toBe(0);
      expect(told()).toEqual([
        'error: train.ipynb keeps its GPUs: GPU 1 is not allotted.'
      ]);
    });
  });

  describe('is shut down', () => {
    const holding = { devices: [holds({ memory: GIB })] };

    it('at once where it holds nothing and does nothing', async () => {
      await page.actions.shutDown(tell(), 'train.ipynb');
      expect(page.shutdown.kernel).toHaveBeenCalledWith('k1');
    });

    it('with its session', async () => {
      page.sessions = [
        { id: 's1', path: 'a.ipynb', type: 'notebook', kernel: { id: 'k1' } }
      ];
      await page.actions.shutDown(tell(), 'train.ipynb');
      expect(page.shutdown.session).toHaveBeenCalledWith('s1');
      expect(page.shutdown.kernel).not.toHaveBeenCalled();
    });

    it.each([
      ['holds memory', holding, 'ends and frees its memory'],
      ['is busy', { state: 'busy' }, 'is busy: what it does ends unfinished']
    ])('after a question where it %s', async (_, changes, said) => {
      const one = tell(changes);
      const refused = page.actions.shutDown(one, 'train.ipynb');
      await turn();
      expect(question()).toContain(said);
      await answerDialog('Cancel');
      await refused;
      expect(page.shutdown.kernel).not.toHaveBeenCalled();
      const done = page.actions.shutDown(one, 'train.ipynb');
      await answerDialog('Shut Down');
      await done;
      expect(page.shutdown.kernel).toHaveBeenCalledTimes(1);
    });

    it('or not: why', async () => {
      page.shutdown.kernel.mockRejectedValueOnce(new Error('gone already'));
      await page.actions.shutDown(tell(), 'train.ipynb');
      expect(told()).toEqual([
        'error: train.ipynb could not be shut down: gone already'
      ]);
    });
  });
});
