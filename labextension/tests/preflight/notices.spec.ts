import type { NotificationManager } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { Client } from '../../src/api';
import { Asked } from '../../src/preflight/asked';
import { Judge } from '../../src/preflight/judge';
import { Modes } from '../../src/preflight/modes';
import { Notices } from '../../src/preflight/notices';
import type { IPreflight } from '../../src/preflight/tokens';
import { StandInServer, settle } from '../server';
import { TestNotebook, TestStorage, WORDS, answer } from './notebook';

const trans = nullTranslator.load('');

describe('A cell that another extension runs', () => {
  const server = new StandInServer({
    'GET preflight': { json: WORDS },
    'POST preflight': { json: answer() }
  });
  const notify = jest.fn<string, Parameters<NotificationManager['notify']>>();
  const showFixes = jest.fn();
  const notebook = new TestNotebook(['%tfgpu watch off', 'model.fit(x)']);
  let preflight: IPreflight;
  let notices: Notices;

  async function run(index: number): Promise<void> {
    const { cell, sessionContext } = notebook.options(index);
    notices = new Notices(preflight, () => sessionContext, { notify }, trans);
    await notices.onScheduled({ model: notebook.model } as never, cell);
    await settle();
  }

  beforeEach(() => {
    notify.mockClear();
    const storage = new TestStorage();
    preflight = {
      judge: new Judge(
        new Client(server.settings),
        new Asked(() => storage),
        new Modes()
      ),
      questions: { showFixes } as never,
      seen: new WeakSet()
    };
  });

  it('is told of once, with the way to the fix', async () => {
    await run(1);
    await run(1);
    expect(notify).toHaveBeenCalledTimes(1);
    const [message, level, options] = notify.mock.calls[0]!;
    expect(message).toBe(
      'train.ipynb: It trains with TensorFlow. CUDA_VISIBLE_DEVICES hides every GPU'
    );
    expect(level).toBe('error');
    options.actions![0]!.callback(new MouseEvent('click'));
    expect(showFixes).toHaveBeenCalledTimes(1);
  });

  it('is not where our executor has asked', async () => {
    preflight.seen.add(notebook.options(1).cell);
    await run(1);
    expect(notify).not.toHaveBeenCalled();
  });

  it('is not where the kernel’s watch is off', async () => {
    await run(0);
    await run(1);
    expect(notify).not.toHaveBeenCalled();
  });

  it('is not where the setting is never', async () => {
    preflight.judge.level = 'never';
    await run(1);
    expect(notify).not.toHaveBeenCalled();
  });
});
