import type { ISessionContext } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { JSONExt } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Device, KernelUse, Report } from '../api';
import { ServerFixing } from '../fixes';
import type { IFixing } from '../fixes';
import type { ILiveModel } from '../live';
import { baseName } from '../ui';
import type { Starts } from './starts';
import type { IChange, IChosen, ICounting } from './stored';
import { StoredPins } from './stored';
import type { IChipView } from './view';
import { look, warningsOf } from './view';

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
    private readonly starts: Starts,
    private readonly trans: TranslationBundle
  ) {
    this._stored = new StoredPins(live.client, () => this._notebook);
    live.kernelsChanged.connect(this._onKernels, this);
    live.readingChanged.connect(this._update, this);
    live.staleChanged.connect(this._update, this);
    live.stateChanged.connect(this._onState, this);
    context.pathChanged.connect(this._readPins, this);
    context.sessionContext.kernelChanged.connect(this._onKernel, this);
    context.sessionContext.statusChanged.connect(this._onStatus, this);
    context.sessionContext.propertyChanged.connect(this._onProperty, this);
    this._readPins();
    this._update();
  }

  /** What is to be shown; null: nothing yet, or the server lacks our part. Keeps its identity while equal. */
  get view(): IChipView | null {
    return this._view;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Says once what there is to say of a start that this page has seen. */
  get startedWithWarnings(): ISignal<this, readonly string[]> {
    return this._startedWithWarnings;
  }

  /** The pin that counts at this notebook's next start; null before the server said so. */
  get counting(): ICounting | null {
    const { kernel } = this;
    return kernel
      ? { pin: kernel.pin, from: kernel.pin_from }
      : this._stored.counting(this.kernelspec);
  }

  /** What would count if the choice that counts were forgotten; null: nobody chose here. */
  get otherwise(): ICounting | null {
    switch (this.counting?.from) {
      case 'kernel':
        return this._stored.counting(this.kernelspec);
      case 'notebook':
        return this._stored.withoutOwn(this.kernelspec);
      default:
        return null;
    }
  }

  get devices(): Device[] {
    return this.live.reading?.devices ?? [];
  }

  /** The notebook's kernel; null: none, or none that the server told of yet. */
  get kernel(): KernelUse | null {
    const id = this._session.session?.kernel?.id;
    return this.live.kernels?.kernels.find(kernel => kernel.id === id) ?? null;
  }

  /** The kernelspec that the notebook's kernel has, or would be started with. */
  get kernelspec(): string | null {
    return (
      this.kernel?.kernelspec ?? this._session.kernelPreference.name ?? null
    );
  }

  /** Whether a cell runs now. */
  get busy(): boolean {
    return this._session.session?.kernel?.status === 'busy';
  }

  /** The notebook's name for a person. */
  get name(): string {
    return baseName(this._notebook);
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Pins this notebook. Rejects with what the client rejects with. */
  choose(pin: string): Promise<IChange> {
    // A pin of the kernel alone would go before the notebook's, and the choice would seem to do nothing.
    return this._change(() => ({ notebook: pin, kernel: null }));
  }

  /** Forgets the choice that counts. Rejects with what the client rejects with. */
  forget(): Promise<IChange> {
    return this._change(now =>
      now.kernel === null
        ? { ...now, notebook: null }
        : { ...now, kernel: null }
    );
  }

  /** Restarts the kernel, which then has the pin that counts. */
  async restart(): Promise<void> {
    await this._session.restartKernel();
    await this.refresh();
  }

  /** The fixes of the report on this kernel, which it gets with a restart. */
  fixing({ id }: KernelUse): IFixing {
    return new ServerFixing(this.live.client, { kernel_id: id }, this);
  }

  /** The report on the kernel as it was started. Rejects with what the client rejects with. */
  async report(): Promise<Report | null> {
    const { kernel } = this;
    return kernel && this.live.client.kernelReport(kernel.id);
  }

  /** Asks what the kernel has now. Never rejects. */
  async refresh(): Promise<void> {
    try {
      await this.live.refreshKernels();
    } catch (error) {
      // The live connection brings the kernels with the next reading.
      console.debug('jupyter-tfgpu:', error);
    }
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      Signal.clearData(this);
    }
  }

  private get _session(): ISessionContext {
    return this.context.sessionContext;
  }

  /** The contents path without a drive's name, as the server knows it. */
  private get _notebook(): string {
    return this.contents.localPath(this.context.path);
  }

  private async _change(next: (now: IChosen) => IChosen): Promise<IChange> {
    const { kernel } = this;
    const own = kernel?.pin_from === 'kernel' ? kernel.pin : null;
    const about = kernel && { id: kernel.id, own };
    const { answer, undo } = await this._stored.change(about, next);
    await this._changedPins();
    return {
      answer,
      undo: async () => {
        const back = await undo();
        await this._changedPins();
        return back;
      }
    };
  }

  private async _changedPins(): Promise<void> {
    await this.refresh();
    this._update();
  }

  private _onState(): void {
    if (this.live.state === 'open') {
      this._readPins();
    }
    this._update();
  }

  /** Somebody else may have pinned the notebook, as `jupyter tfgpu pin` does. */
  private _onKernels(): void {
    const { kernel } = this;
    const pin = kernel && `${kernel.pin_from} ${kernel.pin}`;
    if (pin !== this._lastPin) {
      this._lastPin = pin;
      this._readPins();
    }
    this._update();
  }

  private _onKernel(): void {
    this._wasUp = false;
    this._update();
    if (this._session.session?.kernel) {
      void this.refresh();
    }
  }

  /** A kernel that has come up may have been given other devices than before. */
  private _onStatus(_: ISessionContext, status: string): void {
    const id = this._session.session?.kernel?.id;
    if (id && (status === 'restarting' || status === 'autorestarting')) {
      this.starts.restarts(id);
    }
    const up = status === 'idle' || status === 'busy';
    if (up && !this._wasUp) {
      void this._onUp();
    }
    this._wasUp = up;
  }

  private async _onUp(): Promise<void> {
    await this.refresh();
    const { kernel } = this;
    if (kernel && !this._disposed && this.starts.take(kernel.id)) {
      const warnings = warningsOf(kernel);
      if (warnings.length > 0) {
        this._startedWithWarnings.emit(warnings);
      }
    }
  }

  /** The server counts the notebook's pin by the path that the session has. */
  private _onProperty(_: ISessionContext, property: string): void {
    if (property === 'path') {
      void this.refresh();
    }
  }

  private _readPins(): void {
    this._stored.read().then(
      () => this._update(),
      (error: unknown) => console.debug('jupyter-tfgpu:', error)
    );
  }

  private _update(): void {
    if (this._disposed) {
      return;
    }
    const { live, kernel, counting, kernelspec, trans } = this;
    const next = look({
      live,
      kernel,
      counting,
      kernelspec,
      problem: this._stored.problem,
      trans
    });
    if (!same(this._view, next)) {
      this._view = next;
      this._changed.emit();
    }
  }

  private readonly _stored: StoredPins;
  private _view: IChipView | null = null;
  private _lastPin: string | null = null;
  private _wasUp = false;
  private _disposed = false;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _startedWithWarnings = new Signal<this, readonly string[]>(
    this
  );
}

function same(before: IChipView | null, next: IChipView | null): boolean {
  return JSONExt.deepEqual(
    before as unknown as ReadonlyPartialJSONValue,
    next as unknown as ReadonlyPartialJSONValue
  );
}
