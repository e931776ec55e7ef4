import { ApiError, UnreachableError } from '../api';
import type { Client, Finding, PreflightAnswer, PreflightWords } from '../api';
import { delay } from '../fixes';
import type { Asked } from './asked';
import type { Modes } from './modes';
import type { ICellRun } from './run';
import { isWorthAsking, withinLimit } from './words';

/** What the user wants to be asked about. */
export type Level = 'never' | 'errors' | 'warnings';

/** What the user is to know before a cell runs. */
export interface INews {
  readonly answer: PreflightAnswer;
  /** At least one. */
  readonly findings: readonly Finding[];
}

/** Milliseconds in which the server has to answer, else the cell runs. */
const LIMIT = 100;
/** The same are waited for in steps: while the page itself is busy, an answer that is there cannot be read. */
const STEP = 10;

/** Finds out, quickly or not at all, what the user is to know before a cell runs. */
export class Judge {
  constructor(
    private readonly client: Client,
    private readonly asked: Asked,
    private readonly modes: Modes
  ) {}

  level: Level = 'errors';

  /** Asks ahead of the first cell which ones are worth a question. */
  prepare(): void {
    this._words ??= this._askForWords();
  }

  /** What there is to say; null, mostly at once: nothing. Never rejects. */
  look(run: ICellRun): Promise<INews | null> | null {
    this.prepare();
    const { code, earlier, kernel } = run;
    const words = this._known;
    if (
      this.level === 'never' ||
      this.modes.modeOf(kernel) === 'off' ||
      words === null ||
      this._foreign.has(kernel.id) ||
      (words !== undefined && !isWorthAsking(words, code, earlier))
    ) {
      return null;
    }
    return this._news(run).catch((error: unknown) => {
      if (error instanceof ApiError && error.reason === 'no-such-kernel') {
        this._foreign.add(run.kernel.id); // The server did not start it, and knows nothing of it.
      }
      console.debug('jupyter-tfgpu:', error);
      return null;
    });
  }

  /** The cell runs: what it tells its kernel counts from now on. */
  runs(run: ICellRun): void {
    this.modes.note(run);
  }

  /** The user knows of this, and is not told again. */
  settle({ kernel }: ICellRun, { findings }: INews): void {
    this.asked.add(kernel.id, findings);
  }

  private async _news(run: ICellRun): Promise<INews | null> {
    const answer = await inTime(this._ask(run));
    return answer && this._judged(run, answer);
  }

  private async _ask(run: ICellRun): Promise<PreflightAnswer | null> {
    const { code, earlier, kernel } = run;
    const words = await this._words;
    if (!words || !isWorthAsking(words, code, earlier)) {
      return null;
    }
    return this.client.preflight(
      withinLimit({ kernel_id: kernel.id, code, earlier }, words)
    );
  }

  /** null: they cannot be had, as from a server without our part. Never rejects. */
  private async _askForWords(): Promise<PreflightWords | null> {
    try {
      this._known = await this.client.preflightWords();
      return this._known;
    } catch (error) {
      console.debug('jupyter-tfgpu:', error);
      if (error instanceof UnreachableError) {
        this._words = null; // Asked for again with the next cell.
      } else {
        this._known = null;
      }
      return null;
    }
  }

  private _judged({ kernel }: ICellRun, answer: PreflightAnswer): INews | null {
    const serious = answer.findings.filter(
      ({ severity }) =>
        severity === 'error' ||
        (severity === 'warning' && this.level === 'warnings')
    );
    if (this.modes.passes(kernel, answer.trains)) {
      return null;
    }
    const errors = serious.some(({ severity }) => severity === 'error');
    if (errors && this.modes.modeOf(kernel) === 'block') {
      return null; // The kernel itself stops the cell, and says how to let it run.
    }
    const findings = serious.filter(each => !this.asked.has(kernel.id, each));
    return findings.length > 0 ? { answer, findings } : null;
  }

  private readonly _foreign = new Set<string>();
  /** null: nobody has asked yet. */
  private _words: Promise<PreflightWords | null> | null = null;
  /** undefined: not known yet. */
  private _known: PreflightWords | null | undefined;
}

/** What is promised; null where it does not come in time. */
async function inTime<T>(promised: Promise<T>): Promise<T | null> {
  const late = Symbol();
  for (let waited = 0; waited < LIMIT; waited += STEP) {
    const first = await Promise.race([promised, delay(STEP).then(() => late)]);
    if (first !== late) {
      return first as T;
    }
  }
  return null;
}
