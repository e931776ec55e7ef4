import { ApiError } from '../api';
import type { Client, Finding, FixAnswer, FixTarget, Task } from '../api';

/** The fixes of one report: what they change, and doing so. Each rejects with a reason for the user. */
export interface IFixing {
  /** What applying the fix of a finding changes; nothing is changed. */
  look(finding: Finding): Promise<FixAnswer>;
  /** Does what was looked at; fulfilled once it is done. */
  apply(finding: Finding, look: FixAnswer): Promise<FixAnswer>;
  undo(fix: FixAnswer): Promise<FixAnswer>;
  /** The kernel that the report is about; null: it is about none. */
  readonly kernel: IRestartable | null;
}

/** A kernel that gets changes with its next start. */
export interface IRestartable {
  /** Whether a cell runs now. */
  readonly busy: boolean;
  restart(): Promise<void>;
}

/** Milliseconds between two looks at a task. */
const LOOK = 500;

/** Fixes by the server, for what `target` names. */
export class ServerFixing implements IFixing {
  constructor(
    private readonly client: Client,
    private readonly target: FixTarget,
    readonly kernel: IRestartable | null = null
  ) {}

  look({ code, framework }: Finding): Promise<FixAnswer> {
    return this.client.fix({
      ...this.target,
      code,
      framework,
      dry_run: true
    });
  }

  async apply(
    { code, framework }: Finding,
    { state }: FixAnswer
  ): Promise<FixAnswer> {
    const done = await this.client.fix({
      ...this.target,
      code,
      framework,
      shown: state
    });
    return done.task === null
      ? done
      : { ...done, task: await this._ended(done.task) };
  }

  undo({ id }: FixAnswer): Promise<FixAnswer> {
    return this.client.undoFix(id ?? '');
  }

  /** The task once it is done. Rejects with why it is not. */
  private async _ended(begun: Task): Promise<Task> {
    let task = begun;
    while (task.state === 'running') {
      await delay(LOOK);
      task = await this.client.task(task.id);
    }
    if (task.state !== 'done') {
      throw new ApiError(task.message ?? task.title, `task-${task.state}`, 409);
    }
    return task;
  }
}

/** Fulfilled after so many milliseconds. */
export function delay(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
