import { execFile } from 'child_process';
import { readFile, rename, writeFile } from 'fs/promises';
import * as path from 'path';
import { promisify } from 'util';

const ROOT = path.resolve(__dirname, '..', '..', '..');
const BIN = path.join(ROOT, '.venv', 'bin');
const run = promisify(execFile);

/** The machines that `server.py` lays out, each with a server of its own. */
export type State =
  'standin' | 'states' | 'no-driver' | 'simulated' | 'no-extension';

/** Where the server of a machine answers. */
export function urlOf(state: State): string {
  return JSON.parse(process.env.TFGPU_UI_URLS ?? '{}')[state];
}

/** The variables of a machine's server. */
export async function variablesOf(
  state: State
): Promise<Record<string, string>> {
  const file = path.join(ROOT, 'build', 'ui', state, 'server.json');
  return JSON.parse(await readFile(file, 'utf-8'));
}

/** What our program answers on this machine, typed beside the server. Its exit code may be 1: a finding. */
export async function jupyterTfgpu(
  state: State,
  ...words: string[]
): Promise<string> {
  const env = await variablesOf(state);
  try {
    return (await run(path.join(BIN, 'jupyter'), ['tfgpu', ...words], { env }))
      .stdout;
  } catch (error) {
    const { code, stdout } = error as { code?: number; stdout?: string };
    if (code === 1 && stdout) {
      return stdout;
    }
    throw error;
  }
}

/** The JSON that our program answers. */
export async function answer<T>(state: State, ...words: string[]): Promise<T> {
  return JSON.parse(await jupyterTfgpu(state, ...words, '--json'));
}

/** Has the stand-in driver of a machine say something else from now on. */
export async function changeScenario(
  state: State,
  before: string,
  after: string
): Promise<void> {
  const file = (await variablesOf(state)).TFGPU_STANDIN_SCENARIO ?? '';
  const text = await readFile(file, 'utf-8');
  if (!text.includes(`${before}\n`)) {
    throw new Error(`no line “${before}” in ${file}`);
  }
  // Renamed into place, so that the driver never reads half a scenario.
  await writeFile(`${file}.new`, text.replace(`${before}\n`, `${after}\n`));
  await rename(`${file}.new`, file);
}

/** Puts the machine `states` into a state of `scenarios.py`, whose processes have these pids. */
export async function become(
  scenario: string,
  ...pids: number[]
): Promise<void> {
  const file = (await variablesOf('states')).TFGPU_STANDIN_SCENARIO ?? '';
  const words = ['-m', 'tests.ui.scenarios', file, scenario];
  await run(path.join(BIN, 'python'), [...words, ...pids.map(String)], {
    cwd: ROOT
  });
}
