import { readFileSync } from 'fs';
import { join } from 'path';

import { COLORS } from '../../src/devices/colors';

type Color = [red: number, green: number, blue: number];
type Matrix = [Color, Color, Color];

const css = readFileSync(
  join(__dirname, '..', '..', 'style', 'devices.css'),
  'utf-8'
);

/** `--jp-layout-color2` of JupyterLab’s themes; the one of high contrast has that of the dark one. */
const GROUNDS: { [theme: string]: Color } = {
  light: [238, 238, 238],
  dark: [66, 66, 66]
};

/**
 * How colours look to people with a colour blindness, on linear RGB: Machado,
 * Oliveira and Fernandes 2009, table 1, severity 1 (doi:10.1109/TVCG.2009.113).
 */
const SIGHT: { [name: string]: Matrix } = {
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

/** A difference of about 2 is just seen with two fields side by side (CIE 1976). */
const APART = 15;

/** The palette of a theme: the first in the file is the light one. */
function palette(theme: string): Color[] {
  const found = [
    ...css.matchAll(/--jp-tfgpu-holder-(\d): rgb\((\d+) (\d+) (\d+)\)/g)
  ].map(([, , ...parts]) => parts.map(Number) as Color);
  return theme === 'light' ? found.slice(0, COLORS) : found.slice(COLORS);
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

function contrast(a: Color, b: Color): number {
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

describe.each(Object.keys(GROUNDS))('The colours of holders, %s', theme => {
  const colors = palette(theme);
  const pairs = colors.flatMap((one, index) =>
    colors.slice(index + 1).map(other => [one, other] as const)
  );

  it('stand out from the ground of the bar', () => {
    expect(colors).toHaveLength(COLORS);
    const ground = GROUNDS[theme] as Color;
    const least = Math.min(...colors.map(color => contrast(color, ground)));
    expect(least).toBeGreaterThanOrEqual(3);
  });

  it.each(Object.entries(SIGHT))('are told apart with %s', (_, sight) => {
    const distances = pairs.map(([one, other]) => {
      const [a, b] = [seen(one, sight), seen(other, sight)];
      return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    });
    expect(Math.min(...distances)).toBeGreaterThan(APART);
  });
});
