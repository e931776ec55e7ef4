import type { NotificationManager } from '@jupyterlab/apputils';
import type { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IDisplay } from '../display';
import type { ILiveModel } from '../live';
import type { AlertActions } from './actions';
import type { Alert, ISituation } from './alert';
import { NOTHING } from './alert';
import { evaluate } from './evaluate';
import { works } from './judge';
import type { Remembered } from './remembered';
import type { IRules } from './rules';
import { sayBack, sentence } from './words';

/** How long what ends by itself is shown, in milliseconds; it then waits among the notifications. */
const SHOWN = 15000;
const BACK_SHOWN = 8000;

/** Tells what the rules find in the readings, one notification for each alert. */
export class AlertNotifier {
  /** `manager`: JupyterLab's notifications. Nothing is told before `rules` are set. */
  constructor(
    private readonly live: ILiveModel,
    private readonly display: IDisplay,
    private readonly manager: NotificationManager,
    private readonly actions: AlertActions,
    private readonly remembered: Remembered,
    private readonly trans: TranslationBundle
  ) {
    live.readingChanged.connect(this._judge, this);
    live.kernelsChanged.connect(this._judge, this);
    display.changed.connect(this._judge, this);
    manager.changed.connect(this._onChanged, this);
  }

  set rules(rules: IRules) {
    this._rules = rules;
    this._judge();
  }

  private _judge(): void {
    const { live, display } = this;
    const { reading, kernels } = live;
    if (this._rules === null || reading === null) {
      return;
    }
    const shown = display.shown(reading.devices);
    const before = this._situation;
    const found = evaluate(this._rules, before, reading, shown, kernels);
    this._situation = found.next;
    found.clear.forEach(alert => this._clear(alert));
    found.raise.forEach(alert => this._raise(alert, reading.simulated));
    if (kernels !== null && works(reading)) {
      this.remembered.keep(key => found.next.alerts.has(key));
    }
  }

  private _raise(alert: Alert, simulated: boolean): void {
    const { key } = alert;
    const { manager, display, remembered, trans } = this;
    const fate = remembered.of(key);
    if (this._muted.has(key) || fate === 'dismissed') {
      return;
    }
    const grave = alert.kind === 'lost' || alert.kind === 'driver';
    const id = manager.notify(
      sentence(alert, display.units, simulated, trans),
      grave ? 'error' : 'warning',
      {
        // What was told before the page was reloaded waits among the notifications.
        autoClose: fate === 'told' ? 0 : grave ? false : SHOWN,
        actions: this.actions.of(alert, () => this._muted.add(key))
      }
    );
    this._told.set(key, id);
    remembered.add(key, 'told');
  }

  /** Takes the notification back, or turns it into the good news. */
  private _clear(alert: Alert): void {
    const id = this._told.get(alert.key);
    if (id === undefined) {
      return;
    }
    this._told.delete(alert.key);
    const back = this._isBack(alert) ? sayBack(alert, this.trans) : null;
    if (back === null) {
      this.manager.dismiss(id);
    } else {
      this.manager.update({
        id,
        message: back,
        type: 'info',
        autoClose: BACK_SHOWN,
        actions: []
      });
    }
  }

  /** Whether the cause is gone: the user may have turned the alert off, or a device may be gone for good. */
  private _isBack(alert: Alert): boolean {
    const { reading } = this.live;
    const { kind } = alert;
    if (!reading || !this._rules?.[kind].enabled) {
      return false;
    }
    return kind === 'lost'
      ? reading.devices.some(
          ({ uuid, state }) => uuid === alert.device?.uuid && state === 'ok'
        )
      : reading.driver.status === 'ok';
  }

  /** What is removed while its cause goes on was dismissed by the user. */
  private _onChanged(
    _: NotificationManager,
    { type, notification }: Notification.IChange
  ): void {
    if (type !== 'removed') {
      return;
    }
    for (const [key, id] of this._told) {
      if (id === notification.id) {
        this._told.delete(key);
        this.remembered.add(key, 'dismissed');
      }
    }
  }

  private _rules: IRules | null = null;
  private _situation: ISituation = NOTHING;
  /** The notifications that are there, by the keys of their alerts. */
  private readonly _told = new Map<string, string>();
  private readonly _muted = new Set<string>();
}
