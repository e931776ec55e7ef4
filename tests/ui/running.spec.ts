import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page, WebSocketRoute } from '@playwright/test';
import { expect } from '@playwright/test';

import type { IKernel } from './lib/kernels';
import { endKernels, startKernel } from './lib/kernels';
import { become, urlOf } from './lib/machines';
import { KernelPicker, putNotebook } from './lib/notebooks';
import { Panel, openPanel, picture, pictures } from './lib/panel';
import { setSetting } from './lib/settings';
import { test } from './lib/test';
import { timeOfChange } from './lib/timing';

const GIB = 2 ** 30;
const RUNNING = 'jupyter-tfgpu:running';

interface IKernelUse {
  id: string;
  given: string[] | null;
  pin: string;
  state: string | null;
  devices: {
    uuid: string;
    memory: number | null;
    utilization: number | null;
    unused_since: string | null;
  }[];
}

test.use({ viewport: { width: 1280, height: 1000 } });
test.beforeEach(async ({ request }) => {
  await endKernels(request, 'states');
  await become('ok');
});
test.afterAll(() => become('ok'));

/** What the server tells of running kernels. */
async function kernelsNow(page: Page): Promise<IKernelUse[]> {
  const answer = await page.request.get(`${urlOf('states')}/tfgpu/kernels`);
  return (await answer.json()).kernels;
}

function row(panel: Panel, name: string): Locator {
  return panel.region.locator('.jp-tfgpu-Kernel').filter({ hasText: name });
}

/** Talks to kernels as an open notebook does: until then the server takes them to be starting. */
async function talkTo(page: Page, kernels: IKernel[]): Promise<void> {
  for (const { id } of kernels) {
    await page.evaluate(async id => {
      const { kernels } = (window as any).jupyterapp.serviceManager;
      const connection = kernels.connectTo({ model: { id, name: 'python3' } });
      await connection.info;
      connection.dispose();
    }, id);
  }
}

/** Leaves the room to the kernels. */
async function foldOthers(page: Page): Promise<void> {
  for (const title of ['Devices', 'Environments']) {
    await page
      .locator('#jp-tfgpu-panel .lm-AccordionPanel-title', { hasText: title })
      .first()
      .click();
  }
}

/** Changes what the page hears of the kernels on the way from the server. */
class Retold {
  constructor(private readonly change: (kernels: IKernelUse[]) => void) {}

  async attach(page: Page): Promise<void> {
    await page.routeWebSocket(/\/tfgpu\/live(\?|$)/, route => {
      this._route = route;
      const server = route.connectToServer();
      server.onMessage(message => {
        const told = JSON.parse(String(message));
        if (told.type === 'kernels') {
          this.change(told.data.kernels);
        }
        route.send(JSON.stringify(told));
      });
    });
    await page.route(/\/tfgpu\/kernels(\?|$)/, async route => {
      const answer = await route.fetch();
      const told = await answer.json();
      this.change(told.kernels);
      await route.fulfill({ json: told });
    });
  }

  /** Tells the page of the kernels without waiting for the server. */
  push(kernels: IKernelUse[]): void {
    this._route?.send(
      JSON.stringify({
        type: 'kernels',
        data: { schema: 'tfgpu.kernels/1', kernels }
      })
    );
  }

  private _route: WebSocketRoute | null = null;
}

