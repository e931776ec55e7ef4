import type { APIRequestContext, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { readdir, readFile } from 'fs/promises';
import * as path from 'path';

import type { State } from './machines';
import { urlOf, variablesOf } from './machines';

/** A notebook's kernel that runs on a machine's server. */
export interface IKernel {
  id: string;
  pid: number;
  stop(): Promise<void>;
}

/** Starts a kernel for a notebook (a contents path) as a page would. */
export async function startKernel(
  request: APIRequestContext,
  state: State,
  notebook: string
): Promise<IKernel> {
  const sessions = `${urlOf(state)}/api/sessions`;
  const name = path.basename(notebook);
  const data = {
    path: notebook,
    name,
    type: 'notebook',
    kernel: { name: 'python3' }
  };
  const answer = await request.post(sessions, { data });
  expect(answer.status()).toBe(201);
  const session = await answer.json();
  const { id } = session.kernel;
  let pid: number | null = null;
  await expect
    .poll(async () => (pid = await pidOf(state, id)), { timeout: 30_000 })
    .not.toBeNull();
  return {
    id,
    pid: pid!,
    stop: async () => {
      await request.delete(`${sessions}/${session.id}`);
    }
  };
}

/** The process of a kernel, as its launch file names it; null until it runs. */
async function pidOf(state: State, kernel: string): Promise<number | null> {
  const folder = (await variablesOf(state)).JUPYTER_RUNTIME_DIR ?? '';
  for (const file of await readdir(folder)) {
    if (file.startsWith('tfgpu-launch-')) {
      const launch = JSON.parse(
        await readFile(path.join(folder, file), 'utf-8')
      );
      if (launch.kernel_id === kernel) {
        return launch.pid;
      }
    }
  }
  return null;
}

/** Ends every session and kernel of a server: tests share it, and each lists all that runs there. */
export async function endKernels(
  request: APIRequestContext,
  state: State
): Promise<void> {
  for (const kind of ['sessions', 'kernels']) {
    const url = `${urlOf(state)}/api/${kind}`;
    for (const { id } of await (await request.get(url)).json()) {
      await request.delete(`${url}/${id}`);
    }
  }
}

/** Ends a test with its pages first: one that still asks about an ended kernel is refused, and its console says so. */
export async function closeAndEnd(page: Page, state: State): Promise<void> {
  for (const each of page.context().pages()) {
    await each.close();
  }
  await endKernels(page.request, state);
}
