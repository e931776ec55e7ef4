import type { TranslationBundle } from '@jupyterlab/translation';

import type { holderColors } from '../devices';
import type { ILiveModel } from '../live';
import type { KernelActions } from './actions';
import type { KernelIndex } from './shown';

/** What every part of a kernel's row may need: the same objects as long as the page lives. */
export interface ITools {
  readonly live: Pick<ILiveModel, 'reading' | 'readingChanged'>;
  readonly newest: KernelIndex;
  readonly colors: ReturnType<typeof holderColors>;
  readonly actions: KernelActions;
  readonly trans: TranslationBundle;
}
