import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';

/** What a report is published as. */
export const REPORT = 'application/vnd.jupyter-tfgpu.report+json';

/** A notebook that trains: its second cell makes a model, the third one fits it. */
export const TRAINING = [
  'import os\nos.environ["CUDA_VISIBLE_DEVICES"]',
  'import numpy as np\n' +
    'from tensorflow import keras\n' +
    'x, y = np.zeros((64, 4)), np.zeros((64, 1))\n' +
    'model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])\n' +
    'model.compile(loss="mse")',
  'history = model.fit(x, y, epochs=2, verbose=2)\nprint("epochs:", len(history.epoch))'
];

/** A notebook with these cells and no kernelspec, as a file's content. */
export function notebookWith(cells: string[]): object {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: cells.map((source, index) => ({
      id: `cell-${index}`,
      cell_type: 'code',
      metadata: {},
      execution_count: null,
      outputs: [],
      source
    }))
  };
}

/** A cell's outputs in a saved notebook. */
export interface IOutput {
  output_type: string;
  text?: string | string[];
  data?: Record<string, unknown>;
}

/** The plain text of an output; an empty text where it has none. */
export function plainText(output: IOutput): string {
  const text = output.text ?? output.data?.['text/plain'] ?? '';
  return Array.isArray(text) ? text.join('') : String(text);
}

/** The outputs of a cell as they are saved. */
export async function savedOutputs(
  page: IJupyterLabPageFixture,
  url: string,
  file: string,
  cell: number
): Promise<IOutput[]> {
  await page.notebook.save();
  const saved = await page.request.get(`${url}/api/contents/${file}`);
  return (await saved.json()).content.cells[cell].outputs;
}

/** Writes a notebook with these cells to the server, over HTTP. */
export async function putNotebook(
  page: Page,
  url: string,
  file: string,
  cells: string[]
): Promise<void> {
  const answer = await page.request.put(`${url}/api/contents/${file}`, {
    data: { type: 'notebook', format: 'json', content: notebookWith(cells) }
  });
  if (!answer.ok()) {
    throw new Error(`${file}: ${answer.status()} ${await answer.text()}`);
  }
}

/** Opens a file in JupyterLab and leaves the sidebar as it is. */
export async function openFile(page: Page, file: string): Promise<void> {
  await page.evaluate(async path => {
    const { commands } = (window as any).jupyterapp;
    await commands.execute('docmanager:open', { path });
  }, file);
}

/** Runs a cell about which the user is asked first, and has it run anyway. */
export async function runAnyway(
  page: IJupyterLabPageFixture,
  cell: number,
  look: (question: Locator) => Promise<void> = () => Promise.resolve()
): Promise<void> {
  const running = page.notebook.runCell(cell, true);
  const question = page.locator('.jp-Dialog', {
    has: page.locator('.jp-tfgpu-Preflight')
  });
  await question.waitFor();
  await look(question);
  await question.getByRole('button', { name: 'Run anyway' }).click();
  await running;
}

/** The question which kernel a notebook shall have: our dialog, or JupyterLab's own where the server lacks our part. */
export class KernelPicker {
  constructor(page: Page) {
    this.dialog = page.locator('.jp-Dialog');
    this.options = this.dialog.locator('select option, [role="option"]');
  }

  /** Takes the kernel with this label, without one the kernel that is active first. */
  async take(label?: string): Promise<void> {
    await this.options.first().waitFor({ state: 'attached' });
    if (label !== undefined) {
      const select = this.dialog.locator('select');
      if ((await select.count()) > 0) {
        await select.selectOption({ label });
      } else {
        // The kernel, not the environment that it may be added for.
        await this.dialog
          .locator('[role="option"]:not([data-key^="environment:"])')
          .filter({ hasText: label })
          .click();
      }
    }
    await this.dialog.locator('.jp-mod-accept').click();
  }

  readonly dialog: Locator;
  readonly options: Locator;
}
