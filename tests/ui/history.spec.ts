import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';

import { rememberTraining } from './lib/history';
import { become } from './lib/machines';
import { inThemes, openPanel, picture } from './lib/panel';
import { test } from './lib/test';

/** The tab with the charts. */
class History {
  constructor(page: Page) {
    this.region = page.locator('#jp-tfgpu-history');
    this.charts = this.region.getByRole('img');
    this.reset = this.region.getByRole('button', { name: 'Reset zoom' });
  }

  /** The chart of a figure; its accessible name says from when to when, and what it was. */
  chart(figure: string): Locator {
    return this.region.getByRole('img', {
      name: new RegExp(`^${figure} from`)
    });
  }

  /** From when to when the chart of a figure is drawn, as a text. */
  async range(figure: string): Promise<string> {
    const name = await this.chart(figure).getAttribute('aria-label');
    return /from (.*?)\. /.exec(name ?? '')?.[1] ?? '';
  }

  readonly region: Locator;
  readonly charts: Locator;
  readonly reset: Locator;
}

async function openHistory(page: Page): Promise<void> {
  await page.evaluate(() =>
    (window as any).jupyterapp.commands.execute('tfgpu:open-history')
  );
}

/** Drags over a chart, from one share of its width to another. */
async function drag(
  page: Page,
  chart: Locator,
  from: number,
  to: number
): Promise<void> {
  const box = (await chart.locator('.u-over').boundingBox())!;
  const at = (share: number) => box.x + share * box.width;
  const y = box.y + box.height / 2;
  await page.mouse.move(at(from), y);
  await page.mouse.down();
  await page.mouse.move(at((from + to) / 2), y);
  await page.mouse.move(at(to), y);
  await page.mouse.up();
}

test.beforeEach(() => become('ok'));
test.afterAll(() => become('ok'));

test('charts of each figure, opened from a device, zoomed by a drag', async ({
  page
}) => {
  await rememberTraining(page);
  const panel = await openPanel(page);
  await expect(panel.devices).toHaveCount(2);
  await panel.devices
    .nth(1)
    .getByRole('button', { name: /history/i })
    .click();
  const history = new History(page);
  await expect(history.charts).toHaveCount(4);
  for (const figure of ['Utilization', 'Memory', 'Temperature', 'Power']) {
    await expect(history.chart(figure)).toBeVisible();
  }

  // The device that it was opened from stands alone, until all are wanted.
  await expect(history.chart('Temperature')).toHaveAccessibleName(
    /GPU 1: 51\s°C/
  );
  await expect(history.chart('Temperature')).not.toHaveAccessibleName(/GPU 0:/);
  await history.region.getByRole('button', { name: 'All devices' }).click();
  await expect(history.chart('Temperature')).toHaveAccessibleName(
    /GPU 0: 50\s°C.*GPU 1: 51\s°C/
  );
  await page.sidebar.close('left');
  // All four at once in a window of usual size.
  for (const figure of ['Utilization', 'Power']) {
    await expect(history.chart(figure)).toBeInViewport({ ratio: 1 });
  }
  await inThemes(page, 'state-history');

  // A drag zooms all charts, and what is shown then stays put.
  await expect(history.reset).toHaveAttribute('aria-disabled', 'true');
  const whole = await history.range('Utilization');
  await drag(page, history.chart('Memory'), 0.8, 0.95);
  await expect(history.reset).toHaveAttribute('aria-disabled', 'false');
  const part = await history.range('Utilization');
  expect(part).not.toBe(whole);
  expect(await history.range('Power')).toBe(part);
  await picture(page, 'state-history-zoomed');
  await history.reset.click();
  await expect(history.reset).toHaveAttribute('aria-disabled', 'true');
  await expect.poll(() => history.range('Utilization')).not.toBe(part);
});

test('sixteen devices are told apart', async ({ page }) => {
  await become('sixteen');
  await rememberTraining(page);
  await openHistory(page);
  const history = new History(page);
  await expect(history.chart('Power')).toHaveAccessibleName(/GPU 15: 380\sW/);
  await inThemes(page, 'state-history-sixteen');
});

test('what was before a reload is still drawn', async ({ page }) => {
  const history = new History(page);
  await openHistory(page);
  await become('throttled');
  await expect(history.chart('Temperature')).toHaveAccessibleName(
    /GPU 0: 91\s°C/
  );
  await become('ok');
  await expect(history.chart('Temperature')).toHaveAccessibleName(
    /GPU 0: 50\s°C, lowest \d+\s°C, highest 91\s°C/
  );

  // JupyterLab opens the tab again; what it shows comes from the server.
  await Promise.all([
    page.waitForEvent('load'),
    page.evaluate(() => window.location.reload())
  ]);
  await expect(history.chart('Temperature')).toHaveAccessibleName(
    /GPU 0: 50\s°C, lowest \d+\s°C, highest 91\s°C/
  );
});
