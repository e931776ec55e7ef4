import type { TranslationBundle } from '@jupyterlab/translation';

import type { IFigure } from './figures';
import type { ILine } from './lines';
import type { HistoryModel } from './model';
import type { HistoryStore } from './store';
import { exactTime } from './times';
import type { Range } from './window';

/** What a chart shows, in words: of each device the newest, least and most. */
export function summary(model: HistoryModel, figure: IFigure): string {
  const { trans, window, feed, drawn } = model;
  const { range } = window;
  const what = trans.__(
    '%1 from %2 to %3',
    figure.title,
    exactTime(range[0]),
    exactTime(range[1])
  );
  const lines = drawn.map(line =>
    lineInWords(feed.store, line, figure, range, trans)
  );
  return [what, ...lines].join('. ');
}

function lineInWords(
  store: HistoryStore,
  line: ILine,
  figure: IFigure,
  range: Range,
  trans: TranslationBundle
): string {
  const found = extremes(store, line.uuid, figure, range);
  if (!found) {
    return trans.__('%1: not known', line.title);
  }
  return trans.__(
    '%1: %2, lowest %3, highest %4',
    line.title,
    figure.text(found.latest),
    figure.text(found.low),
    figure.text(found.high)
  );
}

interface IExtremes {
  latest: number;
  low: number;
  high: number;
}

/** The newest, least and most of a figure in a part of time; null: nothing is known. */
export function extremes(
  store: HistoryStore,
  uuid: string,
  { key }: Pick<IFigure, 'key'>,
  [from, to]: Range
): IExtremes | null {
  const read = store.reader(uuid, key);
  const found = { latest: NaN, low: Infinity, high: -Infinity };
  for (let index = 0; index < store.length; index += 1) {
    const value = read(index);
    const time = store.time(index);
    if (value !== null && time >= from && time <= to) {
      found.latest = value;
      found.low = Math.min(found.low, value);
      found.high = Math.max(found.high, value);
    }
  }
  return Number.isNaN(found.latest) ? null : found;
}
