import { expect, test } from '@jupyterlab/galata';

import { answer, urlOf } from './lib/machines';
import { KernelPicker, openFile, putNotebook } from './lib/notebooks';
import { openPanel, pictures } from './lib/panel';

interface IDevices {
  simulated: boolean;
  driver: { status: string; message: string; advice: string };
  devices: { name: string }[];
}

test.describe('A machine without a GPU', () => {
  test.use({ baseURL: urlOf('no-driver') });

  test('says why there are none, and what to do', async ({ page }) => {
    const { driver } = await answer<IDevices>('no-driver', 'devices');
    const panel = await openPanel(page);
    await expect(panel.devices).toHaveCount(0);
    const message = panel.messages.first();
    await expect(message).toContainText(driver.message);
    await expect(message).toContainText(driver.advice);
    await page.sidebar.setWidth(330, 'left');
    await pictures(page, 'no-driver');
  });
});

test.describe('Simulated devices', () => {
  test.use({ baseURL: urlOf('simulated') });

  test('are marked in the sidebar and on the chip', async ({
    page,
    tmpPath
  }) => {
    const { devices, simulated } = await answer<IDevices>(
      'simulated',
      'devices'
    );
    expect(simulated).toBe(true);
    const panel = await openPanel(page);
    await expect(panel.devices).toHaveCount(devices.length);
    await expect(panel.messages.first()).toContainText('Simulated devices');

    const file = `${tmpPath}/simulated.ipynb`;
    await putNotebook(page, urlOf('simulated'), file, ['1 + 1']);
    await openFile(page, file);
    await new KernelPicker(page).take();
    await expect(page.locator('.jp-tfgpu-Chip:visible')).toContainText(
      'simulated',
      { timeout: 30_000 }
    );
    await page.sidebar.setWidth(330, 'left');
    await pictures(page, 'simulated');
  });
});

test.describe('A server without the extension', () => {
  test.use({ baseURL: urlOf('no-extension') });

  test('is told in a sentence, and notebooks work as ever', async ({
    page,
    tmpPath
  }) => {
    const panel = await openPanel(page);
    await expect(panel.messages.first()).toBeVisible();
    const file = `${tmpPath}/plain.ipynb`;
    await putNotebook(page, urlOf('no-extension'), file, ['1 + 1']);
    await openFile(page, file);
    await new KernelPicker(page).take();
    await page.notebook.runCell(0, true);
    expect(await page.notebook.getCellTextOutput(0)).toEqual(['2']);
    await expect(page.locator('.jp-tfgpu-Chip:visible')).toHaveCount(0);
    await page.sidebar.setWidth(330, 'left');
    await pictures(page, 'no-extension');
  });
});
