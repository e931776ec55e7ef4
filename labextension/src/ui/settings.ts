import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

/**
 * Hands the settings of a plugin to `read`, now and after each change. Where
 * they cannot be read, a warning says `otherwise`, what is the case instead:
 * JupyterLab itself says in the console which value does not fit. Returns
 * whether they could be read; never rejects.
 */
export async function followSettings(
  registry: ISettingRegistry,
  plugin: string,
  read: (values: ReadonlyPartialJSONObject) => void,
  otherwise: string
): Promise<boolean> {
  try {
    const settings = await registry.load(plugin);
    settings.changed.connect(() => read(settings.composite));
    read(settings.composite);
    return true;
  } catch {
    console.warn(`jupyter-tfgpu: ${otherwise}`);
    return false;
  }
}
