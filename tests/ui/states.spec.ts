import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';

import type { State } from './lib/machines';
import { answer, jupyterTfgpu, urlOf } from './lib/machines';
import type { IOutput } from './lib/notebooks';
import {
  KernelPicker,
  openFile,
  plainText,
  putNotebook,
  REPORT,
  savedOutputs,
  runAnyway,
  TRAINING
} from './lib/notebooks';
import { openPanel, pictures } from './lib/panel';

interface IReport {
  simulated: boolean;
  findings: { code: string; title: string }[];
}

/** Runs the training notebook on the environment with TensorFlow; what its cells gave. `asked`: it is asked first. */
async function train(
  page: IJupyterLabPageFixture,
  state: State,
  file: string,
  asked: boolean
): Promise<IOutput[]> {
  const prefix = process.env.TFGPU_ENVIRONMENT_TF2 ?? '';
  const added = await jupyterTfgpu(state, 'specs', 'add', prefix, '--json');
  // An open page learns of it with the next look at all kernelspecs, which would take a minute.
  await page.evaluate(() =>
    (window as any).jupyterapp.serviceManager.kernelspecs.refreshSpecs()
  );
  await putNotebook(page, urlOf(state), file, TRAINING);
  await openFile(page, file);
  await new KernelPicker(page).take(JSON.parse(added).display_name);
  // TensorFlow takes long to load on a busy machine with a cold disk.
  page.setDefaultTimeout(60_000);
  await (asked ? runAnyway(page, 1) : page.notebook.runCell(1, true));
  await page.notebook.runCell(2, true);
  return [
    ...(await savedOutputs(page, urlOf(state), file, 1)),
    ...(await savedOutputs(page, urlOf(state), file, 2))
  ];
}

const WITHOUT_TENSORFLOW =
  !process.env.TFGPU_ENVIRONMENT_TF2 && !process.env.CI;
const NEEDS =
  'needs the environment with a real TensorFlow that `make test` creates';

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
    await expect(message).toContainText(driver.advice.replaceAll('`', ''));
    await page.sidebar.setWidth(330, 'left');
    await pictures(page, 'no-driver');
  });

  test('trains without a word on it', async ({ page, tmpPath }) => {
    test.skip(WITHOUT_TENSORFLOW, NEEDS);
    const file = `${tmpPath}/training.ipynb`;
    const outputs = await train(page, 'no-driver', file, false);
    expect(outputs.filter(({ data }) => data?.[REPORT])).toEqual([]);
    expect(outputs.map(plainText).join('')).toContain('epochs: 2');
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

  test('are what a training cell is judged by, and the notice says so', async ({
    page,
    tmpPath
  }) => {
    test.skip(WITHOUT_TENSORFLOW, NEEDS);
    const [notice, ...rest] = await train(
      page,
      'simulated',
      `${tmpPath}/training.ipynb`,
      true
    );
    const report = notice?.data?.[REPORT] as IReport;
    expect(report.simulated).toBe(true);
    expect(report.findings[0]?.code).toBe('cpu-only-build');
    expect(plainText(notice!)).toMatch(/simulated/i);
    expect(rest.map(plainText).join('')).toContain('epochs: 2');
    await (await page.notebook.getCellLocator(1))!.scrollIntoViewIfNeeded();
    await pictures(page, 'simulated-notice');
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
