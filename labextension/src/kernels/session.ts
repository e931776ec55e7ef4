import type { ISessionContext } from '@jupyterlab/apputils';
import { SessionContextDialogs } from '@jupyterlab/apputils';
import type { KernelSpec } from '@jupyterlab/services';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';

import type { IGroup, IItem, KernelChoice } from './items';
import { logoOf, plainItem } from './make';

/** What can be chosen for a session beside the kernelspecs, as JupyterLab itself has it. */
export interface ISessionItems {
  /** Whether no kernel may be started for it. */
  readonly disabled: boolean;
  /** The kernelspec that JupyterLab would preselect. */
  readonly selected: string | null;
  /** What the document wants, where it says so. */
  readonly language: string | null;
  /** The running kernel that the session has. */
  readonly current: IItem | null;
  /** What the group with the session's own kernel is called. */
  readonly label: string;
  readonly none: readonly IGroup[];
  readonly running: readonly IGroup[];
}

/** JupyterLab's own options for a session, so that its rules and its words are followed. */
export function sessionItems(
  context: ISessionContext,
  translator: ITranslator,
  trans: TranslationBundle
): ISessionItems {
  const options = SessionContextDialogs.kernelOptions(context, translator);
  const specs = context.specsManager.specs;
  const kernels = runningKernels(context);
  const own = context.session?.kernel?.id;
  let selected: string | null = null;
  let current: IItem | null = null;
  const none: IGroup[] = [];
  const running: IGroup[] = [];
  for (const { label, options: ones } of options.groups) {
    const others: IItem[] = [];
    for (const option of ones) {
      const choice = JSON.parse(option.value) as KernelChoice;
      if (choice === null) {
        none.push({ key: 'none', label, items: [plainItem('none', option)] });
      } else if ('name' in choice) {
        selected = option.selected ? choice.name : selected;
      } else {
        const name = kernels.get(choice.id);
        const spec = name === undefined ? undefined : specs?.kernelspecs[name];
        const item = runningItem(choice.id, option, spec);
        if (choice.id === own) {
          current = currentItem(item, name, spec, trans);
        } else {
          others.push(item);
        }
      }
    }
    if (others.length > 0) {
      running.push({ key: `running:${label}`, label, items: others });
    }
  }
  return {
    disabled: options.disabled === true,
    selected,
    language: languageOf(context),
    current,
    label:
      context.type === 'console'
        ? trans.__('This console')
        : trans.__('This notebook'),
    none,
    running
  };
}

/** The kernelspecs of the running kernels, by the kernels' ids. */
function runningKernels(context: ISessionContext): Map<string, string> {
  const kernels = [
    ...(context.kernelManager?.running() ?? []),
    ...[...context.sessionManager.running()].flatMap(
      session => session.kernel ?? []
    )
  ];
  return new Map(kernels.map(({ id, name }) => [id, name]));
}

function runningItem(
  id: string,
  option: { text: string; title?: string; value: string },
  spec: KernelSpec.ISpecModel | undefined
): IItem {
  return plainItem(`running:${id}`, option, {
    logo: logoOf(spec),
    detail: spec?.display_name ?? ''
  });
}

/** The session's own kernel: choosing it changes nothing. */
function currentItem(
  item: IItem,
  name: string | undefined,
  spec: KernelSpec.ISpecModel | undefined,
  trans: TranslationBundle
): IItem {
  return {
    ...item,
    label: spec?.display_name ?? name ?? item.label,
    detail: trans.__('Running, with its variables: %1', item.label)
  };
}

function languageOf(context: ISessionContext): string | null {
  const { language, name } = context.kernelPreference;
  const wanted = name ?? context.session?.kernel?.name;
  return (
    language ||
    (wanted && context.specsManager.specs?.kernelspecs[wanted]?.language) ||
    null
  );
}
