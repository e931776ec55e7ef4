import type { TranslationBundle } from '@jupyterlab/translation';

import type { Device, KernelUse } from '../api';
import { deviceLines } from '../devices/lines';
import type { IMenuLine, Units } from '../ui';
import type { ITools } from './tools';

/** What can be done with a kernel of this server, in groups. */
export function linesOf(
  kernel: KernelUse,
  name: string,
  units: Units,
  { live, actions, trans }: ITools
): IMenuLine[][] {
  const free = actions.underway.of(kernel.id) === null;
  const devices = live.reading?.devices ?? [];
  return [
    [
      {
        id: 'open',
        label: trans.__('Open'),
        enabled: actions.canOpen(kernel),
        execute: () => void actions.open(kernel, name)
      }
    ],
    [
      {
        id: 'interrupt',
        label: trans.__('Interrupt'),
        enabled: free && kernel.state !== 'dead',
        execute: () => void actions.interrupt(kernel, name)
      },
      {
        id: 'restart',
        label: trans.__('Restart…'),
        enabled: free,
        execute: () => void actions.restart(kernel, name)
      },
      {
        id: 'restart-on',
        label: trans.__('Restart On'),
        enabled: free,
        submenu: pinLines(kernel, devices, units, trans, pin => {
          void actions.restartOn(kernel, name, pin);
        })
      }
    ],
    [
      {
        id: 'shut-down',
        label: trans.__('Shut Down'),
        enabled: free,
        execute: () => void actions.shutDown(kernel, name)
      }
    ]
  ];
}

/** The devices with their free memory, then `auto` and `none`; what the kernel's pin names is checked. */
function pinLines(
  { id, pin }: KernelUse,
  devices: Device[],
  units: Units,
  trans: TranslationBundle,
  choose: (pin: string) => void
): IMenuLine[][] {
  const word = (name: string, label: string): IMenuLine => ({
    id: `pin-${name}`,
    label,
    checked: pin.toLowerCase() === name,
    execute: () => choose(name)
  });
  return [
    deviceLines({ devices, pin, kernel: id, units, trans }).map(line => ({
      id: `pin-${line.uuid}`,
      label: `${line.title} · ${line.note}`,
      enabled: line.enabled,
      checked: line.chosen,
      execute: () => choose(line.uuid)
    })),
    [
      word('auto', trans.__('auto · the freest GPU at each start')),
      word('none', trans.__('none · the CPU alone'))
    ]
  ];
}
