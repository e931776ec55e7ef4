import { readFile, writeFile } from 'fs/promises';
import * as path from 'path';

import { jupyterTfgpu, variablesOf } from './machines';

export const HIDDEN = 'CUDA_VISIBLE_DEVICES';

/** A kernelspec of ours into which somebody has put a variable that hides every GPU. */
export class Hiding {
  private constructor(
    readonly label: string,
    private readonly file: string,
    readonly before: string
  ) {}

  static async make(prefix: string): Promise<Hiding> {
    const added = JSON.parse(
      await jupyterTfgpu('states', 'specs', 'add', prefix, '--json')
    );
    const { JUPYTER_DATA_DIR } = await variablesOf('states');
    const file = path.join(
      JUPYTER_DATA_DIR ?? '',
      'kernels',
      added.name,
      'kernel.json'
    );
    const document = JSON.parse(await readFile(file, 'utf-8'));
    document.env[HIDDEN] = '-1';
    const before = JSON.stringify(document, null, 3);
    await writeFile(file, before);
    return new Hiding(added.display_name, file, before);
  }

  text(): Promise<string> {
    return readFile(this.file, 'utf-8');
  }

  /** Whether its kernel.json still hides the GPU. */
  async hides(): Promise<boolean> {
    return HIDDEN in JSON.parse(await this.text()).env;
  }
}
