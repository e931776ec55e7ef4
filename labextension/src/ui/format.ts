/** Stands for what is not known; 0 never does. */
export const UNKNOWN = '–';

/** Between a number and its unit, where no line may break. */
const GAP = '\u00a0';

/** How figures are written, as the user chose. GiB: 2³⁰ bytes, GB: 10⁹. */
export type Units = {
  readonly temperature: 'C' | 'F';
  readonly memory: 'GiB' | 'GB';
};

/** Bytes of the larger and the smaller unit, and the name of that. */
const SIZES = {
  GiB: { large: 2 ** 30, small: 2 ** 20, smaller: 'MiB' },
  GB: { large: 1e9, small: 1e6, smaller: 'MB' }
};

type Maybe = number | null | undefined;

/** Bytes with one digit and without the unit: `12.3`. */
export function size(bytes: Maybe, units: Units): string {
  return isNumber(bytes)
    ? (bytes / SIZES[units.memory].large).toFixed(1)
    : UNKNOWN;
}

/** Bytes with the unit: `12.3 GiB`, `512 MiB` below one GiB. */
export function memory(bytes: Maybe, units: Units): string {
  if (!isNumber(bytes)) {
    return UNKNOWN;
  }
  const { large, small, smaller } = SIZES[units.memory];
  return bytes >= large || bytes === 0
    ? `${size(bytes, units)}${GAP}${units.memory}`
    : `${Math.round(bytes / small)}${GAP}${smaller}`;
}

/** Used and total memory: `12.3 / 80.0 GiB`. */
export function memoryOf(used: Maybe, total: Maybe, units: Units): string {
  return isNumber(used) || isNumber(total)
    ? `${size(used, units)} / ${size(total, units)}${GAP}${units.memory}`
    : UNKNOWN;
}

/** Bytes per second: `2.1 GiB/s`, below one GiB `512 MiB/s`, below ten MiB `0.3 MiB/s`. */
export function rate(bytes: Maybe, units: Units): string {
  if (!isNumber(bytes)) {
    return UNKNOWN;
  }
  const { large, small, smaller } = SIZES[units.memory];
  if (bytes >= large) {
    return `${memory(bytes, units)}/s`;
  }
  const digits = bytes < 10 * small && bytes > 0 ? 1 : 0;
  return `${(bytes / small).toFixed(digits)}${GAP}${smaller}/s`;
}

/** A fraction in percent: `45 %`. */
export function percent(fraction: Maybe): string {
  return isNumber(fraction) ? `${Math.round(fraction * 100)}${GAP}%` : UNKNOWN;
}

/** Degrees Celsius in the unit, which says what is not known: `54 °C`, `129 °F`, `– °C`. */
export function temperature(celsius: Maybe, units: Units): string {
  const unit = units.temperature;
  if (!isNumber(celsius)) {
    return `${UNKNOWN}${GAP}°${unit}`;
  }
  const degrees = unit === 'F' ? (celsius * 9) / 5 + 32 : celsius;
  return `${Math.round(degrees)}${GAP}°${unit}`;
}

/** Used and allowed power from milliwatts: `120 / 350 W`, `– W`. */
export function watts(usage: Maybe, limit: Maybe): string {
  const used = isNumber(usage) ? watt(usage) : UNKNOWN;
  return isNumber(limit) ? `${used} / ${watt(limit)}${GAP}W` : `${used}${GAP}W`;
}

/** A clock and what it can reach: `1410 / 1980 MHz`. */
export function megahertz(now: Maybe, most: Maybe): string {
  const clock = isNumber(now) ? String(now) : UNKNOWN;
  return isNumber(most) ? `${clock} / ${most}${GAP}MHz` : `${clock}${GAP}MHz`;
}

/** Energy from millijoules: `12 Wh`, `3.4 kWh`. */
export function wattHours(millijoules: Maybe): string {
  if (!isNumber(millijoules)) {
    return UNKNOWN;
  }
  const hours = millijoules / 3.6e6;
  return hours < 1000
    ? `${Math.round(hours)}${GAP}Wh`
    : `${(hours / 1000).toFixed(1)}${GAP}kWh`;
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
