import type { Page, WebSocketRoute } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdir, rm, writeFile } from 'fs/promises';
import * as path from 'path';

import { clearAway, layOut } from './lib/environments';
import { provoked } from './lib/errors';
import { become, jupyterTfgpu, urlOf, variablesOf } from './lib/machines';
import { KernelPicker, openFile, putNotebook } from './lib/notebooks';
import { Panel, openPanel, picture, pictures } from './lib/panel';
import { setSetting } from './lib/settings';
import { test } from './lib/test';
import { timeOfChange } from './lib/timing';
import { makeWheel, pipInstall } from './lib/wheels';

const KERNELS = 'jupyter-tfgpu:kernels';
const IPYKERNEL = 'ipykernel-7.4.0';

test.beforeEach(() => become('ok'));

/** The names that JupyterLab shows its kernels by. */
function shownKernels(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    Object.values<{ display_name: string }>(
      (window as any).jupyterapp.serviceManager.kernelspecs.specs.kernelspecs
    ).map(spec => spec.display_name)
  );
}

/** An environment as the server tells of one. */
function environment(name: string, changes: object = {}): object {
  return {
    id: name,
    name,
    kind: 'venv',
    prefix: `/home/me/.virtualenvs/${name}`,
    python: '3.11.7',
    frameworks: [
      { name: 'torch', version: '2.13.0', build: 'gpu', cuda: '12.8' }
    ],
    ipykernel: '7.4.0',
    kernelspecs: [],
    label: `${name} · Python 3.11 · PyTorch 2.13`,
    verdict: 'ok',
    problem: null,
    summary: null,
    activation_problem: null,
    own_kernels: [],
    ...changes
  };
}

function kernelspec(name: string, changes: object = {}): object {
  return {
    name: `tfgpu-${name}`,
    display_name: `${name} · Python 3.11 · PyTorch 2.13`,
    owned: true,
    language: 'python',
    environment: name,
    interpreter: `/home/me/.virtualenvs/${name}/bin/python`,
    kernel: null,
    problem: null,
    repair: null,
    ...changes
  };
}

interface IAnswer {
  environments: object[];
  kernelspecs?: object[];
  suggested?: object[];
  problems?: string[];
}

/** Has the page hear of these environments and no others; what the server says otherwise is passed on. */
class Pretended {
  async attach(page: Page, answer: IAnswer): Promise<void> {
    this._answer = answer;
    await page.routeWebSocket(/\/tfgpu\/live(\?|$)/, route => {
      this._route = route;
      const server = route.connectToServer();
      server.onMessage(message => {
        if (!String(message).startsWith('{"type":"environments"')) {
          route.send(message);
        }
      });
    });
    await page.route(/\/tfgpu\/environments(\?|$)/, route =>
      route.fulfill({ json: full(this._answer) })
    );
  }

  push(answer: IAnswer): void {
    this._answer = answer;
    this.send({ type: 'environments', data: full(answer) });
  }

  send(message: object): void {
    this._route?.send(JSON.stringify(message));
  }

  private _answer: IAnswer = { environments: [] };
  private _route: WebSocketRoute | null = null;
}

function full(answer: IAnswer): object {
  return {
    schema: 'tfgpu.environments/1',
    kernelspecs: [],
    suggested: [],
    problems: [],
    ...answer
  };
}

