import { Backoff } from '../../src/live/backoff';

describe('Back-off', () => {
  it('doubles up to its end and starts anew after a success', () => {
    const backoff = new Backoff(1000, 5000, () => 0.5);
    const delays = [1, 2, 3, 4, 5].map(() => backoff.next());
    expect(delays).toEqual([1000, 2000, 4000, 5000, 5000]);
    backoff.reset();
    expect(backoff.next()).toBe(1000);
  });

  it('spreads the pages by a fifth either way', () => {
    expect(new Backoff(1000, 5000, () => 0).next()).toBeCloseTo(800);
    expect(new Backoff(1000, 5000, () => 1).next()).toBeCloseTo(1200);
  });
});
