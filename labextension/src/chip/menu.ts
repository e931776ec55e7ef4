import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';

import type { Device } from '../api';
import { deviceTitle } from '../devices';
import type { Units } from '../ui';
import { memory } from '../ui';
import { pinnedDevices } from './pins';

const COMMAND = 'tfgpu:choose';

/** One line of the menu. */
export interface IChoice {
  readonly pin: string;
  readonly label: string;
  readonly caption: string;
  readonly enabled: boolean;
  readonly checked: boolean;
}

/** The devices with their free memory, then `auto`, `all` and `none`; what `pin` names is checked. */
export function choices(
  devices: Device[],
  pin: string | null,
  units: Units,
  trans: TranslationBundle
): { devices: IChoice[]; words: IChoice[] } {
  const pinned = pin === null ? [] : (pinnedDevices(pin, devices) ?? []);
  const word = (name: string, label: string, caption: string): IChoice => ({
    pin: name,
    label,
    caption,
    enabled: true,
    checked: pin?.toLowerCase() === name
  });
  return {
    devices: devices.map(device => ({
      pin: device.uuid,
      label: deviceLabel(device, units, trans),
      caption: device.uuid,
      enabled: device.allotted && device.state === 'ok',
      checked: pinned.includes(device)
    })),
    words: [
      word(
        'auto',
        trans.__('auto · the freest GPU at each start'),
        trans.__('The freest GPU when the kernel starts')
      ),
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
    ]
  };
}

function deviceLabel(
  device: Device,
  units: Units,
  trans: TranslationBundle
): string {
  const parts = [deviceTitle(device, trans), device.name];
  if (!device.allotted) {
    parts.push(trans.__('not allotted'));
  } else if (device.state !== 'ok') {
    parts.push(trans.__('cannot be used'));
  } else {
    parts.push(trans.__('%1 free', memory(device.memory?.free, units)));
  }
  return parts.filter(Boolean).join(' · ');
}

/** The menu of a chip; `choose` is called with the pin of the line that was taken. */
export function createMenu(
  options: ReturnType<typeof choices>,
  choose: (pin: string) => void
): MenuSvg {
  const all = [...options.devices, ...options.words];
  const choice = (args: { readonly pin?: unknown }) =>
    all.find(one => one.pin === args.pin);
  const commands = new CommandRegistry();
  commands.addCommand(COMMAND, {
    label: args => choice(args)?.label ?? '',
    caption: args => choice(args)?.caption ?? '',
    isEnabled: args => choice(args)?.enabled ?? false,
    isToggled: args => choice(args)?.checked ?? false,
    isToggleable: true,
    execute: args => {
      const chosen = choice(args);
      if (chosen) {
        choose(chosen.pin);
      }
    },
    describedBy: {
      args: { type: 'object', properties: { pin: { type: 'string' } } }
    }
  });
  const menu = new MenuSvg({ commands });
  menu.addClass('jp-tfgpu-ChipMenu');
  for (const { pin } of options.devices) {
    menu.addItem({ command: COMMAND, args: { pin } });
  }
  if (options.devices.length > 0) {
    menu.addItem({ type: 'separator' });
  }
  for (const { pin } of options.words) {
    menu.addItem({ command: COMMAND, args: { pin } });
  }
  return menu;
}
