import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { devicesPlugin } from './devices';
import { livePlugin } from './live';
import { panelPlugin } from './panel';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  livePlugin,
  panelPlugin,
  devicesPlugin
];

export default plugins;
