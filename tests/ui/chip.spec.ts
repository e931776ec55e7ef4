import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import * as path from 'path';

import { closeAndEnd, startKernel } from './lib/kernels';
import { Line } from './lib/live';
import { become, jupyterTfgpu, urlOf, variablesOf } from './lib/machines';
import { KernelPicker, openFile, putNotebook } from './lib/notebooks';
import { picture } from './lib/panel';
import { test } from './lib/test';

/** Milliseconds until seldom asked facts are asked again, with room. */
const REOPENED = 25_000;
/** Milliseconds in which a kernel is up, with room. */
const STARTED = 30_000;

/** The chip of the notebook in front, and what opens from it. */
class Chip {
  constructor(private readonly page: Page) {
    this.button = page.locator('.jp-tfgpu-Chip:visible');
    this.menu = page.locator('.jp-tfgpu-ChipMenu');
    this.dialog = page.locator('.jp-Dialog');
    this.toasts = page.locator('.Toastify__toast');
  }

  async open(): Promise<void> {
    await this.button.click();
    await expect(this.menu).toBeVisible();
  }

  async take(name: string | RegExp): Promise<void> {
    await this.open();
    await this.line(name).click();
  }

  line(name: string | RegExp): Locator {
    return this.menu
      .getByRole('menuitem', { name })
      .or(this.menu.getByRole('menuitemcheckbox', { name }));
  }

  /** Its menu in the light and the dark theme. */
  async pictures(name: string): Promise<void> {
    const page = this.page as IJupyterLabPageFixture;
    for (const theme of ['light', 'dark'] as const) {
      await page.theme[theme === 'dark' ? 'setDarkTheme' : 'setLightTheme']();
      await this.open();
      await picture(page, `${name}-${theme}`);
      await page.keyboard.press('Escape');
    }
    await page.theme.setLightTheme();
  }

  async has(gpus: string): Promise<void> {
    const name = new RegExp(`^This kernel has: ${gpus}\\.`);
    await expect(this.button).toHaveAccessibleName(name, { timeout: STARTED });
  }

  readonly button: Locator;
  readonly menu: Locator;
  readonly dialog: Locator;
  readonly toasts: Locator;
}

/** A notebook with a kernel, open in front. */
async function openNotebook(
  page: IJupyterLabPageFixture,
  file: string,
  kernel?: string
): Promise<Chip> {
  await putNotebook(page, urlOf('states'), file, ['1 + 1']);
  await openFile(page, file);
  await new KernelPicker(page).take(kernel);
  const chip = new Chip(page);
  await chip.has('all GPUs');
  // Of a kernel that is restarted while it is asked what it is, JupyterLab says an error.
  await expect(page.locator('#jp-main-statusbar')).toContainText('Idle', {
    timeout: STARTED
  });
  return chip;
}

/** The process of a notebook's kernel. */
async function pidOf(page: Page, file: string): Promise<number> {
  const kernel = await startKernel(page.request, 'states', file);
  return kernel.pid;
}

// Galata's stand-in for the kernels' routes answers a restart with another status than the server does.
test.use({ kernels: null, sessions: null });

test.beforeEach(() => become('ok'));
test.afterEach(({ page }) => closeAndEnd(page, 'states'));
test.afterAll(() => become('ok'));

test('the menu says what each device has free and who holds it, and takes several', async ({
  page,
  tmpPath
}) => {
  const file = `${tmpPath}/train.ipynb`;
  const other = `${tmpPath}/vision.ipynb`;
  const chip = await openNotebook(page, file);
  await putNotebook(page, urlOf('states'), other, ['1 + 1']);
  const vision = await startKernel(page.request, 'states', other);
  // The session of this notebook is there already: its kernel is the one that answers.
  const mine = await pidOf(page, file);
  await become('holders', mine, vision.pid, process.pid);
  await expect(chip.button).toContainText('11.0\u00a0GiB', {
    timeout: REOPENED
  });

  await chip.open();
  await expect(chip.menu).toContainText('The server’s default.');
  await expect(chip.line(/^GPU 0 /)).toContainText('this notebook');
  await expect(chip.line(/^GPU 1 /)).toContainText('vision.ipynb');
  await page.keyboard.press('Escape');
  await expect(chip.button).toBeFocused();
  await chip.pictures('chip-menu-devices');

  // By keyboard alone: a letter goes to the next line that begins with it.
  await chip.button.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('s');
  await page.keyboard.press('Enter');
  const boxes = chip.dialog.getByRole('checkbox');
  await expect(boxes).toHaveCount(2);
  await expect(boxes.first()).toBeFocused();
  await page.keyboard.press('Space');
  await boxes.nth(1).check();
  await expect(chip.dialog).toContainText('2 GPUs are chosen.');
  await picture(page, 'chip-several');
  await chip.dialog.locator('.jp-mod-accept').click();

  await expect(chip.dialog).toContainText(
    'The kernel restarts with: GPUs 0, 1.'
  );
  await picture(page, 'chip-restart');
  await chip.dialog.getByRole('button', { name: 'Later' }).click();
  await expect(chip.button).toContainText('→ GPUs 0, 1');
  await expect(chip.toasts).toContainText('From the next start');
  await expect(chip.toasts).toBeInViewport({ ratio: 1 });
  await picture(page, 'chip-pending');
  await page.setViewportSize({ width: 760, height: 600 });
  await picture(page, 'chip-narrow');
  await page.setViewportSize({ width: 1280, height: 800 });

  await chip.take(/^Restart now with: GPUs 0, 1/);
  await chip.dialog.locator('.jp-mod-accept').click();
  await chip.has('GPUs 0, 1');
  await expect(chip.button).toHaveAccessibleName(/Chosen for this notebook\./);
});

