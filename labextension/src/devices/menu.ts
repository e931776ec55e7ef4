import { MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';

import type { Device } from '../api';
import type { ITools } from './tools';

/** One line of a device's menu. */
interface ILine {
  readonly id: string;
  readonly label: string;
  readonly enabled: boolean;
  execute(): void;
}

/** What can be done with a device, in groups. */
export function linesOf(device: Device, tools: ITools): ILine[][] {
  const { actions, trans } = tools;
  const { uuid } = device;
  const line = (
    id: string,
    label: string,
    execute: () => void,
    enabled = true
  ): ILine => ({ id, label, enabled, execute });
  return [
    actions.hasHistory
      ? [
          line('history', trans.__('Show History'), () =>
            actions.openHistory(uuid)
          )
        ]
      : [],
    [
      line(
        'up',
        trans.__('Move Up'),
        () => actions.move(uuid, -1),
        actions.canMove(device, -1)
      ),
      line(
        'down',
        trans.__('Move Down'),
        () => actions.move(uuid, 1),
        actions.canMove(device, 1)
      ),
      line('hide', trans.__('Hide'), () => actions.hide(uuid))
    ],
    [line('copy', trans.__('Copy UUID'), () => actions.copyUuid(device))]
  ].filter(lines => lines.length > 0);
}

/** Opens the menu of a device at a place of the window; `focus` gets the focus back afterwards. */
export function openMenu(
  device: Device,
  tools: ITools,
  place: { x: number; y: number },
  focus: HTMLElement,
  byKeyboard: boolean
): void {
  const groups = linesOf(device, tools);
  const commands = new CommandRegistry();
  const menu = new MenuSvg({ commands });
  menu.addClass('jp-tfgpu-DeviceMenu');
  groups.forEach((lines, index) => {
    if (index > 0) {
      menu.addItem({ type: 'separator' });
    }
    for (const { id, label, enabled, execute } of lines) {
      commands.addCommand(id, {
        label,
        isEnabled: () => enabled,
        execute,
        describedBy: { args: { type: 'object', properties: {} } }
      });
      menu.addItem({ command: id });
    }
  });
  menu.aboutToClose.connect(() => {
    // The taken line still has to run, and may move what has the focus.
    window.setTimeout(() => {
      focus.focus();
      menu.dispose();
    });
  });
  menu.open(place.x, place.y);
  if (byKeyboard) {
    menu.activateNextItem();
  }
}
