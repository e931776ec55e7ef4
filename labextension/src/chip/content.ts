import type { TranslationBundle } from '@jupyterlab/translation';

import { pinText } from '../devices/pins';
import type { Units } from '../ui';
import { unmarked } from '../ui';
import type { ChipActions } from './actions';
import { autoText, parseAuto } from './auto';
import { deviceLines } from '../devices/lines';
import type { IHead, ILine, IMenuContent } from './menu';
import type { ChipModel } from './model';
import type { IChipView } from './view';
import { whatItHas, whoseChoice } from './words';

/** What the menu of a chip says and offers. */
export function contentOf(
  model: ChipModel,
  view: IChipView,
  actions: ChipActions,
  units: Units,
  trans: TranslationBundle
): IMenuContent {
  return {
    heads: headsOf(view, trans),
    groups: [
      restartLine(view, actions, trans),
      deviceGroup(model, actions, units, trans),
      wordGroup(model, actions, units, trans),
      lastGroup(model, actions, trans)
    ]
  };
}

function headsOf(view: IChipView, trans: TranslationBundle): IHead[] {
  const { pending, chosenBy, old, simulated, warnings } = view;
  const has = whatItHas(view, trans);
  const next = trans.__('From the next start: %1.', pending ?? '');
  const head = (level: IHead['level']) => (text: string) => ({
    text: unmarked(text),
    level
  });
  return [
    ...[has, ...(pending === null ? [] : [next])].map(head('plain')),
    ...[
      chosenBy,
      ...(old === null ? [] : [old]),
      ...(simulated ? [trans.__('The devices are simulated.')] : [])
    ].map(head('note')),
    ...warnings.map(head('warning'))
  ];
}

function restartLine(
  { pending }: IChipView,
  actions: ChipActions,
  trans: TranslationBundle
): ILine[] {
  return pending === null
    ? []
    : [
        {
          label: trans.__('Restart now with: %1…', pending),
          run: () => void actions.restart()
        }
      ];
}

function deviceGroup(
  model: ChipModel,
  actions: ChipActions,
  units: Units,
  trans: TranslationBundle
): ILine[] {
  const lines = deviceLines({
    devices: model.devices,
    pin: model.counting?.pin ?? null,
    kernel: model.kernel?.id ?? null,
    units,
    trans
  });
  const choosable = lines.filter(line => line.enabled).length;
  return [
    ...lines.map(device => ({
      label: device.title,
      caption: device.uuid,
      enabled: device.enabled,
      checked: device.chosen,
      device,
      run: () => void actions.choose(device.uuid)
    })),
    ...(choosable > 1
      ? [
          {
            label: trans.__('Several GPUs…'),
            run: () => void actions.several(lines)
          }
        ]
      : [])
  ];
}

function wordGroup(
  model: ChipModel,
  actions: ChipActions,
  units: Units,
  trans: TranslationBundle
): ILine[] {
  const pin = model.counting?.pin.toLowerCase() ?? '';
  const auto = pin === 'auto' ? null : parseAuto(pin);
  const word = (name: string, label: string, caption: string): ILine => ({
    label,
    caption,
    checked: pin === name,
    run: () => void actions.choose(name)
  });
  return [
    word(
      'auto',
      trans.__('auto · the freest GPU at each start'),
      trans.__('The freest GPU when the kernel starts')
    ),
    {
      label: auto
        ? trans.__('auto · %1…', autoText(auto, units, trans))
        : trans.__('auto · how many, and how much free memory…'),
      caption: trans.__('Chosen when the kernel starts'),
      checked: auto !== null,
      run: () => void actions.auto(auto)
    },
    word(
      'all',
      trans.__('all · every GPU of this server'),
      trans.__('All GPUs that the server was given')
    ),
    word(
      'none',
      trans.__('none · the CPU alone'),
      trans.__('The kernel sees no GPU')
    )
  ];
}

function lastGroup(
  model: ChipModel,
  actions: ChipActions,
  trans: TranslationBundle
): ILine[] {
  const { counting, otherwise, kernel, kernelspec, devices } = model;
  const lines: ILine[] = [];
  if (counting && otherwise) {
    lines.push({
      label:
        counting.from === 'kernel'
          ? trans.__('Forget the choice for this kernel')
          : trans.__('Forget the choice for this notebook'),
      caption: trans.__(
        'What counts then: %1',
        whoseChoice(
          otherwise.from,
          kernelspec,
          pinText(otherwise.pin, devices, trans),
          trans
        )
      ),
      run: () => void actions.forget()
    });
  }
  if (kernel?.verdict) {
    lines.push({
      label: trans.__('Report on this kernel…'),
      caption: trans.__(
        'Why a framework would not use the GPU, and what to do'
      ),
      run: () => void actions.report()
    });
  }
  return lines;
}
