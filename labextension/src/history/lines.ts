import type { TranslationBundle } from '@jupyterlab/translation';

import type { Device } from '../api';
import { deviceTitle } from '../devices';

/** The colours that history.css has; with more devices they come again, with another dash. */
export const COLORS = 8;
/** Dash patterns in pixels: solid first. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3]
];

/** The line of a device in every chart. */
export interface ILine {
  readonly uuid: string;
  /** `GPU 0`. */
  readonly title: string;
  /** The device's product name; empty where it is not known. */
  readonly name: string;
  /** Settles colour and dash; a device keeps it. */
  readonly number: number;
  /** Whether the device is not there any more. */
  readonly gone: boolean;
}

/** The CSS variable with a line's colour. */
export function colorOf(line: ILine): string {
  return `--jp-tfgpu-history-color-${line.number % COLORS}`;
}

export function dashOf(line: ILine): readonly number[] {
  return DASHES[Math.floor(line.number / COLORS) % DASHES.length] ?? [];
}

/** Numbers the devices as they come, so that each keeps its colour while others come and go. */
export class Numbers {
  of(uuid: string): number {
    const number = this._numbers.get(uuid) ?? this._numbers.size;
    this._numbers.set(uuid, number);
    return number;
  }

  private readonly _numbers = new Map<string, number>();
}

/** The line of a device that is listed, or was (`gone`) while this page looked. */
export function lineOf(
  device: Device,
  number: number,
  gone: boolean,
  trans: TranslationBundle
): ILine {
  const { uuid, name } = device;
  const title = deviceTitle(device, trans);
  return { uuid, title, name: name ?? '', number, gone };
}

/** The line of a device of which the server remembers no more than figures. */
export function lineOfUnknown(uuid: string, number: number): ILine {
  const title = uuid.replace(/^((?:GPU|MIG)-[^-]*).*$/, '$1');
  return { uuid, title, name: '', number, gone: true };
}

export function sameLines(
  some: readonly ILine[],
  others: readonly ILine[]
): boolean {
  return (
    some.length === others.length &&
    some.every((line, index) => {
      const other = others[index];
      return (
        line.uuid === other?.uuid &&
        line.title === other.title &&
        line.name === other.name &&
        line.number === other.number &&
        line.gone === other.gone
      );
    })
  );
}
