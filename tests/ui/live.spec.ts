import { expect } from '@playwright/test';

import { Line, liveSockets, nextReadings, setHidden } from './lib/live';
import { become, urlOf } from './lib/machines';
import { KernelPicker, openFile, putNotebook } from './lib/notebooks';
import { openPanel, picture } from './lib/panel';
import { test } from './lib/test';

// What listens to the page's sockets has to be there before the page is.
test.use({ autoGoto: false });

test.beforeEach(() => become('ok'));
test.afterAll(() => become('ok'));

test('one socket serves all that a page shows', async ({ page, tmpPath }) => {
  const sockets = liveSockets(page);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.devices).toHaveCount(2);
  const file = `${tmpPath}/one.ipynb`;
  await putNotebook(page, urlOf('states'), file, ['1 + 1']);
  await openFile(page, file);
  await new KernelPicker(page).take();
  await expect(page.locator('.jp-tfgpu-Chip:visible')).toBeVisible();
  expect(sockets).toHaveLength(1);
});

test('a lost connection is told, tried again ever more seldom, and found again', async ({
  page,
  errors
}) => {
  const line = new Line();
  await line.attach(page);
  await page.clock.install();
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.devices).toHaveCount(2);

  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1000));
  await line.cut();
  await expect(panel.region).toContainText('Connection lost');
  await picture(page, 'state-connection-lost');
  const waits: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    const { attempts, refused } = line;
    let waited = 0;
    for (; line.attempts === attempts; waited += 200) {
      await page.clock.runFor(200);
    }
    waits.push(waited);
    // The question why the socket could not be opened comes after the next attempt was planned.
    await expect.poll(() => line.refused).toBeGreaterThan(refused);
  }
  expect(waits).toEqual([...waits].sort((one, other) => one - other));
  expect(new Set(waits).size).toBe(3);

  line.mend();
  await page.clock.resume();
  await expect(panel.region).not.toContainText('Connection lost');
  await become('throttled');
  await expect(panel.region).toContainText('91 °C');
  errors.length = 0;
});

test('a hidden page with every panel closed is not kept up to date', async ({
  page
}) => {
  const sockets = liveSockets(page);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.devices).toHaveCount(2);

  // With the sidebar open the readings go on: who comes back finds them there.
  await setHidden(page, true);
  await nextReadings(sockets[0]!, 2);
  expect(sockets[0]!.isClosed()).toBe(false);

  await page.sidebar.close('left');
  await expect.poll(() => sockets[0]!.isClosed()).toBe(true);

  await become('throttled');
  await setHidden(page, false);
  await expect.poll(() => sockets.length).toBe(2);
  await openPanel(page);
  await expect(panel.region).toContainText('91 °C');
  expect(sockets[1]!.isClosed()).toBe(false);
  expect(sockets).toHaveLength(2);
});

test('figures that stay as they are touch nothing on the page', async ({
  page
}) => {
  await become('flat');
  const devices = `${urlOf('states')}/tfgpu/devices`;
  const now = async (): Promise<IReading> =>
    (await page.request.get(devices)).json();
  // The server hands a new page the last reading that it has.
  await expect
    .poll(async () => (await now()).devices.map(device => device.temperature))
    .toEqual([33, 33]);
  // Sparklines are full where the server has seen as much before.
  await page.route('**/tfgpu/history?*', async route => {
    await route.fulfill({ json: flatHistory(await now()) });
  });
  const sockets = liveSockets(page);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.devices).toHaveCount(2);

  await nextReadings(sockets[0]!, 3);
  const list = panel.devices.first().locator('..');
  const changes = await list.evaluateHandle(devices => {
    const found: string[] = [];
    new MutationObserver(records => {
      for (const { type, target } of records) {
        const node = target instanceof Element ? target : target.parentElement;
        found.push(`${type}: ${node?.outerHTML.slice(0, 200)}`);
      }
    }).observe(devices, {
      attributes: true,
      characterData: true,
      childList: true,
      subtree: true
    });
    return found;
  });
  await nextReadings(sockets[0]!, 8);
  expect(await changes.jsonValue()).toEqual([]);

  await become('throttled');
  await expect
    .poll(async () => (await changes.jsonValue()).length)
    .toBeGreaterThan(0);
});

interface IReading {
  taken_at: string;
  devices: {
    uuid: string;
    temperature: number;
    memory: { used: number };
    utilization: { gpu: number };
  }[];
}

/** The history of a minute in which each device was as in this reading. */
function flatHistory({ taken_at, devices }: IReading): object {
  const until = Date.parse(taken_at) / 1000;
  const times = Array.from({ length: 120 }, (_, i) => until - 60 + i / 2);
  const columns = devices.map(({ uuid, memory, utilization }) => [
    uuid,
    {
      memory: times.map(() => memory.used),
      utilization: times.map(() => utilization.gpu)
    }
  ]);
  return { times, devices: Object.fromEntries(columns) };
}
