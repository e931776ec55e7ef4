import { Remembered } from '../../src/alerts/remembered';

describe('What became of alerts', () => {
  beforeEach(() => window.sessionStorage.clear());

  it('is known after a reload, until it is forgotten', () => {
    const before = new Remembered(() => window.sessionStorage);
    before.add('lost:1', 'told');
    before.add('lost:1', 'dismissed');
    before.add('memory:1', 'told');
    before.add('memory:2', 'told');
    before.keep(key => key.endsWith('1'));
    const after = new Remembered(() => window.sessionStorage);
    const fates = ['lost:1', 'memory:1', 'memory:2'].map(key => after.of(key));
    expect(fates).toEqual(['dismissed', 'told', undefined]);
  });

  it('is not known where the browser keeps nothing, or something else', () => {
    const debug = jest.spyOn(console, 'debug').mockImplementation();
    const setItem = () => {
      throw new Error('no room');
    };
    for (const kept of [null, 'no json {', '{}', '[["lost:1", "eaten"], 3]']) {
      const remembered = new Remembered(() => ({
        getItem: () => kept,
        setItem
      }));
      expect(remembered.of('lost:1')).toBeUndefined();
      remembered.add('lost:1', 'told');
      expect(remembered.of('lost:1')).toBe('told');
    }
    debug.mockRestore();
  });

  it('is not known where the browser forbids to look', () => {
    const debug = jest.spyOn(console, 'debug').mockImplementation();
    const remembered = new Remembered(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    remembered.add('lost:1', 'told');
    expect(remembered.of('lost:1')).toBe('told');
    debug.mockRestore();
  });
});
