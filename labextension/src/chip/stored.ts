import type { Client, KernelUse, PinSet, Pins } from '../api';

/** Whose choice a pin is. */
export type PinFrom = KernelUse['pin_from'];

/** A pin that counts, and whose choice it is. */
export interface ICounting {
  readonly pin: string;
  readonly from: PinFrom;
}

/** The pins that a notebook's chip changes: the notebook's own, and that of its kernel alone; null: none. */
export interface IChosen {
  readonly notebook: string | null;
  readonly kernel: string | null;
}

/** What came of a change, and what takes it back. */
export interface IChange {
  readonly answer: PinSet;
  undo(): Promise<PinSet>;
}

/** The pins that the server has stored, as far as they concern one notebook. */
export class StoredPins {
  /** `notebook`: its contents path now, which changes when it is renamed. */
  constructor(
    private readonly client: Client,
    private readonly notebook: () => string
  ) {}

  /** The notebook's own pin; null: none, or not known yet. */
  get own(): string | null {
    const { _pins: pins } = this;
    const notebook = this.notebook();
    return pins?.pins.find(pin => pin.notebook === notebook)?.pin ?? null;
  }

  /** Why what was stored may not count, in a sentence of the server; null: it does. */
  get problem(): string | null {
    return this._pins?.problem ?? null;
  }

  /** What a kernel of this kernelspec that is started now gets; null: not known yet. */
  counting(kernelspec: string | null): ICounting | null {
    return this.own === null
      ? this.withoutOwn(kernelspec)
      : { pin: this.own, from: 'notebook' };
  }

  /** The same if the notebook had no pin of its own. */
  withoutOwn(kernelspec: string | null): ICounting | null {
    const { _pins: pins } = this;
    if (pins === null) {
      return null;
    }
    const ofSpec =
      kernelspec === null
        ? undefined
        : pins.pins.find(pin => pin.kernelspec === kernelspec);
    return ofSpec
      ? { pin: ofSpec.pin, from: 'kernelspec' }
      : { pin: pins.default, from: 'default' };
  }

  /** Asks the server. Rejects with what the client rejects with. */
  async read(): Promise<void> {
    const turn = (this._turn += 1);
    const pins = await this.client.pins();
    if (turn === this._turn) {
      this._pins = pins;
    }
  }

  /**
   * Changes what `next` says from what is stored now. `kernel`: the kernel that
   * runs, and its own pin. Rejects with what the client rejects with.
   */
  async change(
    kernel: { id: string; own: string | null } | null,
    next: (now: IChosen) => IChosen
  ): Promise<IChange> {
    await this.read();
    const now = { notebook: this.own, kernel: kernel?.own ?? null };
    const wanted = next(now);
    const notebook = this.notebook();
    const apply = (from: IChosen, to: IChosen) =>
      this._apply(notebook, kernel?.id ?? null, from, to);
    const answer = await apply(now, wanted);
    return { answer, undo: () => apply(wanted, now) };
  }

  /** The notebook's pin first: where it is refused, that of the kernel stays as well. */
  private async _apply(
    notebook: string,
    kernel: string | null,
    from: IChosen,
    to: IChosen
  ): Promise<PinSet> {
    const answers: PinSet[] = [];
    const change = async (
      target: { notebook: string } | { kernel_id: string },
      pin: string | null
    ) => {
      const asked =
        pin === null
          ? this.client.clearPin(target)
          : this.client.setPin(target, pin);
      answers.push(await asked);
    };
    try {
      // What is chosen again is sent again: the server says whether a restart is needed.
      if (from.notebook !== to.notebook || from.kernel === to.kernel) {
        await change({ notebook }, to.notebook);
      }
      if (kernel !== null && from.kernel !== to.kernel) {
        await change({ kernel_id: kernel }, to.kernel);
      }
    } finally {
      // What was changed stays so whether or not it can be read again.
      await this.read().catch(error => console.debug('jupyter-tfgpu:', error));
    }
    const last = answers[answers.length - 1] as PinSet;
    const warnings = answers.flatMap(answer => answer.warnings);
    return { ...last, warnings: [...new Set(warnings)] };
  }

  private _pins: Pins | null = null;
  /** Counts questions: an answer that a later one has overtaken is old. */
  private _turn = 0;
}
