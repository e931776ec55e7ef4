/** What the tab needs and the rest of the page does not: a chunk of its own, with uPlot. */
export { HistoryModel } from './model';
export { HistoryView } from './widget';
