import { execFile } from 'child_process';
import * as path from 'path';
import { promisify } from 'util';

const PYTHON = path.resolve(__dirname, '../../../.venv/bin/python');
const run = promisify(execFile);

const WHEEL = `
import sys, zipfile
folder, name, version = sys.argv[1:]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr(f"{name}/__init__.py", "")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
`;

/** Makes a wheel with an empty package, to be put in a folder; its file. */
export async function makeWheel(
  folder: string,
  name: string,
  version: string
): Promise<string> {
  await run(PYTHON, ['-c', WHEEL, folder, name, version]);
  return path.join(folder, `${name}-${version}-py3-none-any.whl`);
}

/** What `pip install WHEEL` does in an environment. */
export async function pipInstall(prefix: string, wheel: string): Promise<void> {
  const words = ['-m', 'pip', '--python', path.join(prefix, 'bin', 'python')];
  await run(PYTHON, [...words, 'install', '--no-index', '--no-deps', wheel]);
}
