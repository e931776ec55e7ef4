import { expect } from '@playwright/test';

import { startKernel } from './lib/kernels';
import { become, urlOf } from './lib/machines';
import { openFile, putNotebook } from './lib/notebooks';
import { Panel, pictures } from './lib/panel';
import { test } from './lib/test';

// Galata shows a page no sessions but those that it started itself.
test.use({ kernels: null, sessions: null });

test.beforeEach(() => become('ok'));
test.afterAll(() => become('ok'));

test('the status bar tells of all devices, or of the notebook’s', async ({
  page,
  tmpPath
}) => {
  const panel = new Panel(page);
  await expect(panel.status).toContainText('2 GPUs');
  await expect(panel.status).toContainText('9.0 / 80.0 GiB');
  // JupyterLab and those who test it look for this word there.
  await expect(panel.status).not.toContainText(/idle/i);

  const file = `${tmpPath}/vision.ipynb`;
  await putNotebook(page, urlOf('states'), file, ['1 + 1']);
  const kernel = await startKernel(page.request, 'states', file);
  try {
    await become('holders', kernel.pid, process.pid, process.ppid);
    await openFile(page, file);
    await expect(panel.status).toContainText('GPU 0');
    await expect(panel.status).toContainText('87 %');
    await expect(panel.status).toContainText('24.0 / 40.0 GiB');
    await expect(panel.status).not.toContainText(/idle/i);

    // It opens the sidebar.
    await expect(panel.devices).toHaveCount(0);
    await panel.status.click();
    await expect(panel.devices).toHaveCount(2);
    await page.sidebar.setWidth(330, 'left');
    await pictures(page, 'state-notebook');
  } finally {
    await kernel.stop();
  }
});
