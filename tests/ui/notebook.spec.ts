import { expect, test as base } from '@playwright/test';

import type { IErrors } from './lib/errors';
import { errorsOf } from './lib/errors';
import { urlOf } from './lib/machines';
import { KernelPicker, putNotebook } from './lib/notebooks';
import { Panel, picture } from './lib/panel';

const test = base.extend<IErrors>({ errors: [errorsOf, { auto: true }] });

// High enough for the whole View menu.
test.use({ viewport: { width: 1280, height: 1100 } });

test('Notebook 7 has the chip, and the sidebar under View', async ({
  page
}) => {
  await putNotebook(page, urlOf('standin'), 'classic.ipynb', ['1 + 1']);
  await page.goto('/notebooks/classic.ipynb');
  await new KernelPicker(page).take();
  await expect(page.locator('.jp-tfgpu-Chip')).toBeVisible({ timeout: 30_000 });

  await page.getByRole('menuitem', { name: 'View', exact: true }).click();
  await page.getByText('Left Sidebar', { exact: true }).hover();
  await page.getByText('Show GPUs', { exact: true }).click();
  await expect(new Panel(page).devices).toHaveCount(2);
  await picture(page, 'notebook7');
});
