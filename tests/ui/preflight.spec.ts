import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page, Route } from '@playwright/test';
import { expect } from '@playwright/test';
import { rm, writeFile, mkdir } from 'fs/promises';
import * as path from 'path';

import { clearAway, layOut } from './lib/environments';
import { HIDDEN, Hiding } from './lib/hiding';
import { closeAndEnd } from './lib/kernels';
import { become, urlOf, variablesOf } from './lib/machines';
import { KernelPicker, openFile, putNotebook } from './lib/notebooks';
import { inThemes, picture } from './lib/panel';
import { setSetting } from './lib/settings';
import { test } from './lib/test';

const FOUND = `${HIDDEN} hides every GPU`;
/** Milliseconds in which a kernel is up and its report made, with room. */
const STARTED = 40_000;

/** A plain cell, one that loads a framework, one that trains, and one after it. */
const CELLS = [
  'a = 1',
  'import tensorflow as tf\nfrom types import SimpleNamespace\nmodel = SimpleNamespace(fit=lambda x, epochs: print("trained"))',
  '# The model is a stand-in.\nmodel.fit([1], epochs=2)',
  'print("after")'
];

/** The question before a cell, as a user finds it. */
class Question {
  constructor(page: Page) {
    this.dialog = page.locator('.jp-Dialog', {
      has: page.locator('.jp-tfgpu-Preflight')
    });
  }

  button(name: string): Locator {
    return this.dialog.getByRole('button', { name, exact: true });
  }

  async answer(name: string): Promise<void> {
    await this.button(name).click();
    await expect(this.dialog).toHaveCount(0);
  }

  async isAsked(): Promise<void> {
    await expect(this.dialog).toContainText(FOUND);
    // The dialog takes the focus once it is there.
    await expect(this.button('Fix it')).toBeFocused();
  }

  readonly dialog: Locator;
}

/** Opens a notebook on a kernel from which the GPU is hidden. */
async function openHidden(page: Page, file: string): Promise<Hiding> {
  const [prefix] = await layOut(page, 'states', [
    {
      name: 'train',
      packages: ['ipykernel-7.4.0', 'tensorflow-2.20.0'],
      starts: true
    }
  ]);
  const hiding = await Hiding.make(prefix!);
  await putNotebook(page, urlOf('states'), file, CELLS);
  return hiding;
}

async function openInLab(
  page: IJupyterLabPageFixture,
  file: string
): Promise<Hiding> {
  const hiding = await openHidden(page, file);
  await page.evaluate(() =>
    (window as any).jupyterapp.serviceManager.kernelspecs.refreshSpecs()
  );
  await openFile(page, file);
  await new KernelPicker(page).take(hiding.label);
  await judged(page);
  return hiding;
}

/** Waits until the server has its report on the notebook's kernel. */
async function judged(page: Page): Promise<void> {
  const badge = page.getByRole('button', { name: /^Report on this kernel: / });
  await expect(badge).toBeVisible({ timeout: STARTED });
}

/** As the menu's entry; Notebook 7 has the same. */
async function runAll(page: Page): Promise<void> {
  await page.getByRole('menuitem', { name: 'Run', exact: true }).click();
  await page.locator('.lm-Menu [data-command="runmenu:run-all"]').click();
}

/** The execution count of each cell: `[1]`, or `[ ]` where it has not run. */
function counts(page: Page): Locator {
  return page.locator('.jp-NotebookPanel:visible .jp-InputPrompt');
}

// Galata's stand-in for the kernels' routes answers a restart with another status than the server does.
test.use({ kernels: null, sessions: null });

test.beforeEach(() => become('ok'));
test.afterEach(async ({ page }) => {
  await closeAndEnd(page, 'states');
  await clearAway(page, 'states');
});

