import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ISignal } from '@lumino/signaling';

import type { Device } from '../api';
import type { IDisplay } from '../display';
import type { ILiveModel } from '../live';
import { deviceTitle } from './names';

/** The command of another plugin, which may not be there. */
const HISTORY = 'tfgpu:open-history';
/** How long a notice stays, in milliseconds. */
const SHOWN = 4000;

/** What can be done with a device from the sidebar. */
export class DeviceActions {
  constructor(
    private readonly live: Pick<ILiveModel, 'reading'>,
    private readonly display: IDisplay,
    private readonly commands: CommandRegistry,
    private readonly trans: TranslationBundle
  ) {}

  /** Says that `hasHistory` may have changed. */
  get changed(): ISignal<unknown, unknown> {
    return this.commands.commandChanged;
  }

  get hasHistory(): boolean {
    return this.commands.hasCommand(HISTORY);
  }

  openHistory(uuid: string): void {
    void this.commands.execute(HISTORY, { uuid });
  }

  copyUuid(device: Device): void {
    Clipboard.copyToSystem(device.uuid);
    const name = deviceTitle(device, this.trans);
    Notification.success(this.trans.__('The UUID of %1 is copied.', name), {
      autoClose: SHOWN
    });
  }

  /** Whether there is another device that is shown beside this one, before (-1) or behind it (1). */
  canMove(device: Device, by: -1 | 1): boolean {
    const shown = this.display.shown(this.live.reading?.devices ?? []);
    const parent = ({ parent }: Device) =>
      shown.some(({ uuid }) => uuid === parent) ? parent : null;
    const beside = shown.filter(one => parent(one) === parent(device));
    const at = beside.findIndex(({ uuid }) => uuid === device.uuid) + by;
    return at >= 0 && at < beside.length;
  }

  move(uuid: string, by: -1 | 1): void {
    this._write(this.display.move(uuid, by));
  }

  hide(uuid: string): void {
    this._write(this.display.hide(uuid));
  }

  show(uuids: string[]): void {
    this._write(this.display.show(...uuids));
  }

  private _write(written: Promise<void>): void {
    written.catch(error => {
      console.warn('jupyter-tfgpu:', error);
      Notification.warning(
        this.trans.__(
          'The settings could not be written: this holds until the page is left.'
        ),
        { autoClose: SHOWN }
      );
    });
  }
}
