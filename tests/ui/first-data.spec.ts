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
  const seconds: number[] = [];
  for (let load = 0; load < LOADS; load++) {
    if (load > 0) {
      await page.reload();
    }
    seconds.push((await page.evaluate(untilFirstData)) / 1000);
    await expect(page.locator('.jp-tfgpu-Device')).toHaveCount(2);
    await page.sidebar.close('left');
  }
  info.annotations.push({
    type: 'first data, seconds after the page was ready',
    description: seconds.map(each => each.toFixed(3)).join(' ')
  });
  await mkdir(path.dirname(FIGURES), { recursive: true });
  await writeFile(FIGURES, JSON.stringify({ seconds }));
});

/** In the page: opens the sidebar; milliseconds until it shows a device. */
function untilFirstData(): Promise<number> {
  const start = performance.now();
  const shown = () => document.querySelector('.jp-tfgpu-Device') !== null;
  return new Promise(resolve => {
    const observer = new MutationObserver(() => {
      if (shown()) {
        observer.disconnect();
        resolve(performance.now() - start);
      }
    });
    observer.observe(document.body, { childList: true, subtree: true });
    (window as any).jupyterapp.shell.activateById('jp-tfgpu-panel');
  });
}