test('Run All is held in order until it is answered, and asked once', async ({
  page,
  tmpPath
}) => {
  await openInLab(page, `${tmpPath}/all.ipynb`);
  const question = new Question(page);
  await runAll(page);
  await question.isAsked();
  await expect(question.dialog).toContainText('import tensorflow as tf');
  await expect(question.dialog).toContainText('It loads TensorFlow.');
  await expect(question.dialog).toContainText('2 more cells wait');
  await expect(counts(page)).toHaveText(['[1]:', '[ ]:', '[ ]:', '[ ]:']);
  await inThemes(page, 'preflight');
  await page.keyboard.press('Escape');
  await expect(question.dialog).toHaveCount(0);

  await runAll(page);
  await question.isAsked();
  await expect(counts(page)).toHaveText(['[2]:', '[ ]:', '[ ]:', '[ ]:']);
  await page.keyboard.press('ArrowLeft');
  await expect(question.button('Run anyway')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(counts(page)).toHaveText(['[2]:', '[3]:', '[4]:', '[5]:']);

  await runAll(page);
  await expect(counts(page)).toHaveText(['[6]:', '[7]:', '[8]:', '[9]:']);
  await expect(question.dialog).toHaveCount(0);
});

test('“Fix it” leads to the fix, after which nothing is asked', async ({
  page,
  tmpPath
}) => {
  const hiding = await openInLab(page, `${tmpPath}/fix.ipynb`);
  const question = new Question(page);
  await runAll(page);
  await question.isAsked();
  await page.keyboard.press('Enter');
  const report = page.locator('.jp-Dialog', {
    has: page.locator('.jp-tfgpu-ChipReport')
  });
  await report.getByRole('button', { name: /^Fix: / }).click();
  await report.getByRole('button', { name: 'Apply' }).click();
  await report.getByRole('button', { name: 'Restart kernel…' }).click();
  await report.getByRole('button', { name: 'Restart now' }).click();
  await expect(report).not.toContainText(FOUND, { timeout: STARTED });
  expect(await hiding.hides()).toBe(false);
  await picture(page, 'preflight-fixed');
  await page.keyboard.press('Escape');
  await expect(report).toHaveCount(0);
  await runAll(page);
  await expect(counts(page)).toHaveText(['[1]:', '[2]:', '[3]:', '[4]:']);
});

test('nothing is asked where the user does not want it', async ({
  page,
  tmpPath
}) => {
  await openInLab(page, `${tmpPath}/never.ipynb`);
  await setSetting(page, 'jupyter-tfgpu:preflight', 'ask', 'never');
  await runAll(page);
  await expect(counts(page)).toHaveText(['[1]:', '[2]:', '[3]:', '[4]:']);
  await setSetting(page, 'jupyter-tfgpu:preflight', 'ask', null);
});

test('a cell runs where the server does not answer in time', async ({
  page,
  tmpPath
}) => {
  await openInLab(page, `${tmpPath}/slow.ipynb`);
  const held: Route[] = [];
  await page.route(/\/tfgpu\/preflight(\?|$)/, async (route, request) => {
    if (request.method() === 'POST') {
      held.push(route);
      return;
    }
    await route.fallback();
  });
  await runAll(page);
  await expect(counts(page)).toHaveText(['[1]:', '[2]:', '[3]:', '[4]:']);
  expect(held).toHaveLength(2);
  const nothing = { trains: false, framework: null, imports: [], findings: [] };
  await Promise.all(held.map(route => route.fulfill({ json: nothing })));
});

test('where another executor runs the cells it is told', async ({
  page,
  tmpPath
}) => {
  const { JUPYTER_CONFIG_DIR } = await variablesOf('states');
  const folder = path.join(JUPYTER_CONFIG_DIR ?? '', 'labconfig');
  const file = path.join(folder, 'page_config.json');
  await mkdir(folder, { recursive: true });
  await writeFile(
    file,
    JSON.stringify({
      disabledExtensions: { 'jupyter-tfgpu:cell-executor': true }
    })
  );
  try {
    await page.reload();
    await openInLab(page, `${tmpPath}/told.ipynb`);
    await runAll(page);
    const toast = page.locator('.Toastify__toast', { hasText: FOUND });
    await expect(toast).toContainText('told.ipynb: It loads TensorFlow.');
    await expect(counts(page)).toHaveText(['[1]:', '[2]:', '[3]:', '[4]:']);
    await expect(toast).toHaveCount(1);
    await picture(page, 'preflight-told');
    await toast.getByRole('button', { name: 'Fix it' }).click();
    await expect(page.locator('.jp-tfgpu-ChipReport')).toContainText(FOUND);
  } finally {
    await rm(file);
  }
});

test('in Notebook 7 the same, by keyboard', async ({ page, tmpPath }) => {
  const file = `${tmpPath}/classic.ipynb`;
  const hiding = await openHidden(page, file);
  const classic = await page.context().newPage();
  await classic.goto(`${urlOf('states')}/notebooks/${file}`);
  await new KernelPicker(classic).take(hiding.label);
  await judged(classic);
  const question = new Question(classic);
  await runAll(classic);
  await question.isAsked();
  await picture(classic, 'notebook7-preflight');
  await classic.keyboard.press('Escape');
  await expect(question.dialog).toHaveCount(0);
  await expect(counts(classic)).toHaveText(['[1]:', '[ ]:', '[ ]:', '[ ]:']);
  await runAll(classic);
  await question.isAsked();
  await question.answer('Run anyway');
  await expect(counts(classic)).toHaveText(['[2]:', '[3]:', '[4]:', '[5]:']);
});
