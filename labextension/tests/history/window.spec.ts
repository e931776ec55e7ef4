import { TimeWindow } from '../../src/history/window';

describe('The part of time that is shown', () => {
  let first: number;
  let last: number;
  let window: TimeWindow;

  beforeEach(() => {
    first = 8200;
    last = 10_000;
    window = new TimeWindow(() => [first, last]);
  });

  it('is the last half hour, moving on with the readings', () => {
    expect(window.range).toEqual([8200, 10_000]);
    [first, last] = [8202, 10_002];
    expect(window.range).toEqual([8202, 10_002]);
    window.follow(300);
    expect(window.range).toEqual([9702, 10_002]);
  });

  it('is the shortest that all readings fit in, until the user chooses', () => {
    first = last;
    expect(window.range).toEqual([9700, 10_000]);
    first = 9700;
    expect(window.span).toBe(300);
    first = 9699;
    expect(window.span).toBe(900);
    first = 9099;
    expect(window.span).toBe(1800);
    window.zoom(9100, 9200);
    window.follow();
    expect(window.span).toBe(1800);
    window.follow(300);
    expect(window.span).toBe(300);
    window.zoom(9800, 9900);
    window.follow();
    expect(window.span).toBe(300);
  });

  it('ends now where there are no readings', () => {
    jest.useFakeTimers({ now: 500_000 });
    expect(new TimeWindow(() => null).range).toEqual([200, 500]);
    jest.useRealTimers();
  });

  it('stays put while it is zoomed, until it is reset', () => {
    window.follow(900);
    window.zoom(9000, 9100);
    last = 10_500;
    expect(window.range).toEqual([9000, 9100]);
    expect(window.zoomed).toBe(true);
    window.follow();
    expect(window.range).toEqual([9600, 10_500]);
    expect(window.zoomed).toBe(false);
  });

  it('is never shorter than five seconds, nor outside of what is known', () => {
    window.zoom(9001, 9000);
    expect(window.range).toEqual([8998, 9003]);
    window.zoom(9900, 10_100);
    expect(window.range).toEqual([9800, 10_000]);
    window.zoom(0, 100);
    expect(window.range).toEqual([8200, 8300]);
  });

  it('moves, and ends at what is known', () => {
    window.zoom(9000, 9100);
    window.pan(-0.1);
    expect(window.range).toEqual([8990, 9090]);
    window.pan(20);
    expect(window.range).toEqual([9900, 10_000]);
  });

  it('grows and shrinks around a time', () => {
    window.zoom(9000, 9100);
    window.scale(0.5, 9000);
    expect(window.range).toEqual([9000, 9050]);
    window.scale(0.01);
    expect(window.range).toEqual([9000, 9050]);
    window.scale(1000);
    expect(window.zoomed).toBe(false);
    expect(window.range).toEqual([8200, 10_000]);
  });

  it('does not move under a drag', () => {
    window.hold(true);
    [first, last] = [8202, 10_002];
    expect(window.range).toEqual([8200, 10_000]);
    window.hold(false);
    expect(window.range).toEqual([8202, 10_002]);
  });
});
