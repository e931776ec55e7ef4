import { colorOf } from './lines';
import type { ILine } from './lines';

/** What a canvas needs to know of the theme; CSS alone does not reach it. */
export interface ILook {
  readonly text: string;
  readonly grid: string;
  /** As in CSS: `11px sans-serif`. */
  readonly font: string;
  color(line: ILine): string;
}

/** The look of an element: of its own style and JupyterLab's variables. */
export function lookOf(node: HTMLElement): ILook {
  const style = getComputedStyle(node);
  const variable = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: style.color,
    grid: variable('--jp-layout-color2'),
    font: `${style.fontSize} ${style.fontFamily}`,
    color: line => variable(colorOf(line))
  };
}
