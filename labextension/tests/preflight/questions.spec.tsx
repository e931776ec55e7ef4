import { Dialog } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { act, fireEvent, screen } from '@testing-library/react';

import { Client } from '../../src/api';
import type { INews } from '../../src/preflight/judge';
import { Questions } from '../../src/preflight/questions';
import { runOf } from '../../src/preflight/run';
import { StandInServer, settle } from '../server';
import { TestNotebook, answer, finding } from './notebook';

const trans = nullTranslator.load('');
const CODE = '# Train\n%matplotlib inline\nhistory = model.fit(x)';

describe('The question before a cell', () => {
  let server: StandInServer;
  let notebook: TestNotebook;
  const settled = jest.fn();

  const news = (changes: Partial<INews> = {}): INews => ({
    answer: answer(),
    findings: [finding()],
    ...changes
  });

  function ask(
    about = news(),
    behind = 0,
    moot = new AbortController().signal
  ): Promise<boolean> {
    const { cell, sessionContext } = notebook.options(0);
    const run = runOf(cell, notebook.model as never, sessionContext)!;
    const questions = new Questions(
      new Client(server.settings),
      { settle: settled },
      trans
    );
    let answered = Promise.resolve(false);
    act(() => {
      answered = questions.mayRun(run, about, behind, moot);
    });
    return answered;
  }

  const dialog = () => document.querySelector('.jp-Dialog');
  // jsdom opens no <dialog>: what is in it counts as hidden there.
  const button = (name: string) =>
    screen.findByRole('button', { name, hidden: true });

  async function press(name: string): Promise<void> {
    const found = await button(name);
    await act(async () => {
      fireEvent.click(found);
      await new Promise(resolve => setTimeout(resolve));
      await settle();
    });
  }

  beforeEach(() => {
    server = new StandInServer();
    notebook = new TestNotebook([CODE]);
    settled.mockClear();
  });

  afterEach(() => act(() => Dialog.flush()));

  it('says which cell it is, what it does and what was found', async () => {
    const answered = ask(news(), 3);
    await screen.findByText('It trains with TensorFlow.');
    expect(dialog()?.querySelector('.jp-Dialog-header')?.textContent).toBe(
      'Run this cell of train.ipynb?'
    );
    expect(dialog()?.querySelector('pre')?.textContent).toBe(
      'history = model.fit(x)'
    );
    const text = dialog()?.querySelector('.jp-tfgpu-Preflight')?.textContent;
    expect(text).toContain('It trains with TensorFlow.');
    expect(text).toContain('CUDA_VISIBLE_DEVICES hides every GPU');
    expect(text).toContain('It is set to -1.');
    expect(text).toContain('3 more cells wait for your answer');
    await press('Cancel');
    expect(await answered).toBe(false);
  });

  it('says what an import loads', async () => {
    const loads = answer({ trains: false, imports: ['torch', 'jax'] });
    const answered = ask(news({ answer: loads }));
    await screen.findByText('It loads PyTorch, JAX.');
    await press('Cancel');
    expect(await answered).toBe(false);
  });

  it('shows what it is told as text', async () => {
    const html = finding({ title: '<b>x</b>', detail: '<img src=x>' });
    const answered = ask(news({ findings: [html] }));
    await screen.findByText('<img src=x>');
    expect(dialog()?.querySelector('.jp-tfgpu-Preflight img, b')).toBeNull();
    await press('Cancel');
    expect(await answered).toBe(false);
  });

  it('“Run anyway” runs it, and is remembered', async () => {
    const answered = ask();
    await press('Run anyway');
    expect(await answered).toBe(true);
    expect(settled).toHaveBeenCalledTimes(1);
  });

  it('“Cancel” leaves it out, and is not', async () => {
    const answered = ask();
    await press('Cancel');
    expect(await answered).toBe(false);
    expect(settled).not.toHaveBeenCalled();
    expect(dialog()).toBeNull();
  });

  it('“Fix it” leaves it out and shows the fixes, from the kernel’s report', async () => {
    server.on('GET kernels/k1/report', {
      json: {
        schema: 'tfgpu.report/1',
        verdict: 'broken',
        summary: 'No GPU',
        framework: null,
        environment: null,
        findings: [finding()],
        simulated: false
      }
    });
    const lost = finding({
      code: 'gpu-lost',
      title: 'A GPU is lost',
      fixes: []
    });
    const answered = ask(news({ findings: [lost, finding()] }));
    await press('Fix it');
    expect(await answered).toBe(false);
    expect(settled).not.toHaveBeenCalled();
    await button('Copy the command');
    const titles = [
      ...document.querySelectorAll('.jp-Dialog .jp-tfgpu-Message-title')
    ].map(({ textContent }) => textContent);
    expect(titles).toEqual([
      'A GPU is lost',
      'CUDA_VISIBLE_DEVICES hides every GPU'
    ]);
  });

  it('offers no fix where there is none', async () => {
    const answered = ask(news({ findings: [finding({ fixes: [] })] }));
    await button('Run anyway');
    expect(
      screen.queryByRole('button', { name: 'Fix it', hidden: true })
    ).toBeNull();
    await press('Cancel');
    expect(await answered).toBe(false);
  });

  it('is taken back where it has become moot', async () => {
    const moot = new AbortController();
    const answered = ask(news(), 0, moot.signal);
    await button('Cancel');
    act(() => moot.abort());
    expect(await answered).toBe(false);
    await act(settle);
    expect(dialog()).toBeNull();
  });
});
