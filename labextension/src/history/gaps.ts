import type { Column } from './store';

/** A step between two readings is a gap where it is longer than so many of the steps beside it. */
const GAP = 3;
/** The longest interval, in seconds, at which a server reads; a longer step is nobody's interval. */
const LONGEST_INTERVAL = 60;

/**
 * Before which readings nobody looked for long: 1 there, else 0. The server may
 * have read at other intervals than this page's (seconds), as another page asked
 * for or as it does by itself: a step counts as long beside its neighbours.
 */
export function gapsIn(times: Column, interval: number): Uint8Array {
  const gaps = new Uint8Array(times.length);
  const step = (index: number) => times[index]! - times[index - 1]!;
  const usual = (index: number) =>
    index > 0 && index < times.length
      ? Math.min(LONGEST_INTERVAL, step(index))
      : 0;
  for (let index = 1; index < times.length; index += 1) {
    const longest = Math.max(interval, usual(index - 1), usual(index + 1));
    if (step(index) > GAP * longest) {
      gaps[index] = 1;
    }
  }
  return gaps;
}