test.describe('Environments on a disk', () => {
  // Galata's stand-in for the kernels' routes does not know what runs elsewhere.
  test.use({ kernels: null, sessions: null });

  test.afterEach(async ({ page }) => {
    for (const name of ['tfgpu-train', 'tfgpu-bare']) {
      await page.request.delete(`${urlOf('states')}/tfgpu/kernelspecs/${name}`);
    }
    await clearAway(page, 'states');
  });

  test('a kernel is added, follows its environment, is renamed, removed and brought back', async ({
    page,
    tmpPath,
    errors
  }, info) => {
    const [prefix] = await layOut(page, 'states', [
      { name: 'train', packages: [IPYKERNEL], starts: true }
    ]);
    const panel = await openPanel(page);
    await page.sidebar.setWidth(330, 'left');
    const card = panel.environment('train');
    const add = card.getByRole('button', { name: 'Add a kernel for train' });
    const remove = card.getByRole('button', {
      name: 'Remove the kernel of train'
    });

    await test.step('added by keyboard, the focus stays', async () => {
      await add.focus();
      await page.keyboard.press('Enter');
      await expect(remove).toBeFocused();
      await expect
        .poll(() => shownKernels(page))
        .toContainEqual(expect.stringMatching(/^train · Python 3\.\d+$/));
    });

    await test.step('it runs in its environment', async () => {
      const file = `${tmpPath}/where.ipynb`;
      await putNotebook(page, urlOf('states'), file, [
        'import sys; sys.prefix'
      ]);
      await openFile(page, file);
      await new KernelPicker(page).take('train · Python');
      await page.notebook.runCell(0, true);
      expect(await page.notebook.getCellTextOutput(0)).toEqual([`'${prefix}'`]);
    });

    await test.step('a pip install shows in the card and the picker', async () => {
      const wheel = await makeWheel(info.outputPath(), 'torch', '2.13.0');
      await pipInstall(prefix!, wheel);
      const installed = Date.now();
      await expect(card).toContainText('PyTorch 2.13.0');
      const card_ = Date.now();
      await expect
        .poll(() => shownKernels(page), { intervals: [50] })
        .toContainEqual(
          expect.stringMatching(/^train · Python 3\.\d+ · PyTorch 2\.13/)
        );
      console.log(
        `after pip install: card ${card_ - installed} ms, kernels ${Date.now() - installed} ms`
      );
    });

    await test.step('a template in the settings is followed, a bad one refused', async () => {
      await setSetting(page, KERNELS, 'label', '{name} ({python})');
      await expect
        .poll(() => shownKernels(page))
        .toContainEqual(expect.stringMatching(/^train \(3\.\d+\)$/));
      await setSetting(page, KERNELS, 'label', '{nonsense}');
      await expect(page.locator('.Toastify__toast--error')).toContainText(
        'nonsense'
      );
      provoked(errors, 400);
      await setSetting(page, KERNELS, 'label', null);
      await expect
        .poll(() => shownKernels(page))
        .toContainEqual(expect.stringContaining('PyTorch 2.13'));
    });

    await test.step('renamed in its place', async () => {
      await card.getByRole('button', { name: 'train', exact: true }).click();
      const rename = card.getByRole('button', { name: /^Rename train/ });
      await rename.click();
      const field = card.getByRole('textbox', { name: /^New name/ });
      await expect(field).toBeFocused();
      await page.keyboard.press('Escape');
      await expect(rename).toBeFocused();
      await page.keyboard.press('Enter');
      await field.fill('Thesis');
      await page.keyboard.press('Enter');
      await expect.poll(() => shownKernels(page)).toContain('Thesis');
      await pictures(page, 'environment-opened');
    });

    await test.step('removed, and brought back as it was', async () => {
      await remove.click();
      await expect(add).toBeVisible();
      await expect.poll(() => shownKernels(page)).not.toContain('Thesis');
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect.poll(() => shownKernels(page)).toContain('Thesis');
      await expect(remove).toBeVisible();
    });
  });

  test('ipykernel is installed after asking, with progress', async ({
    page,
    errors
  }, info) => {
    const home = (await variablesOf('states')).HOME ?? '';
    const settings = path.join(home, '.config', 'pip', 'pip.conf');
    await makeWheel(info.outputPath(), 'ipykernel', '7.4.0');
    await mkdir(path.dirname(settings), { recursive: true });
    await writeFile(
      settings,
      `[global]\nno-index = true\nfind-links = ${info.outputPath()}\n`
    );
    await layOut(page, 'states', [{ name: 'bare' }]);
    const panel = await openPanel(page);
    await page.sidebar.setWidth(330, 'left');
    const card = panel.environment('bare');
    const add = card.getByRole('button', { name: 'Add a kernel for bare' });
    await add.click();
    const dialog = page.locator('.jp-Dialog');
    await expect(dialog).toContainText('pip install ipykernel');
    await picture(page, 'environment-question');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(add).toBeFocused();

    await add.click();
    await dialog.getByRole('button', { name: 'Install' }).click();
    await expect(card.getByRole('progressbar')).toBeVisible();
    await expect(
      card.getByRole('button', { name: 'Remove the kernel of bare' })
    ).toBeVisible({ timeout: 60_000 });
    await rm(settings);
    const listed = await jupyterTfgpu('states', 'specs', 'list', '--json');
    expect(listed).toContain('tfgpu-bare');
    provoked(errors, 409);
  });
});

