import { Dialog, Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { act, fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';

import type { ChipContext } from '../../src/chip/model';
import { ChipModel } from '../../src/chip/model';
import { ChipActions } from '../../src/chip/actions';
import { Starts } from '../../src/chip/starts';
import { ChipView } from '../../src/chip/widget';
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
  readonly propertyChanged = new Signal<this, string>(this);
  readonly restartKernel = jest.fn(() => Promise.resolve());
  kernelId: string | null = null;
  kernelspec = 'python3';
  status = 'idle';

  get sessionContext() {
    const { kernelId: id, status, kernelspec, ...rest } = this;
    const session = id === null ? null : { kernel: { id, status } };
    return { ...rest, session, kernelPreference: { name: kernelspec } };
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
    const display = testDisplay(live);
    model = new ChipModel(
      context as unknown as ChipContext,
      live,
      contents,
      new Starts(live),
      trans
    );
    render(
      <ChipView
        model={model}
        actions={new ChipActions(model, display, trans)}
        display={display}
        trans={trans}
      />
    );
    await act(settle);
  }

  const chip = () => screen.getByRole('button', { name: /(has|start with):/ });
  const text = () => chip().textContent;

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
    expect(text()).toBe(unbroken('GPU 03.0 GiB–'));
    expect(chip().title).toContain('This kernel has: GPU 0.');
    expect(chip().title).toContain(
      unbroken('Memory it holds: 3.0 GiB; utilization: –.')
    );
  });

  it('says the sum of its memory and the mean of its utilizations that are known', async () => {
    const third = device({ index: 2 });
    const lost = device({ index: 3, state: 'lost' });
    live.reading = reading({ devices: [...devices, third, lost] });
    context.kernelId = 'k1';
    const use = (uuid: string, utilization: number | null) => ({
      uuid,
      memory: GIB,
      utilization,
      unused_since: null
    });
    const uses = [
      use(first.uuid, 0.2),
      use(second.uuid, 0.6),
      use(third.uuid, null),
      use(lost.uuid, 1)
    ];
    live.kernels = kernels(kernel({ devices: uses }));
    await show();
    expect(text()).toBe(unbroken('all GPUs4.0 GiB40 %'));
  });

  it.each([
    ['default', 'The server’s default.'],
    ['notebook', 'Chosen for this notebook.'],
    ['kernel', 'Chosen for this kernel.'],
    ['kernelspec', 'Chosen for the kernelspec python3.']
  ] as const)('says who chose: %s', async (pin_from, sentence) => {
    context.kernelId = 'k1';
    live.kernels = kernels(kernel({ pin_from }));
    await show();
    expect(chip().title).toContain(sentence);
  });

  it('says what was chosen where the kernel has what came of it', async () => {
    context.kernelId = 'k1';
    live.kernels = kernels(
      kernel({ pin: 'auto', pin_from: 'notebook', given: [first.uuid] })
    );
    await show();
    expect(chip().title).toContain('This kernel has: GPU 0.');
    expect(chip().title).toContain('Chosen for this notebook: auto.');
  });

  it('counts the pin of the kernelspec that would be started', async () => {
    server.on('GET pins', {
      json: {
        default: 'all',
        pins: [{ pin: 'none', kernelspec: 'python3', notebook: null }]
      }
    });
    await show();
    expect(text()).toBe('no GPU');
    expect(chip().title).toContain('Chosen for the kernelspec python3.');
  });

  it('does not offer GPUs of a machine without any', async () => {
    live.reading = reading({
      devices: [],
      driver: { ...reading().driver, status: 'absent' }
    });
    await show();
    expect(text()).toBe('no GPU');
  });

  it('dims figures that are not those of now, and says why', async () => {
    context.kernelId = 'k1';
    const use = { uuid: first.uuid, memory: GIB, utilization: 0.5 };
    live.kernels = kernels(
      kernel({ devices: [{ ...use, unused_since: null }] })
    );
    live.tellReading(reading({ devices }));
    await show();
    expect(chip().className).not.toContain('jp-mod-stale');
    act(() => live.tellStale(true));
    expect(chip().className).toContain('jp-mod-stale');
    expect(chip().title).toMatch(/No new reading since /);
    act(() => live.tellStale(false));
    act(() => live.tellState('closed'));
    expect(chip().className).toContain('jp-mod-stale');
    expect(chip().title).toMatch(/Connection lost/);
  });

  it.each([
    ['degraded', 'warnings'],
    ['broken', 'broken'],
    ['cpu', 'CPU only']
  ] as const)('has a badge for the verdict %s', async (verdict, word) => {
    context.kernelId = 'k1';
    live.kernels = kernels(kernel({ verdict }));
    await show();
    const name = new RegExp(`^Report on this kernel: ${word}`);
    expect(screen.getAllByRole('button', { name })).toHaveLength(1);
  });

  it.each(['ok', null] as const)(
    'has none for the verdict %s',
    async verdict => {
      context.kernelId = 'k1';
      live.kernels = kernels(kernel({ verdict }));
      await show();
      expect(screen.getAllByRole('button')).toEqual([chip()]);
    }
  );

  it('shows the report', async () => {
    context.kernelId = 'k1';
    live.kernels = kernels(kernel({ verdict: 'broken' }));
    server.on('GET kernels/k1/report', {
      json: {
        verdict: 'broken',
        summary: 'The build has no GPU support.',
        simulated: false,
        findings: []
      }
    });
    await show();
    fireEvent.click(screen.getByRole('button', { name: /^Report/ }));
    await act(settle);
    const dialog = document.querySelector('.jp-Dialog')!;
    expect(dialog.textContent).toContain('train.ipynb');
    expect(dialog.textContent).toContain('The build has no GPU support.');
    await answerDialog('Close');
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
    live.kernels = kernels(
      kernel({
        given: [],
        note: 'GPU 3 is gone.',
        warnings: ['GPU 0 is filled by other.ipynb.']
      })
    );
    await show();
    expect(text()).toContain('simulated');
    expect(chip().title).toContain('GPU 3 is gone.');
    expect(chip().title).toContain('GPU 0 is filled by other.ipynb.');
  });

  it('says that stored pins were damaged', async () => {
    const problem =
      'The pins were damaged; the file is kept as pins.json.damaged.';
    server.on('GET pins', { json: { default: 'all', pins: [], problem } });
    await show();
    expect(chip().title).toContain(problem);
  });

  it('asks again once the session has the new name of its notebook', async () => {
    context.kernelId = 'k1';
    await show();
    const before = server.count('GET kernels');
    await act(async () => {
      context.propertyChanged.emit('path');
      await settle();
    });
    expect(server.count('GET kernels')).toBe(before + 1);
  });

  describe('when a kernel has come up', () => {
    let warning: jest.SpiedFunction<typeof Notification.warning>;

    beforeEach(() => {
      warning = jest.spyOn(Notification, 'warning').mockReturnValue('');
      server.on('GET kernels', {
        json: kernels(kernel({ note: 'GPU 3 is gone.', warnings: ['Full.'] }))
      });
    });

    afterEach(() => {
      warning.mockRestore();
    });

    async function comeUp(...statuses: string[]): Promise<void> {
      await act(async () => {
        statuses.forEach(status => context.statusChanged.emit(status));
        await settle();
      });
    }

    it('tells once what there is to say of its start', async () => {
      live.kernels = kernels();
      await show();
      await act(async () => {
        context.changeKernel('k1');
        await settle();
      });
      await comeUp('idle');
      await comeUp('busy', 'idle');
      await act(async () => {
        live.tellKernels(kernels(kernel({ note: 'GPU 3 is gone.' })));
        await settle();
      });
      expect(warning.mock.calls.map(([text]) => text)).toEqual([
        'train.ipynb: GPU 3 is gone. Full.'
      ]);
    });

    it('has all of it read where a notification is too short', async () => {
      const long = 'GPU 0 is filled by another notebook. '.repeat(4).trim();
      live.kernels = kernels();
      server.on('GET kernels', {
        json: kernels(kernel({ note: 'GPU 3 is gone.', warnings: [long] }))
      });
      await show();
      context.kernelId = 'k1';
      await comeUp('idle');
      const [, options] = warning.mock.calls[0]!;
      await act(async () => {
        options!.actions![0]!.callback(new MouseEvent('click'));
        await settle();
      });
      expect(document.querySelector('.jp-Dialog')?.textContent).toContain(long);
      await answerDialog('Close');
    });

    it('tells it again after a restart', async () => {
      live.kernels = kernels();
      await show();
      context.kernelId = 'k1';
      await comeUp('idle');
      await comeUp('restarting', 'starting', 'idle');
      await comeUp('autorestarting', 'idle');
      expect(warning).toHaveBeenCalledTimes(3);
    });

    it('tells nothing of a kernel that was there before the page', async () => {
      context.kernelId = 'k1';
      live.kernels = kernels(kernel({ note: 'GPU 3 is gone.' }));
      await show();
      await comeUp('unknown', 'idle');
      expect(warning).not.toHaveBeenCalled();
    });

    it('tells nothing where there is nothing to say', async () => {
      live.kernels = kernels();
      server.on('GET kernels', { json: kernels(kernel()) });
      await show();
      context.kernelId = 'k1';
      await comeUp('idle');
      expect(warning).not.toHaveBeenCalled();
    });
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
      for (let line = 0; line < 9 && !label.test(active()); line += 1) {
        fireEvent.keyDown(menu, { keyCode: 40 });
      }
      expect(active()).toMatch(label);
      await act(async () => {
        fireEvent.keyDown(menu, { keyCode: 13 });
        await settle();
      });
    }

    const answer = (restart_needed: boolean, warnings: string[] = []) => ({
      json: { pin: second.uuid, restart_needed, message: null, warnings }
    });

    /** What was asked to be changed, in order. */
    const changes = () =>
      server.requests
        .filter(({ path, method }) => path === 'pins' && method !== 'GET')
        .map(({ method, body }) => [method, body]);

    let emit: jest.SpiedFunction<typeof Notification.emit>;

    beforeEach(() => {
      emit = jest.spyOn(Notification, 'emit').mockReturnValue('');
    });

    afterEach(() => {
      emit.mockRestore();
    });

    /** Presses the button of the last notification. */
    async function undo(): Promise<void> {
      const [, , options] = emit.mock.calls.at(-1)!;
      await act(async () => {
        options!.actions![0]!.callback(new MouseEvent('click'));
        await settle();
      });
    }

    it('stores it for a notebook without a kernel, and restarts nothing', async () => {
      server.on('PUT pins', answer(false, ['GPU 1 is full.']));
      await show();
      server.on('GET pins', {
        json: {
          default: 'all',
          pins: [{ pin: second.uuid, notebook: 'work/train.ipynb' }]
        }
      });
      await choose(/GPU 1/);
      expect(changes()).toEqual([
        ['PUT', { notebook: 'work/train.ipynb', pin: second.uuid }]
      ]);
      expect(text()).toBe('GPU 1');
      expect(context.restartKernel).not.toHaveBeenCalled();
      expect(emit.mock.calls[0]?.slice(0, 2)).toEqual([
        'The kernel will start with: GPU 1. GPU 1 is full.',
        'warning'
      ]);
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
      expect(emit.mock.calls[0]?.slice(0, 2)).toEqual([
        'From the next start this kernel has: GPU 1.',
        'info'
      ]);
      // It can be done from the menu later.
      await choose(/^Restart now with: GPU 1/);
      await answerDialog('Restart');
      expect(context.restartKernel).toHaveBeenCalledTimes(1);
    });

    it('names a busy kernel, and warnings, in the question', async () => {
      context.kernelId = 'k1';
      context.status = 'busy';
      live.kernels = kernels(kernel());
      server.on('PUT pins', answer(true, ['GPU 1 is full.']));
      await show();
      await choose(/GPU 1/);
      const said = document.querySelector('.jp-Dialog')?.textContent;
      expect(said).toContain('Restart the kernel of train.ipynb?');
      expect(said).toContain('It is busy');
      expect(said).toContain('GPU 1 is full.');
      await answerDialog('Later');
    });

    it('forgets a pin of the kernel itself, which would go before, and brings it back', async () => {
      context.kernelId = 'k1';
      live.kernels = kernels(kernel({ pin: 'none', pin_from: 'kernel' }));
      server.on('DELETE pins', answer(false));
      server.on('PUT pins', answer(false));
      await show();
      await choose(/GPU 1/);
      const notebook = 'work/train.ipynb';
      expect(changes()).toEqual([
        ['PUT', { notebook, pin: second.uuid }],
        ['DELETE', { kernel_id: 'k1' }]
      ]);
      await undo();
      expect(changes().slice(2)).toEqual([
        ['DELETE', { notebook }],
        ['PUT', { kernel_id: 'k1', pin: 'none' }]
      ]);
    });

    it('puts back the choice of before', async () => {
      const notebook = 'work/train.ipynb';
      server.on('GET pins', {
        json: { default: 'all', pins: [{ pin: 'none', notebook }] }
      });
      server.on('PUT pins', answer(false));
      await show();
      await choose(/GPU 1/);
      await undo();
      expect(changes()).toEqual([
        ['PUT', { notebook, pin: second.uuid }],
        ['PUT', { notebook, pin: 'none' }]
      ]);
    });

    it('forgets the notebook’s choice, and says what counts then', async () => {
      const notebook = 'work/train.ipynb';
      server.on('GET pins', {
        json: { default: 'all', pins: [{ pin: 'none', notebook }] }
      });
      server.on('DELETE pins', answer(false));
      await show();
      server.on('GET pins', { json: { default: 'all', pins: [] } });
      await choose(/^Forget the choice for this notebook/);
      // What is stored is asked again before: nothing may be left to forget.
      expect(changes()).toEqual([['DELETE', { notebook }]]);
      expect(text()).toBe('all GPUs');
      expect(emit.mock.calls[0]?.[0]).toBe(
        'The kernel will start with: all GPUs.'
      );
    });

    it('takes several devices', async () => {
      server.on('PUT pins', answer(false));
      await show();
      await choose(/^Several GPUs/);
      const boxes = await screen.findAllByRole('checkbox', { hidden: true });
      boxes.reverse().forEach(box => act(() => void fireEvent.click(box)));
      await answerDialog('Choose');
      expect(changes()).toEqual([
        [
          'PUT',
          {
            notebook: 'work/train.ipynb',
            pin: `${first.uuid},${second.uuid}`
          }
        ]
      ]);
    });

    it('takes a number of devices with so much free', async () => {
      server.on('PUT pins', answer(false));
      await show();
      await choose(/^auto · how many/);
      const fields = await screen.findAllByRole('spinbutton', { hidden: true });
      act(() => {
        fireEvent.change(fields[0]!, { target: { value: '2' } });
      });
      act(() => {
        fireEvent.change(fields[1]!, { target: { value: '8' } });
      });
      expect(document.querySelector('.jp-Dialog')?.textContent).toContain(
        '2 GPUs have that much free now.'
      );
      await answerDialog('Choose');
      expect(changes()).toEqual([
        ['PUT', { notebook: 'work/train.ipynb', pin: 'auto:2,8GiB' }]
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
