import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { alertsPlugin } from './alerts';
import { chipPlugin } from './chip';
import { devicesPlugin } from './devices';
import { displayPlugin } from './display';
import {
  environmentsPanelPlugin,
  environmentsPlugin,
  kernelSettingsPlugin
} from './environments';
import { historyPlugin } from './history';
import { kernelPickerPlugin, launcherPlugin } from './kernels';
import { livePlugin } from './live';
import { panelPlugin } from './panel';
import {
  executorPlugin,
  preflightNoticesPlugin,
  preflightPlugin
} from './preflight';
import { reportPlugin } from './report';
import { runningPlugin } from './running';
import { statusPlugin } from './status';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  livePlugin,
  displayPlugin,
  panelPlugin,
  devicesPlugin,
  runningPlugin,
  environmentsPlugin,
  environmentsPanelPlugin,
  kernelSettingsPlugin,
  kernelPickerPlugin,
  launcherPlugin,
  historyPlugin,
  chipPlugin,
  statusPlugin,
  alertsPlugin,
  preflightPlugin,
  executorPlugin,
  preflightNoticesPlugin,
  reportPlugin
];

export default plugins;