test.describe('The panel', () => {
  // What stands between has to be there before the page is.
  test.use({ autoGoto: false });

  const SOME: IAnswer = {
    environments: [
      environment('vision', { kernelspecs: ['tfgpu-vision'] }),
      environment('speech', {
        kind: 'conda',
        verdict: 'broken',
        summary: 'This PyTorch has no CUDA in it.',
        frameworks: [
          { name: 'torch', version: '2.13.0', build: 'cpu', cuda: null },
          { name: 'jax', version: '0.9.1', build: 'cpu', cuda: null }
        ],
        activation_problem:
          'The script `activate.d/gpu.sh` did not end within 5 s; its variables are left out.'
      }),
      environment('stats', {
        kind: 'conda',
        verdict: null,
        frameworks: [],
        own_kernels: [{ name: 'ir', display_name: 'R 4.4', language: 'R' }]
      }),
      environment('moved', { kernelspecs: ['tfgpu-moved'] }),
      environment('plain', {
        verdict: null,
        frameworks: [],
        ipykernel: null
      })
    ],
    kernelspecs: [
      kernelspec('vision'),
      kernelspec('moved', {
        problem: 'Its interpreter /old/bin/python is gone.',
        repair: 'rewrite'
      }),
      kernelspec('julia', {
        name: 'julia-1.11',
        display_name: 'Julia 1.11',
        owned: false,
        environment: null,
        language: 'julia'
      })
    ],
    suggested: [
      {
        action: 'add',
        name: 'tfgpu-stats',
        display_name: 'stats · Python 3.11',
        environment: 'stats',
        why: 'It has ipykernel and no kernelspec.'
      },
      {
        action: 'update',
        name: 'tfgpu-moved',
        display_name: 'moved · Python 3.11',
        environment: 'moved',
        why: 'Its interpreter lies elsewhere now.'
      }
    ],
    problems: ['The folder /net/envs did not answer within 3 s.']
  };

  test('shows what needs attention first, and suggests what to do', async ({
    page
  }) => {
    const pretended = new Pretended();
    await pretended.attach(page, SOME);
    await page.goto();
    const panel = await openPanel(page);
    await page.sidebar.setWidth(330, 'left');
    const cards = panel.region.locator('.jp-tfgpu-Environment');
    await expect(cards).toHaveCount(5);
    expect(
      await cards.evaluateAll(all =>
        all.map(card => card.getAttribute('data-environment'))
      )
    ).toEqual(['moved', 'speech', 'plain', 'stats', 'vision']);
    await collapseDevices(page);
    await pictures(page, 'environments');

    const vision = panel.environment('vision');
    const toggle = vision.getByRole('button', { name: 'vision', exact: true });
    await toggle.click();
    await panel
      .environment('stats')
      .getByRole('button', { name: 'stats', exact: true })
      .click();
    await pictures(page, 'environments-opened');
    await toggle.focus();
    pretended.push({
      ...SOME,
      environments: [
        environment('vision', { verdict: 'degraded' }),
        ...SOME.environments.slice(1)
      ]
    });
    await expect(vision).toContainText('warnings');
    await expect(toggle).toBeFocused();
    await expect(toggle).toHaveAttribute('aria-expanded', 'true');

    await panel.region.getByRole('button', { name: 'Not now' }).click();
    await expect(panel.region.getByText('1 to add')).toHaveCount(0);
    await page.reload();
    await openPanel(page);
    await expect(cards).toHaveCount(5);
    await expect(panel.region.getByText('1 to add')).toHaveCount(0);
  });

  test('shows a task, in a notification where it is closed', async ({
    page
  }) => {
    const pretended = new Pretended();
    await pretended.attach(page, SOME);
    await page.goto();
    const panel = await openPanel(page);
    await page.sidebar.setWidth(330, 'left');
    await collapseDevices(page);
    const task = {
      schema: 'tfgpu.task/1',
      id: 't1',
      kind: 'install-ipykernel',
      title: 'Installing ipykernel in plain',
      state: 'running',
      progress: 0.4,
      cancellable: true,
      log: ['Looking in links', 'Collecting ipykernel', 'Downloading 120 kB'],
      message: null,
      kernelspec: null,
      environment: 'plain'
    };
    const card = panel.environment('plain');
    await expect(card).toBeVisible();
    pretended.send({ type: 'task', data: task });
    await expect(card.getByRole('progressbar')).toHaveAttribute(
      'aria-valuenow',
      '40'
    );
    await card.scrollIntoViewIfNeeded();
    await pictures(page, 'environment-task');

    await page.sidebar.close('left');
    pretended.send({ type: 'task', data: { ...task, progress: 0.7 } });
    const toast = page.locator('.Toastify__toast');
    await expect(toast).toContainText(task.title);
    await picture(page, 'environment-task-told');
    const message = 'No route to the package index.';
    pretended.send({
      type: 'task',
      data: { ...task, state: 'failed', message }
    });
    // The one of the running task may still be on its way out.
    const failed = toast.filter({ hasText: message });
    await failed.getByRole('button', { name: 'Show' }).click();
    await expect(card).toContainText(message);
    await card.scrollIntoViewIfNeeded();
    await pictures(page, 'environment-failed');
    await card.getByRole('button', { name: 'Dismiss' }).click();
    await expect(card).not.toContainText(message);
  });

  test('is quick with a hundred environments', async ({ page }) => {
    const hundred = Array.from({ length: 100 }, (_, index) =>
      environment(`env-${index}`, {
        verdict: index % 7 === 0 ? 'broken' : 'ok',
        own_kernels:
          index % 5 === 0
            ? [{ name: 'ir', display_name: 'R 4.4', language: 'R' }]
            : []
      })
    );
    const kernelspecs = Array.from({ length: 50 }, (_, index) =>
      kernelspec(`env-${index}`)
    );
    const pretended = new Pretended();
    await pretended.attach(page, { environments: hundred, kernelspecs });
    await page.goto();
    const panel = await openPanel(page);
    await page.sidebar.setWidth(330, 'left');
    const cards = panel.region.locator('.jp-tfgpu-Environment');
    await expect(cards).toHaveCount(100);
    await collapseDevices(page);
    await pictures(page, 'environments-hundred');

    const typed = await page.evaluate(timeOfTyping, 'env-42');
    await expect(cards).toHaveCount(1);
    const cleared = await page.evaluate(timeOfTyping, '');
    await expect(cards).toHaveCount(100);
    const watched = await page.evaluateHandle(
      timeOfChange,
      '.jp-tfgpu-Environments'
    );
    pretended.push({
      environments: [
        environment('env-0', { verdict: 'degraded' }),
        ...hundred.slice(1)
      ],
      kernelspecs
    });
    const changed = await watched.evaluate(({ change }) => change);
    console.log(
      `a hundred environments: filtered in ${typed} ms, all again in ${cleared} ms, one changed ${changed} ms after it was told`
    );
  });

  test('stands in Notebook 7', async ({ page, context }) => {
    await putNotebook(page, urlOf('states'), 'plain.ipynb', ['1 + 1']);
    const other = await context.newPage();
    await other.setViewportSize({ width: 1280, height: 1100 });
    const pretended = new Pretended();
    await pretended.attach(other, SOME);
    await other.goto(`${urlOf('states')}/notebooks/plain.ipynb`);
    await new KernelPicker(other).take();
    await other.getByRole('menuitem', { name: 'View', exact: true }).click();
    await other.getByText('Left Sidebar', { exact: true }).hover();
    await other.getByText('Show GPUs', { exact: true }).click();
    const panel = new Panel(other);
    await expect(panel.environment('vision')).toBeVisible();
    await expect(
      panel.environment('moved').getByRole('button', { name: /^Repair/ })
    ).toBeVisible();
    await picture(other, 'notebook7-environments');
  });
});

/** Makes room for the environments. */
async function collapseDevices(page: Page): Promise<void> {
  await page
    .locator('#jp-tfgpu-panel .lm-AccordionPanel-title', { hasText: 'Devices' })
    .first()
    .click();
}

/** Milliseconds from a text in the filter to the list that fits it, laid out. */
function timeOfTyping(text: string): number {
  const field = document.querySelector<HTMLInputElement>('.jp-tfgpu-Filter')!;
  const set = Object.getOwnPropertyDescriptor(
    HTMLInputElement.prototype,
    'value'
  )!.set!;
  const before = performance.now();
  set.call(field, text);
  field.dispatchEvent(new Event('input', { bubbles: true }));
  document.querySelector('.jp-tfgpu-Environments')!.getBoundingClientRect();
  return Math.round(performance.now() - before);
}
