import type { ISessionContext } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Device, KernelUse, PinSet } from '../api';
import type { ILiveModel } from '../live';
import { givenText, heldMemory, pinText } from './pins';

/** What the chip shows. */
export interface IChipView {
  /** The GPUs that the kernel has; without a kernel those it would get. */
  readonly label: string;
  /** The pin that counts at the next start, where it differs from what the kernel has. */
  readonly pending: string | null;
  /** Bytes this kernel holds; null: not known; undefined: no kernel that could hold any. */
  readonly memory: number | null | undefined;
  readonly simulated: boolean;
  /** A sentence of the server where a start could not follow the pin. */
  readonly note: string | null;
  readonly started: boolean;
}

/** A notebook's document context, as far as the chip needs it. */
export type ChipContext = Pick<
  DocumentRegistry.Context,
  'path' | 'pathChanged' | 'sessionContext'
>;

/** Which GPU the kernel of one notebook has, and which it shall have. */
export class ChipModel implements IDisposable {
  constructor(
    private readonly context: ChipContext,
    private readonly live: ILiveModel,
    private readonly contents: Pick<Contents.IManager, 'localPath'>,
    private readonly trans: TranslationBundle
  ) {
    live.kernelsChanged.connect(this._update, this);
    live.readingChanged.connect(this._update, this);
    live.stateChanged.connect(this._onState, this);
    context.pathChanged.connect(this._readPin, this);
    context.sessionContext.kernelChanged.connect(this._onKernel, this);
    context.sessionContext.statusChanged.connect(this._onStatus, this);
    this._readPin();
    this._update();
  }

  /** What is to be shown; null: nothing yet, or the server lacks our part. Keeps its identity while equal. */
  get view(): IChipView | null {
    return this._view;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The pin that counts at this notebook's next start; null before the server said so. */
  get pin(): string | null {
    return this._kernel?.pin ?? this._storedPin;
  }

  get devices(): Device[] {
    return this.live.reading?.devices ?? [];
  }

  get sessionContext(): ISessionContext {
    return this.context.sessionContext;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Pins this notebook. Rejects with what the client rejects with. */
  async choose(pin: string): Promise<PinSet> {
    const { client } = this.live;
    const kernel = this._kernel;
    if (kernel?.pin_from === 'kernel') {
      // A pin of the kernel would go before the notebook's, and the choice would seem to do nothing.
      await client.clearPin({ kernel_id: kernel.id });
    }
    const answer = await client.setPin({ notebook: this._notebook }, pin);
    this._storedPin = answer.pin;
    await this._askKernels();
    this._update();
    return answer;
  }

  /** Restarts the kernel, which then has the pin that counts. */
  async restart(): Promise<void> {
    await this.sessionContext.restartKernel();
    await this._askKernels();
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      Signal.clearData(this);
    }
  }

  /** The contents path without a drive's name, as the server knows it. */
  private get _notebook(): string {
    return this.contents.localPath(this.context.path);
  }

  private get _kernel(): KernelUse | null {
    const id = this.sessionContext.session?.kernel?.id;
    return this.live.kernels?.kernels.find(kernel => kernel.id === id) ?? null;
  }

  private _onState(): void {
    if (this.live.state === 'open') {
      this._readPin();
    }
    this._update();
  }

  private _onKernel(): void {
    this._update();
    if (this.sessionContext.session?.kernel) {
      void this._askKernels();
    }
  }

  /** A kernel that has come up may have been given other devices than before. */
  private _onStatus(_: ISessionContext, status: string): void {
    const up = status === 'idle' || status === 'busy';
    if (up && !this._wasUp) {
      void this._askKernels();
    }
    this._wasUp = up;
  }

  private async _askKernels(): Promise<void> {
    try {
      await this.live.refreshKernels();
    } catch (error) {
      // The live connection brings the kernels with the next reading.
      console.debug('jupyter-tfgpu:', error);
    }
  }

  private _readPin(): void {
    const notebook = this._notebook;
    this.live.client.pins().then(
      answer => {
        if (notebook !== this._notebook) {
          return; // Renamed meanwhile: the question about the new name is under way.
        }
        const stored = answer.pins.find(pin => pin.notebook === notebook);
        this._storedPin = stored?.pin ?? answer.default;
        this._update();
      },
      (error: unknown) => console.debug('jupyter-tfgpu:', error)
    );
  }

  private _update(): void {
    if (this._disposed) {
      return;
    }
    const next = this._look();
    if (!sameView(this._view, next)) {
      this._view = next;
      this._changed.emit();
    }
  }

  private _look(): IChipView | null {
    const { reading, state } = this.live;
    const kernel = this._kernel;
    if (
      state === 'no-extension' ||
      (kernel === null && this._storedPin === null)
    ) {
      return null;
    }
    const { devices, trans } = this;
    const simulated = reading?.simulated ?? false;
    if (kernel === null) {
      const label = pinText(this._storedPin ?? '', devices, trans);
      return {
        label,
        pending: null,
        memory: undefined,
        simulated,
        note: null,
        started: false
      };
    }
    return {
      label: givenText(kernel.given, devices, trans),
      pending: kernel.restart_needed
        ? pinText(kernel.pin, devices, trans)
        : null,
      memory: heldMemory(kernel),
      simulated,
      note: kernel.note,
      started: true
    };
  }

  private _view: IChipView | null = null;
  private _storedPin: string | null = null;
  private _wasUp = false;
  private _disposed = false;
  private readonly _changed = new Signal<this, void>(this);
}

function sameView(a: IChipView | null, b: IChipView | null): boolean {
  if (a === null || b === null) {
    return a === b;
  }
  return (Object.keys(a) as (keyof IChipView)[]).every(
    key => a[key] === b[key]
  );
}
