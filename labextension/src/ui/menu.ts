import { MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import type * as React from 'react';

/** One line of a menu: what it does, or the lines of the menu that it opens. */
export interface IMenuLine {
  /** Of one line of the menu and its submenus alone. */
  readonly id: string;
  readonly label: string;
  readonly enabled?: boolean;
  /** Marks the one that holds now; undefined: it is none of a choice. */
  readonly checked?: boolean;
  readonly execute?: () => void;
  /** Groups of lines. */
  readonly submenu?: IMenuLine[][];
}

/** Where a menu opens, what gets the focus afterwards, and whether a key asked for it. */
export interface IMenuPlace {
  readonly x: number;
  readonly y: number;
  readonly focus: HTMLElement | null;
  readonly byKeyboard: boolean;
}

/** Opens a menu with groups of lines. */
export function openMenu(
  groups: IMenuLine[][],
  className: string,
  place: IMenuPlace
): void {
  const commands = new CommandRegistry();
  const menu = build(groups, className, commands);
  menu.aboutToClose.connect(() => {
    // The taken line still has to run, and may move what has the focus.
    window.setTimeout(() => {
      place.focus?.focus();
      menu.dispose();
    });
  });
  menu.open(place.x, place.y);
  if (place.byKeyboard) {
    menu.activateNextItem();
  }
}

/** The place where a context menu was asked for. */
export function atPointer(event: React.MouseEvent<HTMLElement>): IMenuPlace {
  return {
    x: event.clientX,
    y: event.clientY,
    focus: document.activeElement as HTMLElement | null,
    byKeyboard: event.detail === 0
  };
}

/** The place below a button that was pressed. */
export function belowButton(event: React.MouseEvent<HTMLElement>): IMenuPlace {
  const { left, bottom } = event.currentTarget.getBoundingClientRect();
  // A click that no pointer made.
  const byKeyboard = event.detail === 0;
  return { x: left, y: bottom, focus: event.currentTarget, byKeyboard };
}

function build(
  groups: IMenuLine[][],
  className: string,
  commands: CommandRegistry
): MenuSvg {
  const menu = new MenuSvg({ commands });
  menu.addClass(className);
  groups
    .filter(lines => lines.length > 0)
    .forEach((lines, index) => {
      if (index > 0) {
        menu.addItem({ type: 'separator' });
      }
      for (const line of lines) {
        addLine(menu, line, className, commands);
      }
    });
  return menu;
}

function addLine(
  menu: MenuSvg,
  line: IMenuLine,
  className: string,
  commands: CommandRegistry
): void {
  if (line.submenu && (line.enabled ?? true)) {
    const submenu = build(line.submenu, className, commands);
    submenu.title.label = line.label;
    menu.addItem({ type: 'submenu', submenu });
    menu.disposed.connect(() => submenu.dispose());
    return;
  }
  commands.addCommand(line.id, {
    label: line.label,
    isEnabled: () => line.enabled ?? true,
    isToggleable: line.checked !== undefined,
    isToggled: () => line.checked ?? false,
    execute: () => line.execute?.(),
    describedBy: { args: { type: 'object', properties: {} } }
  });
  menu.addItem({ command: line.id });
}
