import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';

import { clearAway, layOut } from './lib/environments';
import { FORGED, forgedNotebook, tampered } from './lib/forged';
import { HIDDEN, Hiding } from './lib/hiding';
import { closeAndEnd, endKernels } from './lib/kernels';
import { become, urlOf } from './lib/machines';
import { KernelPicker, openFile, putNotebook } from './lib/notebooks';
import { inThemes, picture } from './lib/panel';
import { test } from './lib/test';

const FIX = /^Fix and restart: Take CUDA_VISIBLE_DEVICES out/;
const ASKED = 'What is changed';
/** Shows the report. */
const CHECK = '%tfgpu check';
/** Milliseconds in which a kernel is up and its report made, with room. */
const STARTED = 40_000;

/** The reports among the outputs of the notebook in sight. */
function reportsOf(page: Page): Locator {
  return page.locator('.jp-NotebookPanel:visible .jp-tfgpu-Output');
}

/** Opens a notebook of one cell on a kernel from which the GPU is hidden, and has the cell run. */
async function openHidden(
  page: IJupyterLabPageFixture,
  file: string,
  cell: string
): Promise<Hiding> {
  const [prefix] = await layOut(page, 'states', [
    {
      name: 'train',
      packages: ['ipykernel-7.4.0', 'tensorflow-2.20.0'],
      starts: true
    }
  ]);
  const hiding = await Hiding.make(prefix!);
  await page.evaluate(() =>
    (window as any).jupyterapp.serviceManager.kernelspecs.refreshSpecs()
  );
  await putNotebook(page, urlOf('states'), file, [cell]);
  await openFile(page, file);
  await new KernelPicker(page).take(hiding.label);
  await judged(page);
  await page.notebook.runCell(0, true);
  return hiding;
}

/** Waits until the server has its report on the notebook's kernel. */
async function judged(page: Page): Promise<void> {
  const badge = page.getByRole('button', { name: /^Report on this kernel: / });
  await expect(badge).toBeVisible({ timeout: STARTED });
}

/** Writes a notebook with a forged report; `trusted`: as one that the user has said to trust. */
async function putForged(
  page: Page,
  file: string,
  trusted: boolean
): Promise<void> {
  const answer = await page.request.put(
    `${urlOf('states')}/api/contents/${file}`,
    {
      data: {
        type: 'notebook',
        format: 'json',
        content: forgedNotebook(trusted)
      }
    }
  );
  expect(answer.ok()).toBe(true);
}

// Galata's stand-in for the kernels' routes answers a restart with another status than the server does.
test.use({ kernels: null, sessions: null });

test.beforeEach(() => become('ok'));
test.afterEach(async ({ page }) => {
  await closeAndEnd(page, 'states');
  await clearAway(page, 'states');
});

test('a report in a notebook is fixed and the kernel restarted, by keyboard', async ({
  page,
  tmpPath
}) => {
  const hiding = await openHidden(page, `${tmpPath}/check.ipynb`, CHECK);
  const output = reportsOf(page);
  const finding = output.getByRole('group', {
    name: `Error: ${HIDDEN} hides every GPU`
  });
  await expect(finding).toBeVisible();
  await expect(finding.getByText('Evidence')).toBeVisible();
  await expect(finding.locator('li').first()).toBeHidden();
  const fix = finding.getByRole('button', { name: FIX });
  await expect(fix).toBeVisible();
  await inThemes(page, 'report');

  await fix.focus();
  await page.keyboard.press('Enter');
  const question = finding.getByRole('group', { name: ASKED });
  await expect(question).toContainText(`${HIDDEN} in the kernelspec`);
  await expect(question).toContainText('Variables are lost');
  expect(await hiding.hides()).toBe(true);
  await inThemes(page, 'report-question');
  const agree = question.getByRole('button', { name: 'Fix and restart' });
  await agree.focus();
  await page.keyboard.press('Enter');
  await expect(finding).toContainText('does not have this any more', {
    timeout: STARTED
  });
  expect(await hiding.hides()).toBe(false);
  await expect(finding.getByRole('button')).toHaveCount(0);
  const done = output.locator('.jp-tfgpu-FixDone');
  await expect(done).toBeFocused();
  await inThemes(page, 'report-done');

  await done.getByRole('button', { name: /^Undo: / }).click();
  await expect(done).toContainText('Taken back:');
  expect(await hiding.text()).toBe(hiding.before);
});

