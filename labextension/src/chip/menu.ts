import { MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';

import type { IDeviceLine } from '../devices/lines';
import { ChipMenuRenderer } from './renderer';

/** A line that says something. */
export interface IHead {
  readonly text: string;
  readonly level: 'plain' | 'note' | 'warning';
}

/** A line that does something. */
export interface ILine {
  readonly label: string;
  readonly caption?: string;
  readonly enabled?: boolean;
  /** Whether it is what counts now; undefined: it is no choice. */
  readonly checked?: boolean;
  /** The device that it chooses. */
  readonly device?: IDeviceLine;
  run(): void;
}

/** What stands at the head of a menu, and its lines in groups. */
export interface IMenuContent {
  readonly heads: readonly IHead[];
  readonly groups: readonly (readonly ILine[])[];
}

/** A menu with what is to be said at its head, and devices with their memory as a picture. */
export function createMenu({ heads, groups }: IMenuContent): MenuSvg {
  const commands = new CommandRegistry();
  const renderer = new ChipMenuRenderer();
  const menu = new MenuSvg({ commands, renderer });
  menu.addClass('jp-tfgpu-ChipMenu');
  // The heads are no items that the arrow keys reach.
  menu.contentNode.setAttribute(
    'aria-label',
    heads.map(head => head.text).join(' ')
  );
  let count = 0;
  const add = (line: ILine): string => {
    const command = `tfgpu-chip:${(count += 1)}`;
    const { label, caption = '', enabled = true, checked } = line;
    commands.addCommand(command, {
      label,
      caption,
      isEnabled: () => enabled,
      isToggleable: checked !== undefined,
      isToggled: () => checked ?? false,
      execute: () => line.run(),
      describedBy: { args: { type: 'object', properties: {} } }
    });
    menu.addItem({ command });
    return command;
  };
  for (const head of heads) {
    const run = () => undefined;
    renderer.heads.set(add({ label: head.text, enabled: false, run }), head);
  }
  for (const lines of groups.filter(group => group.length > 0)) {
    menu.addItem({ type: 'separator' });
    for (const line of lines) {
      const command = add(line);
      if (line.device) {
        renderer.devices.set(command, line.device);
      }
    }
  }
  return menu;
}
