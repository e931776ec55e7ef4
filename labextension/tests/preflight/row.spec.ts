import { Row } from '../../src/preflight/row';
import { settle } from '../server';

describe('The cells of a notebook', () => {
  let row: Row;
  let started: string[];
  let answers: Record<string, (may: boolean) => void>;

  const start = (name: string) => async () => {
    started.push(name);
    return true;
  };
  /** A cell of which nothing is to be said. */
  const plain = (name: string) => row.enter(() => true, start(name));
  /** One with a question, which the test answers. */
  const asking = (name: string) =>
    row.enter(
      () => new Promise(resolve => (answers[name] = resolve)),
      start(name)
    );

  beforeEach(() => {
    row = new Row();
    started = [];
    answers = {};
  });

  it('start at once where nothing is asked', async () => {
    const all = [plain('a'), plain('b')];
    expect(started).toEqual(['a', 'b']);
    expect(await Promise.all(all)).toEqual([true, true]);
  });

  it('wait in order for an answer', async () => {
    const all = [plain('a'), asking('b'), plain('c'), asking('d'), plain('e')];
    await settle();
    expect(started).toEqual(['a']);
    expect(Object.keys(answers)).toEqual(['b']);
    answers['b']!(true);
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
    answers['d']!(true);
    expect(await Promise.all(all)).toEqual(Array(5).fill(true));
    expect(started).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('do not wait for the one before to end', async () => {
    void row.enter(
      () => Promise.resolve(true),
      () => {
        started.push('endless');
        return new Promise(() => undefined);
      }
    );
    expect(await plain('b')).toBe(true);
    expect(started).toEqual(['endless', 'b']);
  });

  it('are left out with the one that was cancelled, and later ones are not', async () => {
    const all = [plain('a'), asking('b'), plain('c'), asking('d')];
    await settle();
    answers['b']!(false);
    expect(await Promise.all(all)).toEqual([true, false, false, false]);
    expect(Object.keys(answers)).toEqual(['b']);
    expect(await plain('e')).toBe(true);
    expect(started).toEqual(['a', 'e']);
  });

  it('are left out where one before them fails meanwhile, with the question', async () => {
    let moot: AbortSignal | undefined;
    const asked = row.enter((_, signal) => {
      moot = signal;
      return new Promise(resolve => (answers['b'] = resolve));
    }, start('b'));
    const behind = plain('c');
    await settle();
    expect(moot?.aborted).toBe(false);
    row.leaveOut();
    expect(moot?.aborted).toBe(true);
    const later = plain('d');
    answers['b']!(true);
    expect(await Promise.all([asked, behind, later])).toEqual([
      false,
      false,
      true
    ]);
    expect(started).toEqual(['d']);
  });

  it('go on where deciding fails', async () => {
    const failing = row.enter(
      () => Promise.reject(new Error('no')),
      start('a')
    );
    const behind = plain('b');
    await expect(failing).rejects.toThrow('no');
    expect(await behind).toBe(true);
  });

  it('are counted while they wait', async () => {
    let count = () => -1;
    const all = [
      row.enter(behind => {
        count = behind;
        return new Promise(resolve => (answers['a'] = resolve));
      }, start('a')),
      plain('b'),
      plain('c')
    ];
    expect(count()).toBe(2);
    answers['a']!(true);
    await Promise.all(all);
    expect(count()).toBe(-1);
  });
});
