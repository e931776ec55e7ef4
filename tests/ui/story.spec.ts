import { expect, test } from '@jupyterlab/galata';
import { readFileSync } from 'fs';
import * as path from 'path';

import { answer, changeScenario, jupyterTfgpu, urlOf } from './lib/machines';
import {
  KernelPicker,
  openFile,
  plainText,
  putNotebook,
  REPORT,
  runAnyway,
  savedOutputs,
  TRAINING
} from './lib/notebooks';
import { openPanel, picture, pictures } from './lib/panel';

interface IDevices {
  devices: { index: number; uuid: string; name: string }[];
}

interface IEnvironments {
  environments: { name: string; label: string; kernelspecs: string[] }[];
}

interface IReport {
  verdict: string;
  findings: { code: string; title: string; fixes: unknown[] }[];
}

/** Python 3.11, say: the environment is made with what the machine has. */
function pythonOf(prefix: string): string {
  const settings = readFileSync(path.join(prefix, 'pyvenv.cfg'), 'utf-8');
  return /^version\S*\s*=\s*(\d+\.\d+)/m.exec(settings)?.[1] ?? '';
}

test.skip(
  !process.env.TFGPU_ENVIRONMENT_TF2 && !process.env.CI,
  'needs the environment with a real TensorFlow that `make test` creates'
);

// Galata's stand-in for the kernels' routes answers a restart with another status than the server does,
// and JupyterLab then does not connect to the kernel again.
test.use({ kernels: null, sessions: null });

test('a notebook on a chosen GPU, judged before it trains', async ({
  page,
  tmpPath
}) => {
  const prefix = process.env.TFGPU_ENVIRONMENT_TF2 ?? '';
  const name = path.basename(prefix);
  const label = `${name} · Python ${pythonOf(prefix)} · TensorFlow 2.21 (CPU build)`;

  // JupyterLab opens with a "GPUs" sidebar. It shows the machine's GPUs live.
  const panel = await openPanel(page);
  await expect(panel.devices).toHaveCount(2);
  const { devices } = await answer<IDevices>('standin', 'devices');
  for (const device of devices) {
    const card = panel.region.getByRole('region', {
      name: `GPU ${device.index}`
    });
    // The maker's name, the same for all, is left out.
    await expect(card).toContainText(device.name.replace(/^NVIDIA /, ''));
  }

  // Live: what the driver says of a device shows by itself.
  const second = panel.region.getByRole('region', { name: 'GPU 1' });
  await expect(second).toContainText('51 °C');
  await changeScenario(
    'standin',
    'device 1 temperature 51',
    'device 1 temperature 77'
  );
  await expect(second).toContainText('77 °C');
  await changeScenario(
    'standin',
    'device 1 temperature 77',
    'device 1 temperature 51'
  );

  // It lists the environments found on this machine, with what they hold.
  const card = panel.environment(name);
  await expect(card).toContainText('TensorFlow 2.21');
  await page.sidebar.setWidth(330, 'left');
  await pictures(page, 'sidebar');

  // They press "Add kernel"; the kernel picker now offers it.
  await card.getByRole('button', { name: `Add a kernel for ${name}` }).click();
  await expect(
    card.getByRole('button', { name: `Remove the kernel of ${name}` })
  ).toBeVisible();
  const file = `${tmpPath}/training.ipynb`;
  await putNotebook(page, urlOf('standin'), file, TRAINING);
  await openFile(page, file);
  const picker = new KernelPicker(page);
  await expect(picker.options.filter({ hasText: label })).toHaveCount(1);
  await picture(page, 'kernel-picker');

  // They open a notebook on it. The chip says which GPU this kernel has.
  await picker.take(label);
  const notebook = page.locator('.jp-NotebookPanel:visible');
  const chip = notebook.locator('.jp-tfgpu-Chip');
  await expect(chip).toHaveAccessibleName(/^This kernel has: all GPUs\./, {
    timeout: 30_000
  });

  await expect(page.locator('#jp-main-statusbar')).toContainText('Idle');

  // They choose another, confirm the restart …
  await chip.click();
  const menu = page.locator('.jp-tfgpu-ChipMenu');
  await expect(
    menu
      .getByRole('menuitemcheckbox', { name: /^GPU 1 / })
      .or(menu.getByRole('menuitem', { name: /^GPU 1 / }))
  ).toBeVisible();
  await picture(page, 'chip-menu');
  await menu.getByText(/^GPU 1 /).click();
  const dialog = page.locator('.jp-Dialog');
  await expect(dialog).toContainText('The kernel restarts with: GPU 1.');
  await picture(page, 'restart');
  await dialog.locator('.jp-mod-accept').click();
  await expect(chip).toHaveAccessibleName(/^This kernel has: GPU 1\./, {
    timeout: 30_000
  });

  // … and os.environ["CUDA_VISIBLE_DEVICES"] in a cell is that device.
  await page.notebook.runCell(0, true);
  expect(await page.notebook.getCellTextOutput(0)).toEqual(["'1'"]);

  // They run the cell that loads Keras: it is asked first, and above its output stands the finding.
  // TensorFlow takes long to load on a busy machine with a cold disk.
  page.setDefaultTimeout(60_000);
  await runAnyway(page, 1, async question => {
    await expect(question).toContainText('It loads TensorFlow.');
    await picture(page, 'question');
  });
  const [notice] = await savedOutputs(page, urlOf('standin'), file, 1);
  // They run model.fit(...): all is said, and the cell runs.
  await page.notebook.runCell(2, true);
  const rest = await savedOutputs(page, urlOf('standin'), file, 2);
  const report = notice?.data?.[REPORT] as IReport;
  expect(report.findings[0]?.code).toBe('cpu-only-build');
  expect(report.findings[0]?.fixes).not.toHaveLength(0);
  expect(plainText(notice!)).toContain(report.findings[0]!.title);
  expect(rest.map(plainText).join('')).toContain('epochs: 2');
  const last = await page.notebook.getCellLocator(1);
  await last!.scrollIntoViewIfNeeded();
  await pictures(page, 'notice');

  // `jupyter tfgpu devices`, `envs`, `doctor --env` say the same on the terminal.
  const terminal = await jupyterTfgpu('standin', 'devices');
  for (const device of devices) {
    expect(terminal).toContain(device.name);
  }
  const { environments } = await answer<IEnvironments>('standin', 'envs');
  const listed = environments.find(environment => environment.name === name);
  expect(listed?.label).toBe(label);
  expect(listed?.kernelspecs).toContain(`tfgpu-${name}`);
  const judged = await answer<IReport>('standin', 'doctor', '--env', name);
  expect(judged.findings[0]?.code).toBe('cpu-only-build');
  expect(judged.verdict).toBe(report.verdict);
});
