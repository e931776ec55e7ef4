import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { JSONExt } from '@lumino/coreutils';

import type { Environments, Kernels, Reading } from '../api';

/** What an answer on environments is made of. */
const PARTS = ['environments', 'kernelspecs', 'suggested', 'problems'] as const;

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

/** The new answer with equal kernels taken from the one before; that itself where all are equal. */
export function shareKernels(previous: Kernels | null, next: Kernels): Kernels {
  const before = previous?.kernels ?? [];
  const kernels = shareItems(before, next.kernels, kernel => kernel.id);
  return previous?.kernels === kernels ? previous : { ...next, kernels };
}

/** The same of environments and what is told with them. */
export function shareEnvironments(
  previous: Environments | null,
  next: Environments
): Environments {
  if (previous === null) {
    return next;
  }
  const shared = {
    ...next,
    environments: shareItems(
      previous.environments,
      next.environments,
      environment => environment.id
    ),
    kernelspecs: shareItems(
      previous.kernelspecs,
      next.kernelspecs,
      kernelspec => kernelspec.name
    ),
    suggested: sameOr(previous.suggested, next.suggested),
    problems: sameOr(previous.problems, next.problems)
  };
  return PARTS.every(part => previous[part] === shared[part])
    ? previous
    : shared;
}
