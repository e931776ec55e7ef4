import { ServerFixing } from '../../src/fixes';
import type { Client, Finding, FixAnswer, Task } from '../../src/api';
import { task } from '../samples';
import { answer } from './fixing';

const FINDING = { code: 'gpu-hidden', framework: 'torch' } as Finding;

/** A client whose tasks go through these states. */
function client(fix: FixAnswer, ...states: Task['state'][]) {
  const left = [...states];
  return {
    fix: jest.fn(() => Promise.resolve(fix)),
    undoFix: jest.fn(() => Promise.resolve(fix)),
    task: jest.fn(() =>
      Promise.resolve(
        task({ id: 't', state: left.shift() ?? 'done', message: 'It said so.' })
      )
    )
  };
}

function fixing(made: ReturnType<typeof client>): ServerFixing {
  return new ServerFixing(made as unknown as Client, { environment: 'e' });
}

const begun = () => answer({ task: task({ id: 't', state: 'running' }) });

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('looks without changing, then has done what was looked at', async () => {
  const made = client(answer());
  const look = await fixing(made).look(FINDING);
  await fixing(made).apply(FINDING, look);
  const about = { environment: 'e', code: 'gpu-hidden', framework: 'torch' };
  expect(made.fix.mock.calls).toEqual([
    [{ ...about, dry_run: true }],
    [{ ...about, shown: 'state-1' }]
  ]);
});

it('waits for the task that does it', async () => {
  const made = client(begun(), 'running', 'running', 'done');
  const applied = fixing(made).apply(FINDING, answer());
  await jest.advanceTimersByTimeAsync(1600);
  expect((await applied).task?.state).toBe('done');
  expect(made.task).toHaveBeenCalledTimes(3);
});

it.each(['failed', 'cancelled'] as const)(
  'rejects with what a task that was %s says',
  async state => {
    const applied = fixing(client(begun(), state)).apply(FINDING, answer());
    const failed = expect(applied).rejects.toThrow('It said so.');
    await jest.advanceTimersByTimeAsync(600);
    await failed;
  }
);

it('takes back by the id', async () => {
  const made = client(answer());
  await fixing(made).undo(answer({ id: 'abc' }));
  expect(made.undoFix).toHaveBeenCalledWith('abc');
});
