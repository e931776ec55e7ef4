import { readFileSync } from 'fs';
import { join } from 'path';

export type Color = [red: number, green: number, blue: number];
type Matrix = [Color, Color, Color];

/**
 * How colours look to people with a colour blindness, on linear RGB: Machado,
 * Oliveira and Fernandes 2009, table 1, severity 1 (doi:10.1109/TVCG.2009.113).
 */
export const SIGHT: { [name: string]: Matrix } = {
  'every kind of cone': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1]
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998]
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881]
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039]
  ]
};

/** The colours `--jp-tfgpu-NAME-0` and so on of a style sheet, in its order. */
export function colorsIn(file: string, name: string): Color[] {
  const css = readFileSync(join(__dirname, '..', 'style', file), 'utf-8');
  const pattern = `--jp-tfgpu-${name}-\\d: rgb\\((\\d+) (\\d+) (\\d+)\\)`;
  return [...css.matchAll(new RegExp(pattern, 'g'))].map(
    ([, ...parts]) => parts.map(Number) as Color
  );
}

/** WCAG’s relative luminance. */
function linear(color: Color): Color {
  return color.map(part => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Color;
}

const dot = (a: Color, b: Color): number =>
  a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** WCAG’s contrast, 1-21. */
export function contrast(a: Color, b: Color): number {
  const [low, high] = [a, b]
    .map(color => dot([0.2126, 0.7152, 0.0722], linear(color)) + 0.05)
    .sort((one, other) => one - other) as [number, number];
  return high / low;
}

/** CIE L*a*b* of a colour as it is seen. */
function seen(color: Color, sight: Matrix): Color {
  const rgb = sight.map(row =>
    Math.min(1, Math.max(0, dot(row, linear(color))))
  ) as Color;
  const root = (value: number) =>
    value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116;
  const x = root(dot([0.4124, 0.3576, 0.1805], rgb) / 0.95047);
  const y = root(dot([0.2126, 0.7152, 0.0722], rgb));
  const z = root(dot([0.0193, 0.1192, 0.9505], rgb) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** The least difference (CIE 1976) between any two of the colours as they are seen. */
export function closest(colors: Color[], sight: Matrix): number {
  const all = colors.map(color => seen(color, sight));
  const distances = all.flatMap((a, index) =>
    all
      .slice(index + 1)
      .map(b => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]))
  );
  return Math.min(...distances);
}
