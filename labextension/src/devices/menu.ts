import type { Device } from '../api';
import type { IMenuLine, IMenuPlace } from '../ui';
import { openMenu } from '../ui';
import type { ITools } from './tools';

/** What can be done with a device, in groups. */
export function linesOf(device: Device, tools: ITools): IMenuLine[][] {
  const { actions, trans } = tools;
  const { uuid } = device;
  const line = (
    id: string,
    label: string,
    execute: () => void,
    enabled = true
  ): IMenuLine => ({ id, label, enabled, execute });
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

/** Opens the menu of a device. */
export function openDeviceMenu(
  device: Device,
  tools: ITools,
  place: IMenuPlace
): void {
  openMenu(linesOf(device, tools), 'jp-tfgpu-DeviceMenu', place);
}
