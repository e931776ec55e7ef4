import { Token } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

/** The sidebar that features add their sections to. */
export interface IGpuPanel {
  /**
   * Adds a section; those of a lower rank stand above. Its title is `widget.title.label`.
   * It gets the height of so many shares, until the user drags its edge.
   */
  addSection(widget: Widget, rank: number, shares?: number): void;
}

export const IGpuPanel = new Token<IGpuPanel>(
  'jupyter-tfgpu:IGpuPanel',
  'The GPU sidebar; add a section to it.'
);
