import type { TranslationBundle } from '@jupyterlab/translation';

import type { DeviceActions } from './actions';
import type { HolderColors } from './colors';
import type { ReadingHistory } from './history';
import type { INotebooks } from './notebooks';
import type { Opened } from './opened';

/** What every part of a device's card may need: the same objects as long as the page lives. */
export interface ITools {
  readonly history: ReadingHistory;
  readonly notebooks: INotebooks;
  readonly colors: HolderColors;
  readonly opened: Opened;
  readonly actions: DeviceActions;
  readonly trans: TranslationBundle;
}