test('a report keeps its words and loses its buttons with its kernel', async ({
  page,
  tmpPath
}) => {
  await openHidden(page, `${tmpPath}/ended.ipynb`, CHECK);
  const output = reportsOf(page);
  await expect(output.getByRole('button', { name: FIX })).toBeVisible();
  await page.sidebar.setWidth(760, 'left');
  await picture(page, 'report-narrow');
  await page.sidebar.setWidth(250, 'left');
  await endKernels(page.request, 'states');
  await expect(output).toContainText('about an earlier kernel');
  await expect(output.getByRole('button')).toHaveCount(0);
  await expect(output).toContainText(`${HIDDEN} hides every GPU`);
  await picture(page, 'report-ended');
});

test('a forged report is escaped HTML in a notebook that is not trusted', async ({
  page,
  tmpPath
}) => {
  const file = `${tmpPath}/untrusted.ipynb`;
  await putForged(page, file, false);
  await openFile(page, file);
  await new KernelPicker(page).take();
  const panel = page.locator('.jp-NotebookPanel:visible');
  const html = panel.locator('.jp-RenderedHTMLCommon');
  await expect(html).toContainText(FORGED.title);
  await expect(page.locator('#jp-main-statusbar')).toContainText('Idle');
  await expect(reportsOf(page)).toHaveCount(0);
  await expect(panel.locator('.jp-OutputArea').getByRole('button')).toHaveCount(
    0
  );
  expect(await tampered(page)).toEqual([]);
  await picture(page, 'report-forged-untrusted');
});

test('a forged report is text in a trusted one, and has no button', async ({
  page,
  tmpPath
}) => {
  const file = `${tmpPath}/trusted.ipynb`;
  await putForged(page, file, true);
  await openFile(page, file);
  await new KernelPicker(page).take();
  const output = reportsOf(page);
  await expect(output).toContainText(FORGED.title);
  await expect(output).toContainText('about an earlier kernel');
  await expect(output).toContainText(FORGED.command);
  await expect(output.getByRole('button')).toHaveCount(0);
  await expect(output.getByRole('link')).toHaveCount(0);
  await output.getByText('Evidence').first().click();
  expect(await tampered(page)).toEqual([]);
  await picture(page, 'report-forged-trusted');
});

test('a forged report that names the running kernel gets the server’s fix alone', async ({
  page,
  tmpPath
}) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  // The code, the framework and the kernel are right, all else is made up.
  const hiding = await openHidden(
    page,
    `${tmpPath}/forging.ipynb`,
    FORGED.cell
  );
  const output = reportsOf(page);
  const [first, second] = [
    output.locator('[data-code]').nth(0),
    output.locator('[data-code]').nth(1)
  ];
  await expect(first.getByRole('button', { name: FIX })).toBeVisible();
  await expect(first).toContainText(FORGED.title);
  await expect(first).not.toContainText(FORGED.command);
  await expect(second).toContainText(FORGED.command);
  await expect(second.getByRole('button')).toHaveCount(0);
  await first.getByRole('button', { name: 'Copy the command' }).first().click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain('jupyter tfgpu');
  await first.getByRole('button', { name: FIX }).click();
  await expect(first.getByRole('group', { name: ASKED })).toContainText(
    'before-1after'
  );
  expect(await hiding.text()).toBe(hiding.before);
  expect(await tampered(page)).toEqual([]);
  await picture(page, 'report-forged-live');
});

test('in Notebook 7 the same, by keyboard', async ({ page, tmpPath }) => {
  const file = `${tmpPath}/classic.ipynb`;
  const hiding = await openHidden(page, file, CHECK);
  await page.notebook.save();
  // Another page on the same kernel: what is saved is fixed there as well.
  const classic = await page.context().newPage();
  await classic.goto(`${urlOf('states')}/notebooks/${file}`);
  const output = reportsOf(classic);
  const fix = output.getByRole('button', { name: FIX });
  await expect(fix).toBeVisible({ timeout: STARTED });
  await fix.focus();
  await classic.keyboard.press('Space');
  const question = output.getByRole('group', { name: ASKED });
  await expect(
    question.getByRole('button', { name: 'Fix and restart' })
  ).toBeFocused();
  await picture(classic, 'report-notebook7');
  await classic.keyboard.press('Enter');
  await expect(output).toContainText('does not have this any more', {
    timeout: STARTED
  });
  expect(await hiding.hides()).toBe(false);

  // The page that did not do it sees it too.
  await expect(reportsOf(page)).toContainText('does not have this any more');
});
