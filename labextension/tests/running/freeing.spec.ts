import { Dialog, Notification } from '@jupyterlab/apputils';
import { act, fireEvent } from '@testing-library/react';

import type { KernelUse } from '../../src/api';
import { FreeResting } from '../../src/running/free';
import { Freeing } from '../../src/running/freeing';
import { GIB, before, device, kernel, kernels } from '../samples';
import { unbroken } from '../units';
import { Page, answerDialog, trans, turn, holds } from './page';

/** A kernel that has not used its GiB of the first device for so many minutes. */
function resting(
  id: string,
  minutes: number,
  changes: Partial<KernelUse> = {}
): KernelUse {
  return kernel({
    id,
    notebook: `work/${id}.ipynb`,
    devices: [holds({ memory: GIB, unused_since: before(minutes * 60) })],
    ...changes
  });
}

const told = () =>
  Notification.manager.notifications.map(
    ({ type, message }) => `${type}: ${message}`
  );
const dialog = () => document.querySelector<HTMLElement>('.jp-Dialog-body')!;

describe('The memory of notebooks that rest', () => {
  let page: Page;
  let free: FreeResting;

  beforeEach(() => {
    page = new Page();
    free = new FreeResting(
      page.live,
      page.choices,
      page.display,
      new Freeing(page.live, page.jupyter, page.underway),
      ({ id }) => `${id}.ipynb`,
      trans
    );
  });

  afterEach(() => {
    act(() => Dialog.flush());
    Notification.dismiss();
  });

  /** The user agrees to what is asked. */
  async function agree(): Promise<void> {
    const done = free.ask();
    await answerDialog('Shut Down and Free');
    await done;
  }

  it('is that of idle kernels which are known not to use it', () => {
    page.tell(
      resting('short', 9),
      resting('long', 12),
      resting('longest', 90),
      resting('busy', 90, { state: 'busy' }),
      resting('unknown', 90, { devices: [holds({ unused_since: null })] }),
      resting('elsewhere', 90, { server: 'http://127.0.0.1:8889/' })
    );
    expect(free.resting.map(({ id }) => id)).toEqual(['longest', 'long']);
  });

  it('is listed with what it frees and what it costs', async () => {
    const both = [
      holds({ memory: 2 * GIB, unused_since: before(5000) }),
      holds({
        uuid: device({ index: 1 }).uuid,
        memory: 3 * GIB,
        unused_since: before(4000)
      })
    ];
    page.tell(resting('a', 12), resting('b', 12, { devices: both }));
    const done = free.ask();
    await turn();
    const [b, a] = [...dialog().querySelectorAll('li')].map(
      ({ textContent }) => textContent
    );
    expect(b).toBe(
      unbroken('b.ipynbGPU 0: 2.0 GiB, GPU 1: 3.0 GiB · unused for 1 h 6 min')
    );
    expect(a).toBe(unbroken('a.ipynbGPU 0: 1.0 GiB · unused for 12 min'));
    const sum = dialog().querySelector('[role="status"]')!;
    expect(sum.textContent).toBe(
      unbroken('Frees 6.0 GiB: 2 kernels are shut down.')
    );
    expect(dialog().textContent).toContain('Their variables are lost;');
    fireEvent.click(dialog().querySelector('input')!);
    expect(sum.textContent).toBe(
      unbroken('Frees 1.0 GiB: 1 kernel is shut down.')
    );
    await answerDialog('Shut Down and Free');
    await done;
    expect(page.shutdown.kernel.mock.calls).toEqual([['a']]);
  });

  it('is asked about once at a time', async () => {
    page.tell(resting('a', 12));
    const done = [free.ask(), free.ask()];
    await turn();
    expect(document.querySelectorAll('.jp-Dialog')).toHaveLength(1);
    await answerDialog('Cancel');
    await Promise.all(done);
    await turn();
    expect(document.querySelectorAll('.jp-Dialog')).toHaveLength(0);
  });

  it('is not freed where the user does not want it', async () => {
    page.tell(resting('a', 12));
    const done = free.ask();
    await answerDialog('Cancel');
    await done;
    expect(page.shutdown.kernel).not.toHaveBeenCalled();
    expect(told()).toEqual([]);
  });

  it('is freed, and that is told', async () => {
    page.tell(...['a', 'b', 'c', 'd', 'e', 'f'].map(id => resting(id, 12)));
    await agree();
    expect(page.shutdown.kernel).toHaveBeenCalledTimes(6);
    expect(told()).toEqual([
      unbroken('success: Freed 6.0 GiB: 6 kernels shut down.')
    ]);
  });

  it('is told as far as its amount is known', async () => {
    const untold = [holds({ memory: null, unused_since: before(900) })];
    page.tell(resting('a', 12), resting('b', 12, { devices: untold }));
    await agree();
    expect(told()).toEqual([
      unbroken('success: Freed 1.0 GiB or more: 2 kernels shut down.')
    ]);
  });

  it('is left to kernels that are in use again by then', async () => {
    page.tell(resting('a', 12), resting('b', 12), resting('c', 12));
    const done = free.ask();
    await turn();
    page.server.on('GET kernels', {
      json: kernels(
        resting('a', 12),
        resting('b', 12, { state: 'busy' }),
        resting('c', 0)
      )
    });
    await answerDialog('Shut Down and Free');
    await done;
    expect(page.shutdown.kernel.mock.calls).toEqual([['a']]);
    expect(told()).toEqual([
      unbroken(
        'success: Freed 1.0 GiB: 1 kernel shut down. 2 kernels are in use again, or gone, and were left alone.'
      )
    ]);
  });

  it('that could not be freed is named, and the rest is freed', async () => {
    page.tell(resting('a', 12), resting('b', 12));
    page.shutdown.kernel.mockImplementation(id =>
      id === 'a' ? Promise.reject(new Error('no answer')) : Promise.resolve()
    );
    await agree();
    expect(told().sort()).toEqual([
      'error: a.ipynb could not be shut down: no answer',
      unbroken('success: Freed 1.0 GiB: 1 kernel shut down.')
    ]);
  });

  it('is not freed where the server does not answer', async () => {
    page.tell(resting('a', 12));
    page.server.on('GET kernels', new Error('refused'));
    await agree();
    expect(page.shutdown.kernel).not.toHaveBeenCalled();
    expect(told()).toEqual([
      'error: a.ipynb could not be shut down: The Jupyter server cannot be reached.'
    ]);
  });

  it('is being freed: how far it is', async () => {
    page.tell(resting('a', 12), resting('b', 12));
    let end = () => {};
    page.shutdown.kernel.mockImplementation(id =>
      id === 'a' ? new Promise<void>(done => (end = done)) : Promise.resolve()
    );
    const done = free.ask();
    await answerDialog('Shut Down and Free');
    expect(told()).toEqual(['in-progress: Freeing memory: 1 of 2 kernels…']);
    expect(page.underway.of('a')).toBe('ending');
    act(() => end());
    await done;
    expect(told()).toHaveLength(1);
  });
});
