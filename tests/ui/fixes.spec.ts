import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';

import { clearAway, layOut } from './lib/environments';
import { HIDDEN, Hiding } from './lib/hiding';
import { closeAndEnd } from './lib/kernels';
import { become, urlOf } from './lib/machines';
import { KernelPicker, openFile, putNotebook } from './lib/notebooks';
import { openPanel, picture } from './lib/panel';
import { test } from './lib/test';

const FIX = /^Fix: Take CUDA_VISIBLE_DEVICES out/;
const ASKED = 'What is changed';
/** Milliseconds in which a kernel is up and its report made, with room. */
const STARTED = 40_000;

/** A picture in the light and one in the dark theme. */
async function both(page: IJupyterLabPageFixture, name: string): Promise<void> {
  await picture(page, `${name}-light`);
  await page.theme.setDarkTheme();
  await picture(page, `${name}-dark`);
  await page.theme.setLightTheme();
}

/** Applies the fix in sight by keyboard alone, after it has shown what it changes. */
async function fixByKeyboard(at: Locator, page: Page): Promise<void> {
  await at.getByRole('button', { name: FIX }).focus();
  await page.keyboard.press('Enter');
  const question = at.getByRole('group', { name: ASKED });
  await expect(question).toContainText(`${HIDDEN} in the kernelspec`);
  await expect(question.getByRole('button', { name: 'Apply' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(at.locator('.jp-tfgpu-FixDone')).toBeFocused();
}

// Galata's stand-in for the kernels' routes answers a restart with another status than the server does.
test.use({ kernels: null, sessions: null });

test.beforeEach(() => become('ok'));
test.afterEach(async ({ page }) => {
  await closeAndEnd(page, 'states');
  await clearAway(page, 'states');
});

const TRAIN = [
  {
    name: 'train',
    packages: ['ipykernel-7.4.0', 'tensorflow-2.20.0'],
    starts: true
  }
];

test('what hides the GPU from an environment is shown, taken out and put back', async ({
  page
}) => {
  const [prefix] = await layOut(page, 'states', TRAIN);
  const hiding = await Hiding.make(prefix!);
  const panel = await openPanel(page);
  await page.sidebar.setWidth(360, 'left');
  const card = panel.environment('train');
  await card.getByRole('button', { name: 'train', exact: true }).click();
  await card.getByRole('button', { name: 'Report on train' }).click();
  const finding = card.locator('.jp-tfgpu-Message', {
    hasText: `${HIDDEN} hides every GPU`
  });
  await expect(finding).toBeVisible();

  await finding.getByRole('button', { name: FIX }).click();
  await expect(finding.getByRole('group', { name: ASKED })).toContainText(
    'before-1after'
  );
  expect(await hiding.text()).toBe(hiding.before);
  await finding.getByRole('group', { name: ASKED }).scrollIntoViewIfNeeded();
  await both(page, 'fix-question');
  await finding.getByRole('button', { name: 'Cancel' }).click();

  await fixByKeyboard(card, page);
  await expect(finding).toHaveCount(0);
  expect(await hiding.hides()).toBe(false);
  await both(page, 'fix-done');

  await card.getByRole('button', { name: /^Undo: / }).click();
  await expect(card.getByText('Taken back:')).toBeVisible();
  await expect(finding).toBeVisible();
  expect(await hiding.text()).toBe(hiding.before);
});

test('a notebook’s kernel is fixed from its report, and restarted', async ({
  page,
  tmpPath
}) => {
  const [prefix] = await layOut(page, 'states', TRAIN);
  const hiding = await Hiding.make(prefix!);
  await page.evaluate(() =>
    (window as any).jupyterapp.serviceManager.kernelspecs.refreshSpecs()
  );
  const file = `${tmpPath}/hidden.ipynb`;
  await putNotebook(page, urlOf('states'), file, ['1 + 1']);
  await openFile(page, file);
  await new KernelPicker(page).take(hiding.label);
  const badge = page.getByRole('button', { name: /^Report on this kernel: / });
  await expect(badge).toBeVisible({ timeout: STARTED });
  await badge.click();
  const dialog = page.locator('.jp-Dialog');
  await dialog.getByRole('button', { name: FIX }).click();
  await dialog.getByRole('group', { name: ASKED }).scrollIntoViewIfNeeded();
  await both(page, 'fix-kernel-question');
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await dialog.getByRole('button', { name: 'Restart kernel…' }).click();
  expect(await hiding.hides()).toBe(false);
  await expect(dialog).toContainText('Variables are lost');
  await both(page, 'fix-kernel-restart');
  await dialog.getByRole('button', { name: 'Restart now' }).click();
  await expect(dialog).not.toContainText(`${HIDDEN} hides every GPU`, {
    timeout: STARTED
  });
  await both(page, 'fix-kernel-done');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('in Notebook 7 the same, by keyboard', async ({ page, tmpPath }) => {
  const [prefix] = await layOut(page, 'states', TRAIN);
  const hiding = await Hiding.make(prefix!);
  const file = `${tmpPath}/classic.ipynb`;
  await putNotebook(page, urlOf('states'), file, ['1 + 1']);
  const classic = await page.context().newPage();
  await classic.goto(`${urlOf('states')}/notebooks/${file}`);
  await new KernelPicker(classic).take(hiding.label);
  const badge = classic.getByRole('button', {
    name: /^Report on this kernel: /
  });
  await expect(badge).toBeVisible({ timeout: STARTED });
  await badge.click();
  const dialog = classic.locator('.jp-Dialog');
  // A dialog takes the focus when it is there, and Enter is for the button that has it.
  await expect(dialog.locator('.jp-mod-accept')).toBeFocused();
  await fixByKeyboard(dialog, classic);
  expect(await hiding.hides()).toBe(false);
  await picture(classic, 'notebook7-fix');
  await dialog.getByRole('button', { name: /^Undo: / }).focus();
  await classic.keyboard.press('Enter');
  await expect(dialog.getByText('Taken back:')).toBeVisible();
  expect(await hiding.text()).toBe(hiding.before);
});
