import { isWorthAsking, withinLimit } from '../../src/preflight/words';
import { WORDS } from './notebook';

describe('A cell is worth a question', () => {
  const asks = (code: string, ...earlier: string[]) =>
    isWorthAsking(WORDS, code, earlier);

  it.each([
    ['model.fit(x)', []],
    ['import keras', []],
    ['run()', ['def run():\n    model.fit(x)']],
    ['run()', ['  async def run():\n    model.fit(x)']],
    ['t = Trainer()', ['class Trainer:\n  def go(self): model.fit(x)']],
    ['t.go()', ['class Trainer:\n  def go(self): model.fit(x)']],
    ['all()', ['def one(): model.fit(x)', 'def all():\n    one()']],
    ['학습()', ['def 학습(): model.fit(x)']]
  ])('%s', (code, earlier) => {
    expect(asks(code, ...earlier)).toBe(true);
  });

  it.each([
    ['print(1)', []],
    ['', []],
    ['print(1)', ['import keras']],
    ['running()', ['def run():\n    model.fit(x)']],
    ['run()', ['def run():\n    pass', 'import keras']],
    ['a = __init__', ['class A(keras.Model):\n  def __init__(self): ...']],
    ['all()', ['def all():\n    one()', 'def one(): model.fit(x)']]
  ])('not %s', (code, earlier) => {
    expect(asks(code, ...earlier)).toBe(false);
  });

  it('not where it is too long to be judged', () => {
    expect(asks('fit'.padEnd(201))).toBe(false);
    expect(asks('run()', 'def run(): fit'.padEnd(201))).toBe(false);
  });
});

describe('A question', () => {
  const question = (...earlier: string[]) => ({
    kernel_id: 'k1',
    code: 'fit',
    earlier
  });
  const size = (value: unknown) => new Blob([JSON.stringify(value)]).size;

  it('is sent as it is where it is short', () => {
    const short = question('a', 'b');
    expect(withinLimit(short, WORDS)).toEqual(short);
  });

  it('leaves out what would not be judged', () => {
    expect(withinLimit(question('a', 'b'.padEnd(201)), WORDS).earlier).toEqual([
      'a',
      ''
    ]);
  });

  it('has no more bytes than the server reads, the short cells in it', () => {
    const cells = [
      'import a',
      ...Array<string>(8).fill('ü'.repeat(90)),
      'x = 1'
    ];
    const cut = withinLimit(question(...cells), WORDS);
    expect(size(cut)).toBeLessThanOrEqual(WORDS.limit);
    expect(size(cut)).toBeGreaterThan(WORDS.limit - 200);
    expect(cut.earlier.length).toBe(cells.length);
    expect([cut.earlier[0], cut.earlier.at(-1)]).toEqual(['import a', 'x = 1']);
  });
});
