import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';
import { expect } from '@playwright/test';

import type { IKernel } from './lib/kernels';
import { startKernel } from './lib/kernels';
import { become, urlOf } from './lib/machines';
import { putNotebook } from './lib/notebooks';
import type { Panel } from './lib/panel';
import { openPanel, picture, pictures } from './lib/panel';
import { test } from './lib/test';

/** Milliseconds in which NVML is opened anew, or seldom asked facts are asked again, with room. */
const REOPENED = 25_000;

interface IDevices {
  driver: { status: string; message: string; advice: string };
}

// High enough for two cards.
test.use({ viewport: { width: 1280, height: 1000 } });

/** A page with the sidebar open on two well devices. */
async function openOnTwo(page: IJupyterLabPageFixture): Promise<Panel> {
  await become('ok');
  const panel = await openPanel(page);
  await page.sidebar.setWidth(330, 'left');
  await expectWell(panel);
  return panel;
}

/** Two devices with figures, and nothing to be said about them. */
async function expectWell(panel: Panel): Promise<void> {
  await expect(panel.devices).toHaveCount(2, { timeout: REOPENED });
  await expect(panel.messages).toHaveCount(0, { timeout: REOPENED });
  await expect(card(panel, 0)).toContainText('50 °C');
  await expect(card(panel, 1)).toContainText('51 °C');
}

function card(panel: Panel, index: number): Locator {
  return panel.region.getByRole('region', {
    name: `GPU ${index}`,
    exact: true
  });
}

/** The driver's state is shown with the reason and the advice that the server gives. */
async function expectReason(
  page: IJupyterLabPageFixture,
  panel: Panel,
  status: string
): Promise<void> {
  const answer = await page.request.get(`${urlOf('states')}/tfgpu/devices`);
  const { driver } = (await answer.json()) as IDevices;
  expect(driver.status).toBe(status);
  const message = panel.messages.first();
  await expect(message).toContainText(driver.message);
  await expect(message).toContainText(driver.advice.replaceAll('`', ''));
}

test.afterAll(() => become('ok'));

test('who holds the memory of a device is named', async ({ page, tmpPath }) => {
  const panel = await openOnTwo(page);
  const kernels: IKernel[] = [];
  try {
    for (const name of ['vision', 'language']) {
      const file = `${tmpPath}/${name}.ipynb`;
      await putNotebook(page, urlOf('states'), file, ['1 + 1']);
      kernels.push(await startKernel(page.request, 'states', file));
    }
    const pids = kernels.map(kernel => kernel.pid);
    await become('holders', ...pids, process.pid);

    const first = card(panel, 0);
    await expect(first).toContainText('87 %');
    const holders = first.getByRole('list', { name: 'Who holds memory on it' });
    await expect(
      holders.getByRole('button', { name: 'Open vision.ipynb' })
    ).toBeVisible();
    await expect(holders).toContainText('11.0 GiB');
    await expect(holders).toContainText('not visible from here');
    await expect(card(panel, 1)).toContainText('language.ipynb');
    await pictures(page, 'state-holders');

    // The name opens the notebook.
    await holders.getByRole('button', { name: 'Open vision.ipynb' }).click();
    await expect(
      page.locator('.jp-NotebookPanel:visible .jp-NotebookPanel-notebook')
    ).toBeVisible();
  } finally {
    await Promise.all(kernels.map(kernel => kernel.stop()));
  }
  await become('ok');
  await expect(panel.region).not.toContainText('vision.ipynb');
  await expectWell(panel);
});

test('an updated driver under a running server: the mismatch, and back', async ({
  page
}) => {
  const panel = await openOnTwo(page);
  await become('mismatch');
  await expect(panel.devices).toHaveCount(0);
  await expectReason(page, panel, 'library-mismatch');
  await expect(panel.status).toHaveText('GPU: driver mismatch');
  await pictures(page, 'state-mismatch');
  await become('ok');
  await expectWell(panel);
});

