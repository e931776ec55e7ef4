import { Dialog, NotificationManager } from '@jupyterlab/apputils';
import type { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { Device, KernelUse } from '../../src/api';
import { AlertActions } from '../../src/alerts/actions';
import type { Services } from '../../src/alerts/actions';
import { AlertNotifier } from '../../src/alerts/notifier';
import { Remembered } from '../../src/alerts/remembered';
import { DEFAULTS } from '../../src/alerts/rules';
import type { IRules } from '../../src/alerts/rules';
import { ServerNotebooks } from '../../src/devices/notebooks';
import type { Display } from '../../src/display/model';
import { TestLive, testDisplay } from '../fakes';
import { GIB, before, device, kernel, kernels, reading } from '../samples';
import { StandInServer, settle } from '../server';
import { unbroken } from '../units';

const trans = nullTranslator.load('');
const RULES: IRules = {
  memory: { enabled: true, percent: 90 },
  temperature: { enabled: true, celsius: 80 },
  unused: { enabled: true, minutes: 10 },
  lost: { enabled: true },
  driver: { enabled: true }
};
const lost = device({ state: 'lost' });
const hot = device({ temperature: 91 });
const holding = (changes: Partial<KernelUse> = {}) =>
  kernel({
    devices: [
      {
        uuid: hot.uuid,
        memory: 12 * GIB,
        utilization: 0,
        unused_since: before(3600)
      }
    ],
    ...changes
  });

describe('An alert', () => {
  let live: TestLive;
  let display: Display;
  let manager: NotificationManager;
  let remembered: Remembered;
  const execute = jest.fn();
  const shutdown = {
    session: jest.fn(() => Promise.resolve()),
    kernel: jest.fn(() => Promise.resolve())
  };
  let sessions: object[];

  /** A page, with settings where these are given. */
  function load(rules: IRules | null = RULES): AlertNotifier {
    live = new TestLive(new StandInServer());
    display = testDisplay(live);
    manager = new NotificationManager();
    remembered = new Remembered(() => window.sessionStorage);
    const commands = { execute } as unknown as CommandRegistry;
    const services = {
      kernels: {
        running: () => [{ id: 'k1' }].values(),
        shutdown: shutdown.kernel
      },
      sessions: { running: () => sessions.values(), shutdown: shutdown.session }
    } as unknown as Services;
    const notebooks = new ServerNotebooks(live, commands);
    const actions = new AlertActions(commands, services, notebooks, trans);
    const notifier = new AlertNotifier(
      live,
      display,
      manager,
      actions,
      remembered,
      trans
    );
    if (rules) {
      notifier.rules = rules;
    }
    return notifier;
  }

  const tell = (devices: Device[], changes = {}) =>
    live.tellReading(reading({ devices, ...changes }));
  const messages = () => manager.notifications.map(({ message }) => message);
  const buttons = (): Notification.IAction[] =>
    manager.notifications[0]?.options.actions ?? [];
  const press = (label: string) => {
    const { id } = manager.notifications[0]!;
    buttons()
      .find(button => button.label === label)!
      .callback({} as MouseEvent);
    // As JupyterLab does, unless the callback prevents it.
    manager.dismiss(id);
  };

  beforeEach(() => {
    window.sessionStorage.clear();
    jest.clearAllMocks();
    sessions = [{ id: 's1', kernel: { id: 'k1' } }];
    load();
  });

  it('names the device and what is the matter', async () => {
    tell([hot]);
    expect(messages()).toEqual([
      unbroken('GPU 0 (NVIDIA H100) is at 91 °C, over 80 °C.')
    ]);
    const memory = { total: 100, used: 95, free: 5, reserved: null };
    tell([device({ memory })]);
    expect(messages()).toEqual([
      unbroken('GPU 0 (NVIDIA H100): 95 % of its memory is in use, over 90 %.')
    ]);
    tell([device({ state: 'reset-required' })]);
    expect(messages()).toEqual([
      'GPU 0 (NVIDIA H100) has to be reset before it can be used again.'
    ]);
  });

  it('uses the user’s unit', () => {
    jest
      .spyOn(display, 'units', 'get')
      .mockReturnValue({ temperature: 'F', memory: 'GB' });
    tell([hot]);
    expect(messages()).toEqual([
      unbroken('GPU 0 (NVIDIA H100) is at 196 °F, over 176 °F.')
    ]);
  });

  it('says that the device is simulated', () => {
    tell([hot], { simulated: true });
    expect(messages()[0]).toMatch(/^Simulated: GPU 0/);
  });

  it('is as short as JupyterLab shows it, whatever the names', () => {
    tell([device({ name: 'N'.repeat(200) })]);
    const notebook = `${'n'.repeat(200)}.ipynb`;
    live.tellKernels(kernels(holding({ notebook })));
    expect(messages()[0]!.length).toBeLessThanOrEqual(140);
    expect(messages()[0]).toContain('has not used it since');
  });

  it('is one notification for as long as its cause lasts', () => {
    const heard: string[] = [];
    manager.changed.connect((_, { type }) => heard.push(type));
    tell([hot]);
    tell([device({ temperature: 95 })]);
    live.tellKernels(kernels());
    expect(heard).toEqual(['added']);
    tell([device({ temperature: 60 })]);
    expect(heard).toEqual(['added', 'removed']);
  });

  it('of a lost device becomes the news that it is back', () => {
    tell([lost]);
    expect(messages()[0]).toContain('is lost');
    expect(manager.notifications[0]).toMatchObject({
      type: 'error',
      options: { autoClose: false }
    });
    tell([device()]);
    expect(messages()).toEqual(['GPU 0 (NVIDIA H100) is back.']);
    expect(manager.notifications[0]).toMatchObject({ type: 'info' });
  });

  it('of a lost device goes with the device', () => {
    tell([lost]);
    tell([]);
    expect(messages()).toEqual([]);
  });

  it('of a driver becomes the news that it works', () => {
    tell([device()]);
    const driver = { ...reading().driver, status: 'not-loaded' as const };
    tell([], { driver: { ...driver, message: 'The module is gone.' } });
    expect(messages()).toEqual([
      'The GPU driver does not work any more: The module is gone.'
    ]);
    tell([device()]);
    expect(messages()).toEqual(['The GPU driver works again.']);
  });

  it('is not told before the settings are known', () => {
    const notifier = load(null);
    tell([lost, device({ index: 1, temperature: 91 })]);
    expect(messages()).toEqual([]);
    notifier.rules = DEFAULTS;
    expect(messages()).toHaveLength(1);
  });

  it('is taken back, with no good news, where the user turns it off', () => {
    const notifier = load();
    tell([lost]);
    notifier.rules = { ...RULES, lost: { enabled: false } };
    expect(messages()).toEqual([]);
  });

  it('is not told of hidden devices', async () => {
    tell([hot]);
    await display.hide(hot.uuid);
    expect(messages()).toEqual([]);
  });

  describe('that the user dismissed', () => {
    beforeEach(() => {
      tell([lost]);
      manager.dismiss(manager.notifications[0]!.id);
    });

    it('is not told again, not even after a reload', () => {
      tell([lost]);
      expect(messages()).toEqual([]);
      load();
      tell([lost]);
      live.tellKernels(kernels());
      tell([lost]);
      expect(messages()).toEqual([]);
    });

    it('says nothing when the cause ends, and is told when it comes back', () => {
      live.tellKernels(kernels());
      tell([device()]);
      expect(messages()).toEqual([]);
      tell([lost]);
      expect(messages()).toHaveLength(1);
    });
  });

  it('that is not dismissed waits among the notifications after a reload', () => {
    tell([lost]);
    load();
    tell([lost]);
    // Kept in JupyterLab's list and not shown by itself.
    expect(manager.notifications[0]).toMatchObject({
      options: { autoClose: 0 }
    });
    live.tellKernels(kernels());
    tell([device()]);
    tell([lost]);
    expect(manager.notifications[0]).toMatchObject({
      options: { autoClose: false }
    });
  });

  it('leads to the devices', () => {
    tell([hot]);
    press('Show GPUs');
    expect(execute).toHaveBeenCalledWith('tfgpu:open-panel');
  });

  it('that is muted is not told again for this device', () => {
    tell([hot]);
    press('Mute');
    live.tellKernels(kernels());
    tell([device({ temperature: 60 })]);
    tell([hot, device({ index: 1, temperature: 92 })]);
    expect(messages()).toEqual([
      unbroken('GPU 1 (NVIDIA H100) is at 92 °C, over 80 °C.')
    ]);
  });

  describe('of a kernel that does not use what it holds', () => {
    const show = (changes: Partial<KernelUse> = {}) => {
      tell([device()]);
      live.tellKernels(kernels(holding(changes)));
    };
    const labels = () => buttons().map(({ label }) => label);
    const answer = async (label: string) => {
      await settle();
      const button = [
        ...document.querySelectorAll<HTMLElement>('.jp-Dialog button')
      ].find(one => one.textContent === label);
      button!.click();
      await new Promise(done => setTimeout(done));
      await settle();
    };

    it('names notebook, memory and device', () => {
      show();
      expect(messages()[0]).toMatch(
        /^train\.ipynb holds 12\.0\sGiB on GPU 0 \(NVIDIA H100\) and has not used it since \d/
      );
      expect(labels()).toEqual(['Open notebook', 'Shut down…', 'Mute']);
    });

    it('opens the notebook', () => {
      show();
      press('Open notebook');
      expect(execute).toHaveBeenCalledWith('docmanager:open', {
        path: 'work/train.ipynb'
      });
    });

    it('shuts nothing down that the user does not confirm', async () => {
      show();
      press('Shut down…');
      await answer('Cancel');
      expect(shutdown.session).not.toHaveBeenCalled();
    });

    it('shuts the session down where the user says so', async () => {
      show();
      press('Shut down…');
      await answer('Shut Down');
      expect(shutdown.session).toHaveBeenCalledWith('s1');
      expect(shutdown.kernel).not.toHaveBeenCalled();
    });

    it('shuts a kernel without a session down', async () => {
      sessions = [];
      show({ notebook: null });
      expect(messages()[0]).toMatch(/^A kernel \(python3\) holds/);
      expect(labels()).toEqual(['Shut down…', 'Show GPUs', 'Mute']);
      press('Shut down…');
      await answer('Shut Down');
      expect(shutdown.kernel).toHaveBeenCalledWith('k1');
    });

    it('leaves kernels of other servers alone', () => {
      show({ id: 'k9', notebook: '/elsewhere/b.ipynb' });
      expect(labels()).toEqual(['Show GPUs', 'Mute']);
    });
  });

  afterEach(() => Dialog.flush());
});
