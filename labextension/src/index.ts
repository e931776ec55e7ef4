import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { alertsPlugin } from './alerts';
import { chipPlugin } from './chip';
import { devicesPlugin } from './devices';
import { displayPlugin } from './display';
import { environmentsPlugin } from './environments';
import { historyPlugin } from './history';
import { livePlugin } from './live';
import { panelPlugin } from './panel';
import { statusPlugin } from './status';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  livePlugin,
  displayPlugin,
  panelPlugin,
  devicesPlugin,
  environmentsPlugin,
  historyPlugin,
  chipPlugin,
  statusPlugin,
  alertsPlugin
];

export default plugins;
