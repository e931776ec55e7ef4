import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';
import * as path from 'path';

const SCREENSHOTS = path.resolve(__dirname, '..', 'screenshots');

/** The sidebar and what stands in it, and our item in the status bar. */
export class Panel {
  constructor(page: Page) {
    this.region = page.getByRole('region', { name: 'GPUs and environments' });
    this.devices = this.region.locator('.jp-tfgpu-Device');
    // What is suggested of kernels depends on the machine that the test runs on, and which run on the test.
    this.messages = this.region.locator(
      '.jp-tfgpu-Message:not(.jp-tfgpu-Environments *, .jp-tfgpu-Kernels *)'
    );
    this.status = page.locator('#jp-main-statusbar .jp-tfgpu-Status');
  }

  environment(name: string): Locator {
    return this.region.locator(
      `.jp-tfgpu-Environment[data-environment="${name}"]`
    );
  }

  readonly region: Locator;
  readonly devices: Locator;
  readonly messages: Locator;
  readonly status: Locator;
}

/** Opens the sidebar in JupyterLab. */
export async function openPanel(page: IJupyterLabPageFixture): Promise<Panel> {
  await page.sidebar.openTab('jp-tfgpu-panel');
  return new Panel(page);
}

/** A picture of the whole page, kept in `screenshots/`. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
}

/** Pictures in the light, the dark and the high contrast theme. */
export async function inThemes(
  page: IJupyterLabPageFixture,
  name: string
): Promise<void> {
  await picture(page, `${name}-light`);
  await page.theme.setDarkTheme();
  await picture(page, `${name}-dark`);
  await page.theme.setDarkHighContrastTheme();
  await picture(page, `${name}-contrast`);
  await page.theme.setLightTheme();
}

/** The same, and one with a narrow sidebar. */
export async function pictures(
  page: IJupyterLabPageFixture,
  name: string
): Promise<void> {
  await inThemes(page, name);
  await page.sidebar.setWidth(210, 'left');
  await picture(page, `${name}-narrow`);
  await page.sidebar.setWidth(330, 'left');
}
