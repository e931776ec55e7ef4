import { Token } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

/** The sidebar that features add their sections to. */
export interface IGpuPanel {
  /** Adds a section; those of a lower rank stand above. Its title is `widget.title.label`. */
  addSection(widget: Widget, rank: number): void;
}

export const IGpuPanel = new Token<IGpuPanel>(
  'jupyter-tfgpu:IGpuPanel',
  'The GPU sidebar; add a section to it.'
);