test('a lost device is told from one that is well, and comes back', async ({
  page
}) => {
  const panel = await openOnTwo(page);
  await become('lost');
  await expect(card(panel, 1)).toContainText('has lost this device');
  await expect(card(panel, 1)).not.toContainText('51 °C');
  await expect(card(panel, 0)).toContainText('50 °C');
  await expectReason(page, panel, 'gpu-lost');
  await expect(panel.status).toContainText('1 lost');
  await pictures(page, 'state-lost');
  await become('ok');
  await expectWell(panel);
});

test('a driver that hangs: since when, and the last figures', async ({
  page
}) => {
  const panel = await openOnTwo(page);
  await become('hung');
  const message = panel.messages.first();
  await expect(message).toContainText(
    /The driver has not answered for \d+ s\./
  );
  await expect(panel.status).toHaveText('GPU: driver not answering');
  await expect(card(panel, 0)).toContainText('50 °C');
  // The driver's message is the only one.
  await expect(panel.messages).toHaveCount(1);
  await pictures(page, 'state-hung');
  await become('ok');
  await expectWell(panel);
});

test('MIG instances stand behind their GPU, with memory and processes of their own', async ({
  page
}) => {
  const panel = await openOnTwo(page);
  await become('mig', process.pid);
  await expect(panel.devices).toHaveCount(5, { timeout: REOPENED });
  const instances = panel.region.getByRole('region', { name: /^MIG / });
  await expect(instances).toHaveCount(3);
  await expect(panel.devices.nth(1)).toHaveAccessibleName(/^MIG /);
  await expect(panel.devices.nth(4)).toHaveAccessibleName('GPU 1');
  await expect(instances.nth(0)).toContainText('5.0 GiB');
  await expect(instances.nth(0)).toContainText('128 MiB');
  // Utilization is not known of a GPU that is cut up: a dash, and no 0.
  await expect(card(panel, 0)).toContainText('–');
  await expect(card(panel, 0)).not.toContainText('0 %');
  await pictures(page, 'state-mig');
  await become('ok');
  await expectWell(panel);
});

test('what WSL2 does not tell is a dash', async ({ page }) => {
  const panel = await openOnTwo(page);
  await become('wsl', process.pid);
  await expect(panel.devices).toHaveCount(1);
  const holders = card(panel, 0).getByRole('list', {
    name: 'Who holds memory on it'
  });
  await expect(holders.getByRole('listitem')).toHaveCount(2);
  await expect(holders).toContainText('in use, not told by whom');
  await expect(holders).toContainText('–');
  await expect(holders).not.toContainText('0 B');
  await pictures(page, 'state-wsl');
  await become('ok');
  await expectWell(panel);
});

test('a throttled device says so', async ({ page }) => {
  const panel = await openOnTwo(page);
  await become('throttled');
  await expect(card(panel, 0)).toContainText('91 °C');
  await expect(card(panel, 0)).toContainText('slowed: heat, power limit');
  await expect(card(panel, 1)).not.toContainText('slowed');
  await pictures(page, 'state-throttled');
});

test('one device, and sixteen', async ({ page }) => {
  const panel = await openOnTwo(page);
  await become('one');
  await expect(panel.devices).toHaveCount(1);
  await pictures(page, 'state-one');
  await become('sixteen');
  await expect(panel.devices).toHaveCount(16);
  await expect(card(panel, 15)).toContainText('70 °C');
  // As many stand in rows, each of which opens to a card.
  const rows = panel.devices.getByRole('button', { expanded: false });
  await expect(rows).toHaveCount(16);
  await panel.region.getByRole('heading', { name: 'Environments' }).click();
  await pictures(page, 'state-sixteen');
  await rows.nth(1).click();
  await expect(card(panel, 1)).toContainText('100 / 400 W');
  await picture(page, 'state-sixteen-opened');
  await become('ok');
  await expectWell(panel);
});