test('a choice is taken back, and forgotten', async ({ page, tmpPath }) => {
  const chip = await openNotebook(page, `${tmpPath}/undo.ipynb`);
  await chip.take(/^none /);
  await chip.dialog.getByRole('button', { name: 'Later' }).click();
  await expect(chip.button).toContainText('→ no GPU');
  await chip.toasts.getByRole('button', { name: 'Undo' }).click();
  await expect(chip.button).toHaveText('all GPUs');

  await chip.take(/^GPU 1 /);
  await chip.dialog.locator('.jp-mod-accept').click();
  await chip.has('GPU 1');
  await chip.take('Forget the choice for this notebook');
  await expect(chip.dialog).toContainText('The kernel restarts with: all GPUs');
  await chip.dialog.locator('.jp-mod-accept').click();
  await chip.has('all GPUs');
});

test('the pin of a renamed notebook goes with it, and one made on a terminal shows', async ({
  page,
  tmpPath
}) => {
  const file = `${tmpPath}/before.ipynb`;
  const chip = await openNotebook(page, file);
  await chip.take(/^GPU 1 /);
  await chip.dialog.locator('.jp-mod-accept').click();
  await chip.has('GPU 1');
  await page.evaluate(
    async ([before, after]) => {
      const { contents } = (window as any).jupyterapp.serviceManager;
      await contents.rename(before, after);
    },
    [file, `${tmpPath}/after.ipynb`]
  );
  await expect(page.getByRole('tab', { name: 'after.ipynb' })).toBeVisible();
  await expect(chip.button).toHaveText('GPU 1');
  await expect(chip.button).toHaveAccessibleName(/Chosen for this notebook\./);

  const root = (await variablesOf('states')).JUPYTERLAB_GALATA_ROOT_DIR ?? '';
  const moved = path.join(root, tmpPath, 'after.ipynb');
  await jupyterTfgpu('states', 'pin', 'set', '--notebook', moved, 'none');
  await expect(chip.button).toHaveText('GPU 1→ no GPU');
});

test('a device that another notebook fills is warned of before the start and after it', async ({
  page,
  tmpPath
}) => {
  const other = `${tmpPath}/vision.ipynb`;
  await putNotebook(page, urlOf('states'), other, ['1 + 1']);
  const vision = await startKernel(page.request, 'states', other);
  const chip = await openNotebook(page, `${tmpPath}/train.ipynb`);
  await become('filled', vision.pid);
  const full = /GPU 0 .* is nearly full: vision\.ipynb holds 38\.0 GiB/;
  await expect(async () => {
    await page.keyboard.press('Escape');
    await chip.open();
    await expect(chip.line(/^GPU 0 /)).toContainText('38.0', { timeout: 500 });
  }).toPass({ timeout: REOPENED });
  await chip.line(/^GPU 0 /).click();
  await expect(chip.dialog).toContainText(full);
  await picture(page, 'chip-full-question');
  await chip.dialog.locator('.jp-mod-accept').click();
  await chip.has('GPU 0');
  await expect(chip.button).toHaveAccessibleName(full);
  await expect(chip.toasts.filter({ hasText: full })).toBeInViewport();
  await page.theme.setTheme('JupyterLab Dark High Contrast');
  await chip.open();
  await picture(page, 'chip-full-contrast');
});

