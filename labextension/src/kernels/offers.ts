import type { KernelSpec } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IEnvironments } from '../environments';
import type { Client } from '../api';
import { firstOf, groupsOf } from './groups';
import type { KernelChoice } from './items';
import { KernelList } from './list';
import { Preparation } from './preparation';
import type { RecentKernels } from './recent';
import type { ISessionItems } from './session';

/** The part of JupyterLab's kernelspecs that is needed here. */
type Specs = Pick<KernelSpec.IManager, 'specs' | 'specsChanged'>;

/** What can be chosen now, for all who ask: the dialog of a session, and the launcher. */
export class KernelOffers {
  constructor(
    private readonly client: Client,
    private readonly environments: IEnvironments,
    private readonly specs: Specs,
    private readonly recent: RecentKernels,
    private readonly trans: TranslationBundle
  ) {}

  /** A list that follows what is known until `stop` is called. */
  list(session: ISessionItems | null): { list: KernelList; stop: () => void } {
    const { environments, specs } = this;
    const groups = () => groupsOf(this._sources(session), this.trans);
    const begin = groups();
    const list = new KernelList(
      begin,
      firstOf(begin, specs.specs, session?.language ?? null)
    );
    const look = () => list.replace(groups());
    environments.changed.connect(look);
    specs.specsChanged.connect(look);
    return {
      list,
      stop: () => {
        environments.changed.disconnect(look);
        specs.specsChanged.disconnect(look);
      }
    };
  }

  preparation(): Preparation {
    const { client, environments } = this;
    return new Preparation({
      client,
      environments,
      reread: () => this._reread()
    });
  }

  /** Remembers what was chosen. */
  chosen(choice: KernelChoice): void {
    if (choice && 'name' in choice) {
      this.recent.add(choice.name);
    }
  }

  private _sources(session: ISessionItems | null) {
    return {
      specs: this.specs.specs,
      answer: this.environments.answer,
      recent: this.recent.names,
      session
    };
  }

  private async _reread(): Promise<void> {
    try {
      await this.environments.reread();
    } catch (error) {
      // The kernelspec is there; the next look will show it.
      console.debug('jupyter-tfgpu:', error);
    }
  }
}