test.describe('Running kernels', () => {
  // Galata's stand-in for the kernels' routes does not know what runs elsewhere.
  test.use({ kernels: null, sessions: null });

  const kernels: IKernel[] = [];

  /** Starts a kernel for each of these notebooks. */
  async function start(
    page: IJupyterLabPageFixture,
    tmpPath: string,
    ...names: string[]
  ): Promise<void> {
    for (const name of names) {
      const file = `${tmpPath}/${name}.ipynb`;
      await putNotebook(page, urlOf('states'), file, [
        'import time\ntime.sleep(600)'
      ]);
      kernels.push(await startKernel(page.request, 'states', file));
    }
  }

  test.afterEach(async () => {
    await Promise.all(kernels.map(kernel => kernel.stop()));
    kernels.length = 0;
  });

  test('are listed with what they hold, opened, interrupted, restarted elsewhere and shut down', async ({
    page,
    tmpPath
  }) => {
    await start(page, tmpPath, 'vision', 'language');
    await become('holders', ...kernels.map(({ pid }) => pid), process.pid);
    const panel = await openPanel(page);
    await page.sidebar.setWidth(330, 'left');
    await talkTo(page, kernels);
    const vision = row(panel, 'vision.ipynb');
    const language = row(panel, 'language.ipynb');
    await expect(vision).toContainText('11.0 GiB');
    await expect(language.getByRole('listitem')).toHaveText([
      /GPU 0\s*5\.0/,
      /GPU 1\s*3\.0/
    ]);
    const names = panel.region.locator('.jp-tfgpu-Kernel-name');
    await expect(names).toHaveText(['vision.ipynb', 'language.ipynb']);
    await page.mouse.move(700, 500);
    await picture(page, 'running-three-sections');
    await foldOthers(page);
    await pictures(page, 'running');

    // The order is chosen in the head of the section, and kept in the settings.
    await panel.region
      .getByRole('button', { name: 'Order of the kernels' })
      .click();
    await page.locator('.lm-Menu-item', { hasText: 'By name' }).click();
    await expect(names).toHaveText(['language.ipynb', 'vision.ipynb']);
    await setSetting(page, RUNNING, 'sort', null);
    await expect(names).toHaveText(['vision.ipynb', 'language.ipynb']);

    await vision.getByRole('button', { name: 'Open vision.ipynb' }).click();
    await expect(page.locator('.jp-NotebookPanel:visible')).toBeVisible();
    await expect(vision).toContainText('idle');
    await page.locator('.jp-CodeCell .cm-content').first().click();
    await page.keyboard.press('Control+Enter');
    await expect(vision).toContainText('busy');

    await vision.hover();
    await picture(page, 'running-hovered');
    await vision.getByRole('button', { name: 'Interrupt' }).click();
    await expect(page.locator('.jp-OutputArea')).toContainText(
      'KeyboardInterrupt'
    );
    await expect(vision).toContainText('idle');

    // By the keyboard: the row's menu, then the device.
    const before = await kernelsNow(page);
    const { uuid } = before.find(({ id }) => id === kernels[1]!.id)!
      .devices[1]!;
    await vision.getByRole('button', { name: 'Menu of vision.ipynb' }).focus();
    await page.keyboard.press('Enter');
    await expect(page.locator('.lm-Menu')).toBeVisible();
    for (let count = 0; count < 3; count += 1) {
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('ArrowRight');
    await expect(page.locator('.lm-Menu')).toHaveCount(2);
    await picture(page, 'running-menu');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const dialog = page.locator('.jp-Dialog');
    await expect(dialog).toContainText('The kernel restarts with: GPU 1');
    await picture(page, 'running-restart-on');
    await dialog.getByRole('button', { name: 'Restart' }).click();
    await expect(vision).toContainText('GPU 1');
    await expect
      .poll(async () => {
        const now = await kernelsNow(page);
        return now.find(({ id }) => id === kernels[0]!.id)?.given;
      })
      .toEqual([uuid]);

    await language.hover();
    await language
      .getByRole('button', { name: 'Shut down language.ipynb' })
      .click();
    await expect(dialog).toContainText('frees its memory');
    await dialog.getByRole('button', { name: 'Shut Down' }).click();
    await expect(language).toHaveCount(0);
    expect((await kernelsNow(page)).map(({ id }) => id)).toEqual([
      kernels[0]!.id
    ]);
  });

  test('that rest are shut down together, but for one that is in use again', async ({
    page,
    tmpPath
  }) => {
    await start(page, tmpPath, 'vision', 'language', 'speech');
    await become('resting', ...kernels.map(({ pid }) => pid));
    let busy = false;
    const retold = new Retold(all => {
      for (const kernel of all) {
        for (const use of kernel.devices) {
          use.unused_since &&= new Date(
            Date.parse(use.unused_since) - 7_500_000
          ).toISOString();
        }
        if (busy && kernel.id === kernels[2]?.id) {
          kernel.state = 'busy';
        }
      }
    });
    await retold.attach(page);
    await page.goto();
    const panel = await openPanel(page);
    await page.sidebar.setWidth(330, 'left');
    await expect(row(panel, 'speech.ipynb')).toContainText('unused for 2 h');
    await talkTo(page, kernels);
    await foldOthers(page);
    const free = panel.region.getByRole('button', { name: 'Free…' });
    const dialog = page.locator('.jp-Dialog');
    await page.theme.setDarkTheme();
    await free.click();
    await expect(dialog.getByRole('listitem')).toHaveCount(3);
    await picture(page, 'running-free-dark');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.theme.setLightTheme();
    await free.click();
    await expect(dialog.getByRole('listitem')).toHaveCount(3);
    await expect(dialog).toContainText('Frees 20.0 GiB');
    await picture(page, 'running-free-light');

    busy = true;
    await dialog.getByRole('button', { name: 'Shut Down and Free' }).click();
    const toast = page.locator('.Toastify__toast', { hasText: 'Freed' });
    await expect(toast).toContainText(/Freed 16\.0\sGiB: 2 kernels shut down/);
    await expect(toast).toContainText('1 kernel is in use again');
    await picture(page, 'running-freed');
    await expect(panel.region.locator('.jp-tfgpu-Kernel')).toHaveCount(1);
    expect((await kernelsNow(page)).map(({ id }) => id)).toEqual([
      kernels[2]!.id
    ]);
    await expect(free).toBeDisabled();
  });

  test('are quick where there are a hundred', async ({ page }) => {
    const { devices } = await (
      await page.request.get(`${urlOf('states')}/tfgpu/devices`)
    ).json();
    let state = 'idle';
    const hundred = (): IKernelUse[] =>
      Array.from({ length: 100 }, (_, index) => ({
        id: `kernel-${index}`,
        server: index < 90 ? null : 'http://127.0.0.1:8890/',
        notebook: `work/run-${index}.ipynb`,
        kernelspec: 'python3',
        environment: null,
        pin: 'all',
        pin_from: 'default',
        given: null,
        note: null,
        restart_needed: false,
        warnings: index === 3 ? ['`other.ipynb` fills GPU 0.'] : [],
        last_used: null,
        verdict: index % 7 === 0 ? 'degraded' : 'ok',
        state: index === 99 ? null : index === 42 ? state : 'idle',
        devices: devices.map(({ uuid }: { uuid: string }) => ({
          uuid,
          memory: GIB + index * 2 ** 22,
          utilization: index % 2 === 0 ? 0.12 : null,
          unused_since: null
        }))
      }));
    const retold = new Retold(all => {
      all.splice(0, all.length, ...hundred());
    });
    await retold.attach(page);
    await page.goto();
    const panel = await openPanel(page);
    await page.sidebar.setWidth(330, 'left');
    await expect(panel.region.locator('.jp-tfgpu-Kernel')).toHaveCount(100);
    await foldOthers(page);
    await pictures(page, 'running-hundred');
    await panel.region
      .locator('.jp-tfgpu-Kernel')
      .last()
      .scrollIntoViewIfNeeded();
    await page.theme.setTheme('JupyterLab Dark High Contrast');
    await picture(page, 'running-others');
    await page.theme.setLightTheme();

    const watched = await page.evaluateHandle(
      timeOfChange,
      '.jp-tfgpu-Kernels'
    );
    state = 'busy';
    retold.push(hundred());
    const changed = await watched.evaluate(({ change }) => change);
    const sorted = await page.evaluate(timeOfSorting);
    console.log(
      `a hundred kernels: one changed ${changed} ms after it was told, sorted by name in ${sorted} ms`
    );
    await expect(row(panel, 'run-42.ipynb')).toContainText('busy');
  });

  test('stand in Notebook 7', async ({ page, context }) => {
    await putNotebook(page, urlOf('states'), 'plain.ipynb', ['1 + 1']);
    const other = await context.newPage();
    await other.setViewportSize({ width: 1280, height: 1100 });
    await other.goto(`${urlOf('states')}/notebooks/plain.ipynb`);
    await new KernelPicker(other).take();
    await other.getByRole('menuitem', { name: 'View', exact: true }).click();
    await other.getByText('Left Sidebar', { exact: true }).hover();
    await other.getByText('Show GPUs', { exact: true }).click();
    const panel = new Panel(other);
    const plain = row(panel, 'plain.ipynb');
    await expect(plain).toContainText('idle');
    await picture(other, 'notebook7-running');
    await plain.hover();
    await plain.getByRole('button', { name: 'Shut down plain.ipynb' }).click();
    await expect(plain).toHaveCount(0);
  });
});

/** Milliseconds from the choice of an order to the list that has it, laid out. */
async function timeOfSorting(): Promise<number> {
  const registry = await (window as any).galata.getPlugin(
    '@jupyterlab/apputils-extension:settings'
  );
  const list = document.querySelector('.jp-tfgpu-Kernels')!;
  const first = () => list.querySelector('.jp-tfgpu-Kernel-name')?.textContent;
  const was = first();
  const before = performance.now();
  void registry.set('jupyter-tfgpu:running', 'sort', 'name');
  while (first() === was) {
    await new Promise(requestAnimationFrame);
  }
  list.getBoundingClientRect();
  return Math.round(performance.now() - before);
}
