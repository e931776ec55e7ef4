import { TimeWindow } from '../../src/history/window';

describe('The part of time that is shown', () => {
  let last: number | null;
  let window: TimeWindow;

  beforeEach(() => {
    last = 10_000;
    window = new TimeWindow(() => last);
  });

  it('is the last half hour, moving on with the readings', () => {
    expect(window.range).toEqual([8200, 10_000]);
    last = 10_002;
    expect(window.range).toEqual([8202, 10_002]);
    window.follow(300);
    expect(window.range).toEqual([9702, 10_002]);
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
    last = 10_002;
    expect(window.range).toEqual([8200, 10_000]);
    window.hold(false);
    expect(window.range).toEqual([8202, 10_002]);
  });
});
