import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { JSONExt } from '@lumino/coreutils';

import type { Reading } from '../api';

/** `next`, or `previous` itself where both say the same. */
export function sameOr<T>(previous: T, next: T): T {
  const equal = JSONExt.deepEqual(
    previous as ReadonlyPartialJSONValue,
    next as ReadonlyPartialJSONValue
  );
  return equal ? previous : next;
}

/** The new list with equal items taken from the old one; the old list itself where all are equal. */
export function shareItems<T>(
  previous: T[],
  next: T[],
  key: (item: T) => string
): T[] {
  const known = new Map(previous.map(item => [key(item), item]));
  const shared = next.map(item => {
    const old = known.get(key(item));
    return old === undefined ? item : sameOr(old, item);
  });
  const unchanged =
    shared.length === previous.length &&
    shared.every((item, index) => item === previous[index]);
  return unchanged ? previous : shared;
}

/** A new reading whose unchanged parts are those of the one before. */
export function shareReading(previous: Reading | null, next: Reading): Reading {
  if (previous === null) {
    return next;
  }
  return {
    ...next,
    driver: sameOr(previous.driver, next.driver),
    devices: shareItems(previous.devices, next.devices, device => device.uuid)
  };
}
