import type { Finding, FixAnswer } from '../api';
import type { IFixing, IRestartable } from '../fixes';

/** Fixes of a running kernel's report that also restart it, where it gets them with its next start. */
export class RestartingFixing implements IFixing {
  constructor(
    private readonly fixing: IFixing,
    readonly kernel: IRestartable
  ) {}

  look(finding: Finding): Promise<FixAnswer> {
    return this.fixing.look(finding);
  }

  async apply(finding: Finding, look: FixAnswer): Promise<FixAnswer> {
    const done = await this.fixing.apply(finding, look);
    if (!done.restart_needed) {
      return done;
    }
    try {
      await this.kernel.restart();
    } catch (error) {
      // It is applied all the same: what is shown now offers the restart once more.
      console.warn('jupyter-tfgpu:', error);
      return done;
    }
    return { ...done, restart_needed: false, message: null };
  }

  undo(fix: FixAnswer): Promise<FixAnswer> {
    return this.fixing.undo(fix);
  }
}
