import { galata, test as base } from '@jupyterlab/galata';

import type { IErrors } from './errors';
import { errorsOf } from './errors';

/** What a page of these tests starts with: the shortest interval, so that a change shows soon. */
export const QUICK = { 'jupyter-tfgpu:live': { interval: 0.5 } };

/** A test in JupyterLab, with quick readings, after which the console has to hold no error of ours. */
export const test = base.extend<IErrors>({
  errors: [errorsOf, { auto: true }],
  mockSettings: { ...galata.DEFAULT_SETTINGS, ...QUICK }
});
