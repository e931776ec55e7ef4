/** Stands for what is not known; 0 never does. */
export const UNKNOWN = '–';

const GIB = 2 ** 30;

type Maybe = number | null | undefined;

/** Bytes in GiB with one digit, without the unit: `12.3`. */
export function gib(bytes: Maybe): string {
  return isNumber(bytes) ? (bytes / GIB).toFixed(1) : UNKNOWN;
}

/** Bytes with the unit: `12.3 GiB`, `512 MiB` below one GiB. */
export function memory(bytes: Maybe): string {
  if (!isNumber(bytes)) {
    return UNKNOWN;
  }
  return bytes >= GIB || bytes === 0
    ? `${gib(bytes)} GiB`
    : `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** Used and total memory: `12.3 / 80.0 GiB`. */
export function memoryOf(used: Maybe, total: Maybe): string {
  return isNumber(used) || isNumber(total)
    ? `${gib(used)} / ${gib(total)} GiB`
    : UNKNOWN;
}

/** A fraction in percent: `45 %`. */
export function percent(fraction: Maybe): string {
  return isNumber(fraction) ? `${Math.round(fraction * 100)} %` : UNKNOWN;
}

/** Degrees with the unit, which says what is not known: `54 °C`, `– °C`. */
export function celsius(degrees: Maybe): string {
  return `${isNumber(degrees) ? degrees : UNKNOWN} °C`;
}

/** Used and allowed power from milliwatts: `120 / 350 W`, `– W`. */
export function watts(usage: Maybe, limit: Maybe): string {
  const used = isNumber(usage) ? watt(usage) : UNKNOWN;
  return isNumber(limit) ? `${used} / ${watt(limit)} W` : `${used} W`;
}

/** A part of a whole as a fraction 0-1; null where one of them is not known. */
export function fraction(part: Maybe, whole: Maybe): number | null {
  return isNumber(part) && isNumber(whole) && whole > 0
    ? Math.min(1, Math.max(0, part / whole))
    : null;
}

/** A path whose front is cut, so that its last parts stay: `…/envs/tf2`. */
export function shortPath(path: string, length = 32): string {
  if (path.length <= length) {
    return path;
  }
  const separator = path.includes('\\') && !path.includes('/') ? '\\' : '/';
  const parts = path.split(separator);
  let tail = parts.pop() ?? path;
  for (
    let part = parts.pop();
    part && tail.length + part.length + 3 <= length;
    part = parts.pop()
  ) {
    tail = part + separator + tail;
  }
  return `…${separator}${tail}`;
}

/** A path's last part. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function watt(milliwatts: number): string {
  return String(Math.round(milliwatts / 1000));
}

function isNumber(value: Maybe): value is number {
  return typeof value === 'number';
}
