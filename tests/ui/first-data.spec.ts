import { expect, test } from '@jupyterlab/galata';
import { mkdir, writeFile } from 'fs/promises';
import * as path from 'path';

const FIGURES = path.resolve(
  __dirname,
  '..',
  '..',
  'build',
  'ui',
  'first-data.json'
);

/** How often the page is loaded; more for a figure than for a test. */
const LOADS = Number(process.env.TFGPU_UI_LOADS ?? '1');

test('the sidebar shows the devices of a page that has just become ready', async ({
  page
}, info) => {
  await page.addInitScript(watchForFirstDevice);
  const seconds: number[] = [];
  for (let load = 0; load < LOADS; load++) {
    await page.reload();
    seconds.push((await page.evaluate(untilFirstDevice)) / 1000);
    await expect(page.locator('.jp-tfgpu-Device')).toHaveCount(2);
  }
  info.annotations.push({
    type: 'first data, seconds after the page was ready',
    description: seconds.map(each => each.toFixed(3)).join(' ')
  });
  await mkdir(path.dirname(FIGURES), { recursive: true });
  await writeFile(FIGURES, JSON.stringify({ seconds }));
});

/** In the page, from its first moment on: notes when a device is first shown. */
function watchForFirstDevice(): void {
  const page = window as any;
  page.firstDevice = new Promise<number>(resolve => {
    const observer = new MutationObserver(() => {
      if (document.querySelector('.jp-tfgpu-Device') !== null) {
        observer.disconnect();
        resolve(performance.now());
      }
    });
    observer.observe(document, { childList: true, subtree: true });
  });
}

/**
 * In the page: milliseconds from JupyterLab being ready to the first device, with the sidebar opened as
 * soon as it is ready. Less than 0 where an open sidebar showed it before.
 */
async function untilFirstDevice(): Promise<number> {
  const page = window as any;
  while (page.jupyterapp === undefined) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  await page.jupyterapp.restored;
  const ready = performance.now();
  page.jupyterapp.shell.activateById('jp-tfgpu-panel');
  return (await page.firstDevice) - ready;
}
