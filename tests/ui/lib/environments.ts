import type { Page } from '@playwright/test';
import { mkdir, readFile, rm, symlink, writeFile } from 'fs/promises';
import * as path from 'path';

import type { State } from './machines';
import { urlOf, variablesOf } from './machines';

const VENV = path.resolve(__dirname, '..', '..', '..', '.venv');

/** An environment to lay out on a machine's disk. */
export interface ILaidOut {
  name: string;
  /** `torch-2.13.0`: what is installed in it, by name alone. */
  packages?: string[];
  /** What its interpreter is a link to, where that is not a real one. */
  python?: string;
  /** Whether a kernel can start in it: with the packages of the tests' own environment. */
  starts?: boolean;
}

/**
 * Lays out virtual environments where virtualenvwrapper has them, each on its
 * Python and its records alone, and has the server look; their prefixes.
 */
export async function layOut(
  page: Page,
  state: State,
  environments: ILaidOut[]
): Promise<string[]> {
  const root = await rootOf(state);
  const settings = await readFile(path.join(VENV, 'pyvenv.cfg'), 'utf-8');
  const version = /^version\S*\s*=\s*(\d+\.\d+)/m.exec(settings)![1];
  const prefixes = environments.map(({ name }) => path.join(root, name));
  for (const [index, { packages, python, starts }] of environments.entries()) {
    const prefix = prefixes[index]!;
    const site = path.join('lib', `python${version}`, 'site-packages');
    await mkdir(path.join(prefix, 'bin'), { recursive: true });
    await mkdir(path.join(prefix, site), { recursive: true });
    await writeFile(path.join(prefix, 'pyvenv.cfg'), settings);
    const target = python ?? path.join(VENV, 'bin', 'python');
    await symlink(target, path.join(prefix, 'bin', 'python'));
    if (starts) {
      const file = path.join(prefix, site, 'borrowed.pth');
      // Before the empty packages that are laid out below.
      const borrowed = JSON.stringify(path.join(VENV, site));
      await writeFile(file, `import sys; sys.path.insert(0, ${borrowed})\n`);
    }
    for (const wheel of packages ?? []) {
      const [name, release] = wheel.split('-');
      const info = path.join(prefix, site, `${wheel}.dist-info`);
      await mkdir(info);
      // A record alone may be left of what was removed.
      const folder = path.join(prefix, site, name!);
      await mkdir(folder);
      await writeFile(path.join(folder, '__init__.py'), '');
      await writeFile(
        path.join(info, 'METADATA'),
        `Metadata-Version: 2.1\nName: ${name}\nVersion: ${release}\n`
      );
    }
  }
  await lookAgain(page, state);
  return prefixes;
}

/** Takes away what was laid out. */
export async function clearAway(page: Page, state: State): Promise<void> {
  await rm(await rootOf(state), { recursive: true, force: true });
  await lookAgain(page, state);
}

async function rootOf(state: State): Promise<string> {
  return path.join((await variablesOf(state)).HOME ?? '', '.virtualenvs');
}

async function lookAgain(page: Page, state: State): Promise<void> {
  const answer = await page.request.post(
    `${urlOf(state)}/tfgpu/environments/refresh`
  );
  if (!answer.ok()) {
    throw new Error(`${answer.status()} ${await answer.text()}`);
  }
}
