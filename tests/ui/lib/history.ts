import type { Page } from '@playwright/test';

import { urlOf } from './machines';

/** Seconds of the history that a server keeps, and between two of its readings here. */
const SPAN = 1800;
const STEP = 2;

interface IReading {
  taken_at: string;
  devices: { uuid: string; memory: { total: number } }[];
}

/** Answers questions for the history with half an hour of training runs, and a gap in it. */
export async function rememberTraining(page: Page): Promise<void> {
  await page.route('**/tfgpu/history?*', async route => {
    const answer = await page.request.get(`${urlOf('states')}/tfgpu/devices`);
    await route.fulfill({ json: training(await answer.json()) });
  });
}

function training({ taken_at, devices }: IReading): object {
  const until = Date.parse(taken_at) / 1000;
  const ages = Array.from({ length: SPAN / STEP }, (_, i) => SPAN - i * STEP);
  // Nobody looked for two minutes.
  const seen = ages.filter(age => age > 900 || age < 780);
  const columns = devices.map(({ uuid, memory: { total } }, device) => {
    const load = seen.map(age => loadOf(device, age));
    return [
      uuid,
      {
        utilization: load,
        memory: load.map(use =>
          use === null ? null : total * (0.1 + 0.6 * use)
        ),
        temperature: load.map(use => use && Math.round(38 + 40 * use)),
        power: load.map(use => use && Math.round(60_000 + 300_000 * use))
      }
    ];
  });
  return {
    times: seen.map(age => until - age),
    devices: Object.fromEntries(columns)
  };
}

/** How busy a device was then, 0-1: runs of some minutes, and epochs in them. GPU 1 came later. */
function loadOf(device: number, age: number): number | null {
  if (device === 1 && age > 1500) {
    return null;
  }
  const run = Math.floor((age + 97 * device) / 300);
  const busy = (run * 7 + device * 3) % 5;
  const ripple = (age + 31 * device) % 60 < 6 ? -0.1 : 0;
  return busy === 0 ? 0.02 : 0.15 + 0.18 * busy + ripple;
}
