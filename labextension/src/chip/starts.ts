import type { ILiveModel } from '../live';

/**
 * Which kernels were started while this page was there: those alone are news.
 * One for all notebooks of a page, so that two views of one tell a start once.
 */
export class Starts {
  constructor(private readonly live: ILiveModel) {
    live.kernelsChanged.connect(this._see, this);
    this._see();
  }

  /** A kernel that was known begins anew. */
  restarts(kernel: string): void {
    this._known?.delete(kernel);
  }

  /** Whether the start of this kernel is news; for the one who asks first. */
  take(kernel: string): boolean {
    const isNews = this._known !== null && !this._known.has(kernel);
    this._known?.add(kernel);
    return isNews;
  }

  private _see(): void {
    const { kernels } = this.live;
    if (this._known === null && kernels !== null) {
      this._known = new Set(kernels.kernels.map(kernel => kernel.id));
    }
  }

  /** Kernels that were there with this page's first answer, or are told of; null before that answer. */
  private _known: Set<string> | null = null;
}
