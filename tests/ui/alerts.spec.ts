import { expect } from '@playwright/test';

import { liveSockets, nextReadings } from './lib/live';
import { become } from './lib/machines';
import { Panel, picture, pictures } from './lib/panel';
import { setSetting } from './lib/settings';
import { test } from './lib/test';

const ALERTS = 'jupyter-tfgpu:alerts';

// What listens to the page's socket has to be there before the page is.
test.use({ autoGoto: false });

test.beforeEach(() => become('ok'));
test.afterAll(() => become('ok'));

test('memory over the user’s limit is told once', async ({ page }) => {
  const sockets = liveSockets(page);
  await page.goto();
  const panel = new Panel(page);
  await expect(panel.status).toContainText('2 GPUs');
  const alerts = page.locator('.Toastify__toast', { hasText: 'of its memory' });

  // By default nobody is told.
  await nextReadings(sockets[0]!, 2);
  await expect(alerts).toHaveCount(0);

  await setSetting(page, ALERTS, 'memory', { enabled: true, percent: 11 });
  await expect(alerts).toHaveText(/GPU 1 .*: 13\s% of its memory is in use/);
  await nextReadings(sockets[0]!, 4);
  await expect(alerts).toHaveCount(1);
  await expect(alerts).toBeInViewport({ ratio: 1 });
  await pictures(page, 'state-alert');

  // Its button leads to the devices.
  await alerts.getByRole('button', { name: 'Show GPUs' }).click();
  await expect(panel.devices).toHaveCount(2);
});

test('a lost device is told without being asked, and that it is back', async ({
  page
}) => {
  await page.goto();
  await expect(new Panel(page).status).toContainText('2 GPUs');
  await become('lost');
  const toasts = page.locator('.Toastify__toast');
  const lost = toasts.filter({ hasText: 'is lost' });
  await expect(lost).toHaveText(/GPU 1 /);
  await expect(lost).toBeInViewport({ ratio: 1 });
  await picture(page, 'state-alert-lost');
  await become('ok');
  await expect(toasts.filter({ hasText: 'is back' })).toHaveText(/GPU 1 /);
  await expect(lost).toHaveCount(0);
});
