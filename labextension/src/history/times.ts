/** Seconds between ticks from which on they are written without seconds. */
const MINUTE = 60;

const format = (second?: '2-digit') =>
  new Intl.DateTimeFormat(undefined, {
    hour: 'numeric',
    minute: '2-digit',
    ...(second && { second })
  });

const TO_MINUTES = format();
const TO_SECONDS = format('2-digit');

/** Times of ticks in the browser's zone and manner; `step`: seconds between two. */
export function tickTimes(times: (number | null)[], step: number): string[] {
  const chosen = step < MINUTE ? TO_SECONDS : TO_MINUTES;
  return times.map(time => (time === null ? '' : chosen.format(time * 1000)));
}

/** A time (seconds since the epoch) to the second. */
export function exactTime(time: number): string {
  return TO_SECONDS.format(time * 1000);
}
