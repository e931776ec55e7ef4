import { COLORS } from '../../src/history/lines';
import { SIGHT, closest, colorsIn, contrast } from '../palettes';
import type { Color } from '../palettes';

/** `--jp-layout-color0` and `1` of JupyterLab’s themes; both are #111 in the dark one of high contrast. */
const THEMES: { theme: string; grounds: Color[]; least: number }[] = [
  { theme: 'light', grounds: [[255, 255, 255]], least: 3 },
  {
    theme: 'dark',
    grounds: [
      [17, 17, 17],
      [33, 33, 33]
    ],
    // Thin lines in a dim colour are lost on black.
    least: 4.5
  }
];

/** A difference of about 2 is just seen with two fields side by side (CIE 1976). */
const APART = 15;

describe.each(THEMES)('The colours of lines, $theme', args => {
  const all = colorsIn('history.css', 'history-color');
  const colors =
    args.theme === 'light' ? all.slice(0, COLORS) : all.slice(COLORS);

  it('stand out from the ground', () => {
    expect(colors).toHaveLength(COLORS);
    const contrasts = colors.flatMap(color =>
      args.grounds.map(ground => contrast(color, ground))
    );
    expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(args.least);
  });

  it.each(Object.entries(SIGHT))('are told apart with %s', (_, sight) => {
    expect(closest(colors, sight)).toBeGreaterThan(APART);
  });
});
