import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ILiveModel } from '../live';
import { useSignalValue } from '../ui';
import type { IItem } from './items';
import type { Made } from './launcher';
import type { KernelList } from './list';
import { SearchableList } from './listbox';

/** Where it is kept in the browser that the list is folded away. */
const FOLDED = 'jupyter-tfgpu:launcher-folded';

interface IHeaderOptions {
  list: KernelList;
  take: (item: IItem, made: Made) => void;
  /** What can be made here. */
  made: readonly Made[];
  live: ILiveModel;
  trans: TranslationBundle;
}

/** The environments at the head of a launcher. */
export class LauncherHeader extends ReactWidget {
  constructor(private readonly options: IHeaderOptions) {
    super();
    this.addClass('jp-tfgpu-Launcher');
  }

  protected override render(): React.ReactElement {
    return <Header {...this.options} grow={height => this._grow(height)} />;
  }

  /** What stands above a launcher has the height that its style asks for. */
  private _grow(height: number): void {
    const wanted = `${height}px`;
    if (this.node.style.minHeight !== wanted) {
      this.node.style.minHeight = wanted;
      this.parent?.fit();
    }
  }
}

function Header(
  props: IHeaderOptions & { grow: (height: number) => void }
): React.ReactElement | null {
  const { list, take, made, live, trans, grow } = props;
  const state = useSignalValue(live.stateChanged, () => live.state);
  const [folded, setFolded] = React.useState(readFolded);
  const [wanted, setWanted] = React.useState<Made>('notebook');
  const all = useSignalValue(list.changed, () => list.all);
  const box = React.useRef<HTMLDivElement>(null);
  const shown = state !== 'no-extension' && all.length > 0 && made.length > 0;
  useHeight(box, grow, [shown, folded, all]);
  const takeAs = React.useCallback(
    (item: IItem) => take(item, wanted),
    [take, wanted]
  );
  if (!shown) {
    return null;
  }
  return (
    <section
      ref={box}
      className="jp-tfgpu-Launcher-box"
      aria-label={trans.__('Environments')}
      onKeyDown={event => {
        const { target } = event;
        if (
          event.key === 'Enter' &&
          target instanceof HTMLInputElement &&
          target.type === 'search' &&
          !event.nativeEvent.isComposing &&
          list.active
        ) {
          takeAs(list.active);
        }
      }}
    >
      <div className="jp-tfgpu-Launcher-title">
        <h2>
          <button
            type="button"
            aria-expanded={!folded}
            onClick={() => {
              writeFolded(!folded);
              setFolded(!folded);
            }}
          >
            {trans.__('Environments')}
          </button>
        </h2>
        {!folded && made.length > 1 && (
          <MadeChoice
            made={made}
            wanted={wanted}
            choose={setWanted}
            trans={trans}
          />
        )}
      </div>
      {!folded && (
        <SearchableList
          list={list}
          take={takeAs}
          once
          label={trans.__('Environments and kernels')}
          trans={trans}
        />
      )}
    </section>
  );
}

function MadeChoice(props: {
  made: readonly Made[];
  wanted: Made;
  choose: (made: Made) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { made, wanted, choose, trans } = props;
  const name = React.useId();
  const words: Record<Made, string> = {
    notebook: trans.__('Notebook'),
    console: trans.__('Console')
  };
  return (
    <fieldset className="jp-tfgpu-Launcher-made">
      <legend>{trans.__('Open as')}</legend>
      {made.map(each => (
        <label key={each}>
          <input
            type="radio"
            name={name}
            checked={each === wanted}
            onChange={() => choose(each)}
          />
          {words[each]}
        </label>
      ))}
    </fieldset>
  );
}

/** Tells the height that the box has of itself. It does not shrink while one searches. */
function useHeight(
  box: React.RefObject<HTMLElement>,
  grow: (height: number) => void,
  changes: readonly unknown[]
): void {
  React.useLayoutEffect(() => {
    grow(box.current?.offsetHeight ?? 0);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- these are what the height depends on
  }, changes);
}

function readFolded(): boolean {
  try {
    return window.localStorage.getItem(FOLDED) === 'true';
  } catch {
    return false; // A browser may forbid it.
  }
}

function writeFolded(folded: boolean): void {
  try {
    window.localStorage.setItem(FOLDED, String(folded));
  } catch (error) {
    console.debug('jupyter-tfgpu:', error);
  }
}