test('a start that could not get what was asked for says so, once', async ({
  page,
  tmpPath
}) => {
  const chip = await openNotebook(page, `${tmpPath}/many.ipynb`);
  await chip.take(/^auto · how many/);
  await chip.dialog.getByRole('spinbutton').first().fill('4');
  await expect(chip.dialog).toContainText('fewer than it asks for');
  await picture(page, 'chip-auto');
  await chip.dialog.locator('.jp-mod-accept').click();
  await chip.dialog.locator('.jp-mod-accept').click();
  await chip.has('GPUs 0, 1');
  await expect(chip.button).toHaveAccessibleName(
    /Chosen for this notebook: auto:4\./
  );
  await expect(chip.toasts).toHaveText(/many\.ipynb: Only 2 of the 4 devices/);
  await expect(chip.toasts).toBeInViewport({ ratio: 1 });
  await picture(page, 'chip-warning');
  await chip.pictures('chip-menu-warning');

  // Sentences of any length are read in full.
  await chip.open();
  const head = chip.menu.locator('.jp-tfgpu-ChipMenu-head.jp-mod-warning');
  const fits = await head.evaluate(node => {
    node.lastElementChild!.textContent = 'A word and another one. '.repeat(20);
    return node.scrollWidth <= node.clientWidth && node.clientHeight > 60;
  });
  expect(fits).toBe(true);
  await page.keyboard.press('Escape');

  // A page that comes later is not told what happened before it.
  await Promise.all([
    page.waitForEvent('load'),
    page.evaluate(() => window.location.reload())
  ]);
  await chip.has('GPUs 0, 1');
  await expect(chip.button).toHaveAccessibleName(/Only 2 of the 4 devices/);
  await expect(chip.toasts).toHaveCount(0);
});

test('devices that cannot be had say why; instances stand below their GPU', async ({
  page,
  tmpPath
}) => {
  const chip = await openNotebook(page, `${tmpPath}/states.ipynb`);
  await become('mig');
  await expect(async () => {
    await page.keyboard.press('Escape');
    await chip.open();
    await expect(chip.line(/^MIG /)).toHaveCount(3, { timeout: 500 });
  }).toPass({ timeout: REOPENED });
  await page.keyboard.press('Escape');
  await chip.pictures('chip-menu-mig');
  // New devices had the driver opened anew: for a while from now on a lost one stays in its list.
  await become('lost');
  await expect(async () => {
    await page.keyboard.press('Escape');
    await chip.open();
    await expect(chip.line(/^GPU 1 /)).toHaveAttribute(
      'aria-disabled',
      'true',
      { timeout: 500 }
    );
  }).toPass({ timeout: REOPENED });
  await expect(chip.line(/^GPU 1 /)).toContainText('lost');
  await page.keyboard.press('Escape');
});

test('figures of a lost connection are told as such', async ({
  page,
  tmpPath,
  errors
}) => {
  const line = new Line();
  await line.attach(page);
  await page.reload();
  const file = `${tmpPath}/old.ipynb`;
  const chip = await openNotebook(page, file);
  await become('holders', await pidOf(page, file), 1, process.pid);
  await expect(chip.button).toContainText('GiB', { timeout: REOPENED });
  await line.cut();
  await expect(chip.button).toHaveAccessibleName(/Connection lost/);
  await picture(page, 'chip-stale');
  // What could not be asked without a connection.
  errors.length = 0;
});

test('the verdict is on the chip, and the report a click away', async ({
  page,
  tmpPath
}) => {
  const prefix = process.env.TFGPU_ENVIRONMENT_TF2 ?? '';
  test.skip(!prefix && !process.env.CI, 'needs an environment with TensorFlow');
  const added = JSON.parse(
    await jupyterTfgpu('states', 'specs', 'add', prefix, '--json')
  );
  await page.evaluate(() =>
    (window as any).jupyterapp.serviceManager.kernelspecs.refreshSpecs()
  );
  const file = `${tmpPath}/judged.ipynb`;
  const chip = await openNotebook(page, file, added.display_name);
  const badge = page.getByRole('button', { name: /^Report on this kernel: / });
  await expect(badge).toBeVisible({ timeout: STARTED });
  await badge.click();
  await expect(chip.dialog).toContainText(
    'Report on the kernel of judged.ipynb'
  );
  await expect(chip.dialog.locator('.jp-tfgpu-Message')).not.toHaveCount(0);
  await picture(page, 'chip-report-light');
  await page.keyboard.press('Escape');
  await expect(chip.dialog).toHaveCount(0);
  await page.theme.setDarkTheme();
  await chip.take(/^Report on this kernel/);
  await expect(chip.dialog).toBeVisible();
  await picture(page, 'chip-report-dark');
});

test('in Notebook 7 it does the same', async ({ page, tmpPath }) => {
  const file = `${tmpPath}/classic.ipynb`;
  await putNotebook(page, urlOf('states'), file, ['1 + 1']);
  await startKernel(page.request, 'states', file);
  const classic = await page.context().newPage();
  await classic.goto(`${urlOf('states')}/notebooks/${file}`);
  const chip = new Chip(classic);
  await chip.has('all GPUs');
  await chip.open();
  await expect(chip.line(/^GPU /)).toHaveCount(2);
  await picture(classic, 'chip-notebook7-menu');
  await chip.line(/^GPU 1 /).click();
  await picture(classic, 'chip-notebook7-restart');
  await chip.dialog.locator('.jp-mod-accept').click();
  await chip.has('GPU 1');
});
