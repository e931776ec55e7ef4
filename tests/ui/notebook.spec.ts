import { expect, test } from '@playwright/test';

import { notebookWith } from './lib/notebooks';
import { Panel, picture } from './lib/panel';

test('Notebook 7 has the chip, and the sidebar under View', async ({
  page,
  request
}) => {
  const content = notebookWith(['1 + 1']);
  const made = await request.put('/api/contents/classic.ipynb', {
    data: { type: 'notebook', format: 'json', content }
  });
  expect(made.ok()).toBe(true);
  await page.goto('/notebooks/classic.ipynb');
  const select = page.getByRole('button', { name: 'Select', exact: true });
  await select.click();
  await expect(page.locator('.jp-tfgpu-Chip')).toBeVisible({ timeout: 30_000 });

  await page.getByRole('menuitem', { name: 'View', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Left Sidebar' }).hover();
  await page.getByText('GPUs', { exact: true }).click();
  await expect(new Panel(page).devices).toHaveCount(2);
  await picture(page, 'notebook7');
});
