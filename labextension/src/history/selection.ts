import type { ILine } from './lines';

/** Which lines the legend has on: all but some, or one alone. */
export class Selection {
  /** Those of the lines that are on. */
  of(lines: readonly ILine[]): readonly ILine[] {
    return this._alone !== null &&
      lines.some(({ uuid }) => uuid === this._alone)
      ? lines.filter(({ uuid }) => uuid === this._alone)
      : lines.filter(({ uuid }) => !this._off.has(uuid));
  }

  toggle(uuid: string, lines: readonly ILine[]): void {
    const on = new Set(this.of(lines).map(line => line.uuid));
    this._alone = null;
    lines.forEach(line => this._off.delete(line.uuid));
    lines
      .filter(line => on.has(line.uuid) === (line.uuid === uuid))
      .forEach(line => this._off.add(line.uuid));
  }

  /** This one alone, also where it comes only later. */
  only(uuid: string): void {
    this._alone = uuid;
  }

  all(): void {
    this._alone = null;
    this._off.clear();
  }

  private _alone: string | null = null;
  private readonly _off = new Set<string>();
}
