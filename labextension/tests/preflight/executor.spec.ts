import { Asked } from '../../src/preflight/asked';
import { AskingExecutor } from '../../src/preflight/executor';
import type { INews } from '../../src/preflight/judge';
import { Judge } from '../../src/preflight/judge';
import { Modes } from '../../src/preflight/modes';
import type { ICellRun } from '../../src/preflight/run';
import { Client } from '../../src/api';
import { StandInServer, settle } from '../server';
import type { Options } from './notebook';
import {
  TestKernel,
  TestNotebook,
  TestStorage,
  WORDS,
  answer,
  finding
} from './notebook';

const IMPORT = 'from tensorflow import keras';
const FIT = 'model.fit(x)';

describe('A cell that is run', () => {
  let server: StandInServer;
  let judge: Judge;
  let storage: TestStorage;
  let executor: AskingExecutor;
  let ran: string[];
  /** How cells end, by their source; others end well. */
  let ends: Record<string, () => Promise<boolean>>;
  /** What the user says to a question. */
  let says: 'run' | 'cancel' | Promise<boolean>;
  let questions: [ICellRun, INews, number, AbortSignal][];

  const source = ({ cell }: Options) => cell.model.sharedModel.getSource();

  function open(): void {
    judge = new Judge(
      new Client(server.settings),
      new Asked(() => storage),
      new Modes()
    );
    executor = new AskingExecutor(
      judge,
      {
        mayRun: async (...question) => {
          questions.push(question);
          const may = typeof says === 'string' ? says === 'run' : await says;
          if (may) {
            judge.settle(question[0], question[1]);
          }
          return may;
        }
      },
      new WeakSet(),
      options => {
        ran.push(source(options));
        return (ends[source(options)] ?? (() => Promise.resolve(true)))();
      }
    );
  }

  const run = (options: Options) => executor.runCell(options);
  const runAll = (notebook: TestNotebook) =>
    Promise.all(notebook.all.map(options => run(options).catch(() => null)));
  const asked = () => questions.map(([{ code }]) => code);

  beforeEach(async () => {
    server = new StandInServer({
      'GET preflight': { json: WORDS },
      'POST preflight': { json: answer() }
    });
    storage = new TestStorage();
    ran = [];
    ends = {};
    says = 'run';
    questions = [];
    open();
    judge.prepare();
    await settle();
  });

  it('runs within the same call where it has none of the words', () => {
    const notebook = new TestNotebook(['print(1)', '%md fit']);
    void runAll(notebook);
    expect(ran).toEqual(['print(1)', '%md fit']);
    expect(server.count('POST preflight')).toBe(0);
  });

  it('is asked about with the code cells above it', async () => {
    const notebook = new TestNotebook([IMPORT, '%md Fit!', 'x = 1', FIT, 'y']);
    expect(await run(notebook.options(3))).toBe(true);
    expect(server.requests.at(-1)?.body).toEqual({
      kernel_id: 'k1',
      code: FIT,
      earlier: [IMPORT, 'x = 1']
    });
    expect(questions[0]![1].findings).toEqual([finding()]);
  });

  it('is not asked about a second time in the same kernel, after a reload neither', async () => {
    const notebook = new TestNotebook([FIT]);
    await run(notebook.options(0));
    await run(notebook.options(0));
    open();
    await run(notebook.options(0));
    expect(ran).toEqual([FIT, FIT, FIT]);
    expect(questions).toHaveLength(1);
    notebook.kernel = new TestKernel('k2');
    await run(notebook.options(0));
    expect(questions).toHaveLength(2);
  });

  it('is asked about again after Cancel, and where the cause is another', async () => {
    const notebook = new TestNotebook([FIT]);
    says = 'cancel';
    expect(await run(notebook.options(0))).toBe(false);
    says = 'run';
    expect(await run(notebook.options(0))).toBe(true);
    const later = finding({ code: 'gpu-lost' });
    server.on('POST preflight', {
      json: answer({ findings: [finding(), later] })
    });
    await run(notebook.options(0));
    expect(questions.map(([, news]) => news.findings)).toEqual([
      [finding()],
      [finding()],
      [later]
    ]);
  });

  it('is held with those after it, and left out with them', async () => {
    let say: (may: boolean) => void = () => undefined;
    says = new Promise(resolve => (say = resolve));
    const notebook = new TestNotebook(['a = 1', FIT, 'b = 2', FIT, '%md c']);
    const all = runAll(notebook);
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(ran).toEqual(['a = 1', '%md c']);
    expect(questions[0]![2]).toBe(2);
    say(false);
    expect(await all).toEqual([true, false, false, false, true]);
    says = 'run';
    expect(await runAll(notebook)).toEqual(Array(5).fill(true));
    expect(ran.slice(2)).toEqual(['a = 1', '%md c', FIT, 'b = 2', FIT]);
    expect(asked()).toEqual([FIT, FIT]);
  });

  it('is left out where a cell before it fails while it is held', async () => {
    let fail: (error: Error) => void = () => undefined;
    ends['a = 1'] = () => new Promise((_, reject) => (fail = reject));
    says = new Promise(() => undefined);
    questions.length = 0;
    executor = new AskingExecutor(
      judge,
      {
        mayRun: (...question) => {
          questions.push(question);
          return new Promise(resolve =>
            question[3].addEventListener('abort', () => resolve(false))
          );
        }
      },
      new WeakSet(),
      options => {
        ran.push(source(options));
        return (ends[source(options)] ?? (() => Promise.resolve(true)))();
      }
    );
    const all = runAll(new TestNotebook(['a = 1', FIT, 'b']));
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(asked()).toEqual([FIT]);
    fail(new Error('KernelReplyNotOK'));
    expect(await all).toEqual([null, false, false]);
    expect(ran).toEqual(['a = 1']);
  });

  it('is not left out where the one before it is meant to fail', async () => {
    ends['a = 1'] = () => Promise.reject(new Error('KernelReplyNotOK'));
    const notebook = new TestNotebook(['a = 1', FIT]);
    notebook.cells[0]!.model.tags.push('raises-exception');
    await runAll(notebook);
    expect(ran).toEqual(['a = 1', FIT]);
  });

  it('is left out where it was deleted while it was held', async () => {
    let say: (may: boolean) => void = () => undefined;
    says = new Promise(resolve => (say = resolve));
    const notebook = new TestNotebook([FIT, 'b']);
    const all = runAll(notebook);
    await new Promise(resolve => setTimeout(resolve, 20));
    notebook.cells[0]!.isDisposed = true;
    say(true);
    expect(await all).toEqual([false, true]);
    expect(ran).toEqual(['b']);
  });

  it('runs where the server does not answer in time', async () => {
    jest.useFakeTimers();
    try {
      const never = new Promise<never>(() => undefined);
      jest.spyOn(Client.prototype, 'preflight').mockReturnValueOnce(never);
      const running = run(new TestNotebook([FIT]).options(0));
      await jest.advanceTimersByTimeAsync(99);
      expect(ran).toEqual([]);
      await jest.advanceTimersByTimeAsync(2);
      expect(await running).toBe(true);
      expect(questions).toEqual([]);
    } finally {
      jest.useRealTimers();
    }
  });

  it.each([
    ['refuses', { status: 500, json: { message: 'x', reason: 'internal' } }],
    ['has no report', { json: answer({ findings: [] }) }],
    ['cannot be reached', new Error('offline')],
    ['answers something else', { text: '<html>' }]
  ])('runs where the server %s', async (_, reply) => {
    server.on('POST preflight', reply);
    expect(await run(new TestNotebook([FIT]).options(0))).toBe(true);
    expect(questions).toEqual([]);
  });

  it('is not asked about where the server lacks our part', async () => {
    server.on('GET preflight', { status: 404 });
    open();
    const notebook = new TestNotebook([FIT]);
    await run(notebook.options(0));
    await run(notebook.options(0));
    expect(ran).toEqual([FIT, FIT]);
    expect(server.count('POST preflight')).toBe(0);
    expect(server.count('GET preflight')).toBe(2); // before each page's first cell
  });

  it('is not asked about again in a kernel that the server does not know', async () => {
    server.on('POST preflight', {
      status: 404,
      json: { message: 'No kernel', reason: 'no-such-kernel' }
    });
    const notebook = new TestNotebook([FIT, FIT]);
    await runAll(notebook);
    expect(ran).toEqual([FIT, FIT]);
    expect(server.count('POST preflight')).toBe(1);
  });

  it('is asked about once the server can be reached again', async () => {
    server.on('GET preflight', new Error('offline'));
    open();
    const notebook = new TestNotebook([FIT]);
    await run(notebook.options(0));
    expect(questions).toEqual([]);
    server.on('GET preflight', { json: WORDS });
    await run(notebook.options(0));
    expect(questions).toHaveLength(1);
  });

  it('runs without a kernel, and where it is not Python', async () => {
    await run(new TestNotebook([FIT], null).options(0));
    const other = new TestNotebook([FIT]);
    other.model.defaultKernelLanguage = 'R';
    await run(other.options(0));
    expect(ran).toEqual([FIT, FIT]);
    expect(server.count('POST preflight')).toBe(0);
  });

  describe('with the setting', () => {
    const warning = finding({ code: 'driver-old', severity: 'warning' });

    beforeEach(() => {
      server.on('POST preflight', {
        json: answer({ findings: [finding(), warning] })
      });
    });

    it.each([
      ['never', []],
      ['errors', [['gpu-hidden']]],
      ['warnings', [['gpu-hidden', 'driver-old']]]
    ] as const)('%s', async (level, codes) => {
      judge.level = level;
      await run(new TestNotebook([FIT]).options(0));
      const told = questions.map(([, { findings }]) =>
        findings.map(({ code }) => code)
      );
      expect(told).toEqual(codes);
      expect(ran).toEqual([FIT]);
    });

    it('errors, a warning alone is not asked about', async () => {
      server.on('POST preflight', { json: answer({ findings: [warning] }) });
      await run(new TestNotebook([FIT]).options(0));
      expect(questions).toEqual([]);
    });
  });

  describe('after', () => {
    it('%tfgpu watch off is not asked about, until the kernel starts again', async () => {
      const notebook = new TestNotebook(['x = 1\n  %tfgpu watch off ', FIT]);
      await runAll(notebook);
      expect(asked()).toEqual([]);
      notebook.kernel!.becomes('restarting');
      await run(notebook.options(1));
      expect(asked()).toEqual([FIT]);
    });

    it('%tfgpu watch block is left to the kernel where it stops the cell', async () => {
      judge.level = 'warnings';
      const notebook = new TestNotebook(['%tfgpu watch block', FIT]);
      await runAll(notebook);
      expect(asked()).toEqual([]);
      const warning = finding({ severity: 'warning' });
      server.on('POST preflight', { json: answer({ findings: [warning] }) });
      await run(notebook.options(1));
      expect(asked()).toEqual([FIT]);
    });

    it('%tfgpu allow runs once', async () => {
      const notebook = new TestNotebook(['%tfgpu allow', FIT]);
      await runAll(notebook);
      expect(asked()).toEqual([]);
      await run(notebook.options(1));
      expect(asked()).toEqual([FIT]);
    });

    it('%tfgpu allow runs, and an import does not use that up', async () => {
      const notebook = new TestNotebook(['%tfgpu allow', IMPORT, FIT]);
      await run(notebook.options(0));
      server.on('POST preflight', {
        json: answer({
          trains: false,
          framework: null,
          imports: ['tensorflow']
        })
      });
      await run(notebook.options(1));
      server.on('POST preflight', { json: answer() });
      await run(notebook.options(2));
      expect(asked()).toEqual([]);
    });
  });
});
