import { Dialog, Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { act, fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';

import type { ChipContext } from '../../src/chip/model';
import { ChipModel } from '../../src/chip/model';
import { ChipButton } from '../../src/chip/widget';
import { TestLive, testDisplay } from '../fakes';
import { GIB, device, kernel, kernels, reading } from '../samples';
import { StandInServer, settle } from '../server';
import { unbroken } from '../units';

const trans = nullTranslator.load('');
const devices = [device(), device({ index: 1 })];
const [first, second] = devices as [(typeof devices)[0], (typeof devices)[0]];

/** A notebook's context, with or without a kernel. */
class TestContext {
  path = 'RTC:work/train.ipynb';
  readonly pathChanged = new Signal<this, string>(this);
  readonly kernelChanged = new Signal<this, unknown>(this);
  readonly statusChanged = new Signal<this, string>(this);
  readonly restartKernel = jest.fn(() => Promise.resolve());
  kernelId: string | null = null;

  get sessionContext() {
    const { kernelChanged, statusChanged, restartKernel, kernelId } = this;
    const session = kernelId === null ? null : { kernel: { id: kernelId } };
    return { kernelChanged, statusChanged, restartKernel, session };
  }

  changeKernel(id: string | null): void {
    this.kernelId = id;
    this.kernelChanged.emit(undefined);
  }
}

describe('The chip', () => {
  let server: StandInServer;
  let live: TestLive;
  let context: TestContext;
  let model: ChipModel;

  async function show(): Promise<void> {
    const contents = { localPath: (path: string) => path.replace(/^\w+:/, '') };
    model = new ChipModel(
      context as unknown as ChipContext,
      live,
      contents,
      trans
    );
    render(
      <ChipButton model={model} display={testDisplay(live)} trans={trans} />
    );
    await act(settle);
  }

  const chip = () => screen.getByRole('button', { name: /(has|start with):/ });
  const text = () => chip().textContent;

  beforeEach(() => {
    server = new StandInServer({
      'GET pins': {
        json: { schema: 'tfgpu.pins/1', default: 'all', pins: [] }
      },
      'GET kernels': { json: kernels(kernel()) }
    });
    live = new TestLive(server);
    live.reading = reading({ devices });
    context = new TestContext();
  });

  afterEach(() => {
    model.dispose();
    document.querySelectorAll('.lm-Menu').forEach(menu => menu.remove());
    act(() => Dialog.flush());
  });

  it('says before the start what the kernel will have', async () => {
    server.on('GET pins', {
      json: {
        schema: 'tfgpu.pins/1',
        default: 'all',
        pins: [{ pin: second.uuid, notebook: 'work/train.ipynb' }]
      }
    });
    await show();
    expect(text()).toBe('GPU 1');
    expect(chip().title).toContain('The kernel will start with: GPU 1.');
  });

  it('says the server’s default where the notebook has no pin', async () => {
    await show();
    expect(text()).toBe('all GPUs');
  });

  it('says what its kernel has and holds', async () => {
    context.kernelId = 'k1';
    const use = {
      uuid: first.uuid,
      memory: 3 * GIB,
      utilization: null,
      unused_since: null
    };
    live.kernels = kernels(
      kernel({ pin: first.uuid, given: [first.uuid], devices: [use] })
    );
    await show();
    expect(text()).toBe(unbroken('GPU 03.0 GiB'));
    expect(chip().title).toContain('This kernel has: GPU 0.');
  });

  it('follows a changed kernel and a renamed notebook', async () => {
    await show();
    server.on('GET kernels', {
      json: kernels(kernel({ id: 'k2', given: [second.uuid] }))
    });
    await act(async () => {
      context.changeKernel('k2');
      await settle();
    });
    expect(text()).toContain('GPU 1');

    server.on('GET pins', {
      json: {
        default: 'all',
        pins: [{ pin: 'none', notebook: 'work/other.ipynb' }]
      }
    });
    context.path = 'work/other.ipynb';
    await act(async () => {
      context.pathChanged.emit(context.path);
      context.changeKernel(null);
      await settle();
    });
    expect(text()).toBe('no GPU');
  });

  it('asks again once a restarted kernel is up', async () => {
    context.kernelId = 'k1';
    await show();
    const before = server.count('GET kernels');
    await act(async () => {
      context.statusChanged.emit('restarting');
      context.statusChanged.emit('idle');
      context.statusChanged.emit('busy');
      await settle();
    });
    expect(server.count('GET kernels')).toBe(before + 1);
  });

  it('marks simulated devices and passes on why a pin was not followed', async () => {
    context.kernelId = 'k1';
    live.reading = reading({ devices, simulated: true });
    live.kernels = kernels(kernel({ given: [], note: 'GPU 3 is gone.' }));
    await show();
    expect(text()).toContain('simulated');
    expect(chip().title).toContain('GPU 3 is gone.');
  });

  it('is not there where the server lacks the extension', async () => {
    await show();
    act(() => live.tellState('no-extension'));
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('does not render again where nothing of its own changed', async () => {
    context.kernelId = 'k1';
    live.kernels = kernels(kernel());
    await show();
    const changed = jest.fn();
    model.changed.connect(changed);
    act(() => live.tellReading(reading({ devices })));
    act(() => live.tellKernels(kernels(kernel(), kernel({ id: 'other' }))));
    expect(changed).not.toHaveBeenCalled();
  });

  describe('when another GPU is chosen', () => {
    /** Opens the menu and takes a line of it, all by keyboard. */
    async function choose(label: RegExp): Promise<void> {
      fireEvent.click(chip(), { detail: 0 });
      const menu = document.querySelector('.lm-Menu')!;
      const active = () => {
        MessageLoop.flush(); // The menu renders with the next frame.
        return menu.querySelector('.lm-mod-active')?.textContent ?? '';
      };
      for (let line = 0; line < 6 && !label.test(active()); line += 1) {
        fireEvent.keyDown(menu, { keyCode: 40 });
      }
      expect(active()).toMatch(label);
      await act(async () => {
        fireEvent.keyDown(menu, { keyCode: 13 });
        await settle();
      });
    }

    async function answerDialog(button: string): Promise<void> {
      // jsdom opens no <dialog>: what is in it counts as hidden there.
      const found = await screen.findByRole('button', {
        name: button,
        hidden: true
      });
      await act(async () => {
        fireEvent.click(found);
        await new Promise(resolve => setTimeout(resolve));
        await settle();
      });
    }

    const answer = (restart_needed: boolean) => ({
      json: { pin: second.uuid, restart_needed, message: null }
    });

    it('stores it for a notebook without a kernel, and restarts nothing', async () => {
      server.on('PUT pins', answer(false));
      await show();
      await choose(/GPU 1/);
      expect(
        server.requests.find(({ method }) => method === 'PUT')?.body
      ).toEqual({
        notebook: 'work/train.ipynb',
        pin: second.uuid
      });
      expect(text()).toBe('GPU 1');
      expect(context.restartKernel).not.toHaveBeenCalled();
    });

    it('restarts the kernel once that is confirmed', async () => {
      context.kernelId = 'k1';
      live.kernels = kernels(kernel());
      server.on('PUT pins', answer(true));
      await show();
      await choose(/GPU 1/);
      expect(document.body.textContent).toContain('Variables are lost');
      await answerDialog('Restart');
      expect(context.restartKernel).toHaveBeenCalledTimes(1);
    });

    it('waits for the next start where the restart is declined', async () => {
      const info = jest.spyOn(Notification, 'info').mockReturnValue('');
      context.kernelId = 'k1';
      live.kernels = kernels(kernel());
      server.on('PUT pins', answer(true));
      server.on('GET kernels', {
        json: kernels(kernel({ pin: second.uuid, restart_needed: true }))
      });
      await show();
      await choose(/GPU 1/);
      await answerDialog('Later');
      expect(context.restartKernel).not.toHaveBeenCalled();
      expect(text()).toContain('→ GPU 1');
      expect(info.mock.calls[0]?.[0]).toBe(
        'From the next start this kernel has: GPU 1.'
      );
      info.mockRestore();
    });

    it('forgets a pin of the kernel itself, which would go before', async () => {
      context.kernelId = 'k1';
      live.kernels = kernels(kernel({ pin: 'none', pin_from: 'kernel' }));
      server.on('DELETE pins', answer(false));
      server.on('PUT pins', answer(false));
      await show();
      await choose(/GPU 1/);
      const changes = server.requests.filter(({ path, method }) => {
        return path === 'pins' && method !== 'GET';
      });
      expect(changes.map(({ method, body }) => [method, body])).toEqual([
        ['DELETE', { kernel_id: 'k1' }],
        ['PUT', { notebook: 'work/train.ipynb', pin: second.uuid }]
      ]);
    });

    it('says what the server refused', async () => {
      const error = jest.spyOn(Notification, 'error').mockReturnValue('');
      server.on('PUT pins', {
        status: 409,
        json: { message: 'GPU 1 is not allotted.', reason: 'not-allotted' }
      });
      await show();
      await choose(/GPU 1/);
      expect(error.mock.calls[0]?.[0]).toBe('GPU 1 is not allotted.');
      expect(text()).toBe('all GPUs');
      error.mockRestore();
    });
  });
});
