import type { Page } from '@playwright/test';

/** Sets a value in JupyterLab's settings as its editor would; null takes it back to the default. */
export async function setSetting(
  page: Page,
  plugin: string,
  key: string,
  value: unknown
): Promise<void> {
  await page.evaluate(
    async ([plugin, key, value]) => {
      const registry = await (window as any).galata.getPlugin(
        '@jupyterlab/apputils-extension:settings'
      );
      await (value === null
        ? registry.remove(plugin, key)
        : registry.set(plugin, key, value));
    },
    [plugin, key, value] as const
  );
}
