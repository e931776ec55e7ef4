import { expect, test as base } from '@playwright/test';

import type { IErrors } from './lib/errors';
import { errorsOf } from './lib/errors';
import { become, urlOf } from './lib/machines';
import { KernelPicker, putNotebook } from './lib/notebooks';
import { Panel, picture } from './lib/panel';

const test = base.extend<IErrors>({ errors: [errorsOf, { auto: true }] });

// High enough for the whole View menu.
test.use({ viewport: { width: 1280, height: 1100 } });

test.beforeEach(() => become('ok'));
test.afterAll(() => become('ok'));

test('Notebook 7 has the picker, the chip, the sidebar under View, the history and the alerts', async ({
  page
}) => {
  await putNotebook(page, urlOf('states'), 'classic.ipynb', ['1 + 1']);
  await page.goto('/notebooks/classic.ipynb');
  const picker = new KernelPicker(page);
  await expect(picker.dialog.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('python ipykernel');
  await expect(picker.options.filter({ hasText: /^Python 3/ })).not.toHaveCount(
    0
  );
  await picture(page, 'notebook7-picker');
  await page.keyboard.press('Enter');
  await expect(page.locator('.jp-tfgpu-Chip')).toBeVisible({ timeout: 30_000 });

  await page.getByRole('menuitem', { name: 'View', exact: true }).click();
  await page.getByText('Left Sidebar', { exact: true }).hover();
  await page.getByText('Show GPUs', { exact: true }).click();
  const panel = new Panel(page);
  await expect(panel.devices).toHaveCount(2);
  await picture(page, 'notebook7');

  await panel.region
    .getByRole('button', { name: 'Show the history of GPU 0' })
    .click();
  const charts = page.locator('#jp-tfgpu-history').getByRole('img');
  await expect(charts).toHaveCount(4);
  await expect(charts.first()).toBeInViewport({ ratio: 0.8 });
  await picture(page, 'notebook7-history');

  await become('lost');
  const toast = page.locator('.Toastify__toast', { hasText: 'is lost' });
  await expect(toast).toHaveText(/GPU 1 /);
  await expect(toast).toBeInViewport({ ratio: 1 });
  await picture(page, 'notebook7-lost');
});
