import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Widget } from '@lumino/widgets';
import { Signal } from '@lumino/signaling';

import { NotebookKernel } from '../../src/status/current';

type Tracker = ConstructorParameters<typeof NotebookKernel>[0];
type Shell = ConstructorParameters<typeof NotebookKernel>[1];

class TestNotebook {
  readonly kernelChanged = new Signal<this, unknown>(this);

  constructor(public kernel: string | null) {}

  get sessionContext() {
    const { kernel, kernelChanged } = this;
    return (this._context ??= {
      kernelChanged,
      get session() {
        return { kernel: kernel === null ? null : { id: kernel } };
      }
    });
  }

  private _context: unknown;
}

class Front {
  currentWidget: unknown = null;
  readonly currentChanged = new Signal<this, unknown>(this);

  show(widget: unknown): void {
    this.currentWidget = widget;
    this.currentChanged.emit(widget);
  }
}

describe('The kernel of the current notebook', () => {
  const tracker = () => new Front() as unknown as Tracker & Front;

  it('is that of the notebook in front, and of no other', () => {
    const notebooks = tracker();
    const shell = new Front();
    const kernel = new NotebookKernel(
      notebooks,
      shell as unknown as Shell & { currentWidget: Widget | null }
    );
    expect(kernel.id).toBeNull();
    const notebook = new TestNotebook('k1') as unknown as NotebookPanel;
    notebooks.show(notebook);
    shell.show(notebook);
    expect(kernel.id).toBe('k1');
    shell.show({});
    expect(kernel.id).toBeNull();
  });

  it('is that of the notebook used last where nothing says what is in front', () => {
    const notebooks = tracker();
    const kernel = new NotebookKernel(notebooks, { currentWidget: null });
    notebooks.show(new TestNotebook('k1'));
    expect(kernel.id).toBe('k1');
  });

  it('is told where it changes, of the current notebook alone', () => {
    const notebooks = tracker();
    const kernel = new NotebookKernel(notebooks, { currentWidget: null });
    const [one, two] = [new TestNotebook('k1'), new TestNotebook(null)];
    notebooks.show(one);
    const heard = jest.fn();
    kernel.changed.connect(heard);
    notebooks.show(two);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(kernel.id).toBeNull();
    one.kernelChanged.emit(null);
    expect(heard).toHaveBeenCalledTimes(1);
    two.kernelChanged.emit(null);
    expect(heard).toHaveBeenCalledTimes(2);
  });
});
