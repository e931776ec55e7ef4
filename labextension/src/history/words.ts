import type { TranslationBundle } from '@jupyterlab/translation';

import type { IExtremes } from './extremes';
import type { IFigure } from './figures';
import type { ILine } from './lines';
import { exactTime } from './times';
import type { Range } from './window';

/** What a chart shows, in words: of each device the newest, least and most. */
export function inWords(
  figure: IFigure,
  lines: readonly ILine[],
  found: readonly (IExtremes | null)[],
  [from, to]: Range,
  trans: TranslationBundle
): string {
  const sentences = lines.map(({ title }, index) => {
    const extremes = found[index];
    return extremes
      ? trans.__(
          '%1: %2, lowest %3, highest %4',
          title,
          figure.text(extremes.latest),
          figure.text(extremes.low),
          figure.text(extremes.high)
        )
      : trans.__('%1: not known', title);
  });
  const what = trans.__(
    '%1 from %2 to %3',
    figure.title,
    exactTime(from),
    exactTime(to)
  );
  return [what, ...sentences].join('. ');
}
