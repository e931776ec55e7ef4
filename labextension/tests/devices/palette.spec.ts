import { COLORS } from '../../src/devices/colors';
import { SIGHT, closest, colorsIn, contrast } from '../palettes';
import type { Color } from '../palettes';

/** `--jp-layout-color2` of JupyterLab’s themes; the one of high contrast has that of the dark one. */
const GROUNDS: { [theme: string]: Color } = {
  light: [238, 238, 238],
  dark: [66, 66, 66]
};

/** A difference of about 2 is just seen with two fields side by side (CIE 1976). */
const APART = 15;

/** The palette of a theme: the first in the file is the light one. */
function palette(theme: string): Color[] {
  const found = colorsIn('devices.css', 'holder');
  return theme === 'light' ? found.slice(0, COLORS) : found.slice(COLORS);
}

describe.each(Object.keys(GROUNDS))('The colours of holders, %s', theme => {
  const colors = palette(theme);
  it('stand out from the ground of the bar', () => {
    expect(colors).toHaveLength(COLORS);
    const ground = GROUNDS[theme] as Color;
    const least = Math.min(...colors.map(color => contrast(color, ground)));
    expect(least).toBeGreaterThanOrEqual(3);
  });

  it.each(Object.entries(SIGHT))('are told apart with %s', (_, sight) => {
    expect(closest(colors, sight)).toBeGreaterThan(APART);
  });
});
