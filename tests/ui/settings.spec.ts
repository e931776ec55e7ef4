import { expect } from '@playwright/test';

import { liveSockets } from './lib/live';
import { become, urlOf } from './lib/machines';
import { openPanel, pictures } from './lib/panel';
import { setSetting } from './lib/settings';
import { test } from './lib/test';

const DISPLAY = 'jupyter-tfgpu:display';

// What listens to the page's socket has to be there before the page is.
test.use({ autoGoto: false });

test.beforeEach(() => become('ok'));
test.afterAll(() => become('ok'));

test('order, visibility, units and interval change without a reload', async ({
  page
}) => {
  const sockets = liveSockets(page);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.devices).toHaveCount(2);
  const answer = await page.request.get(`${urlOf('states')}/tfgpu/devices`);
  const uuids: string[] = (await answer.json()).devices.map(
    (device: { uuid: string }) => device.uuid
  );

  await test.step('order', async () => {
    await setSetting(page, DISPLAY, 'order', [...uuids].reverse());
    await expect(panel.devices.nth(0)).toHaveAccessibleName('GPU 1');
    await expect(panel.devices.nth(1)).toHaveAccessibleName('GPU 0');
    await setSetting(page, DISPLAY, 'order', null);
    await expect(panel.devices.nth(0)).toHaveAccessibleName('GPU 0');
  });

  await test.step('units', async () => {
    await setSetting(page, DISPLAY, 'temperatureUnit', 'F');
    await setSetting(page, DISPLAY, 'memoryUnit', 'GB');
    await expect(panel.devices.nth(0)).toContainText('122 °F');
    await expect(panel.devices.nth(0)).toContainText('4.3 / 42.9 GB');
    await setSetting(page, DISPLAY, 'temperatureUnit', null);
    await setSetting(page, DISPLAY, 'memoryUnit', null);
    await expect(panel.devices.nth(0)).toContainText('4.0 / 40.0 GiB');
  });

  await test.step('visibility', async () => {
    await setSetting(page, DISPLAY, 'hidden', [uuids[0]]);
    await expect(panel.devices).toHaveCount(1);
    await expect(panel.devices).toHaveAccessibleName('GPU 1');
    await page.sidebar.setWidth(330, 'left');
    await pictures(page, 'state-hidden');
    await setSetting(page, DISPLAY, 'hidden', null);
    await expect(panel.devices).toHaveCount(2);
  });

  await test.step('interval', async () => {
    const asked = sockets[0]!.waitForEvent('framesent');
    await setSetting(page, 'jupyter-tfgpu:live', 'interval', 7);
    expect(JSON.parse(String((await asked).payload))).toEqual({ interval: 7 });
  });
  expect(sockets).toHaveLength(1);
});
