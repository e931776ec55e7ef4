import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { Client, KernelSettings } from '../api';
import { NoExtensionError } from '../api';

/**
 * Hands what the user has set on to the server, which names and keeps the
 * kernelspecs. JupyterLab's own file of settings is what counts: a page sends
 * what stands there when its user changes it, and at first only where the
 * server has something else. It never answers to what another page sends.
 */
export class KernelSettingsSender {
  /** `failed` is told where the server refuses, as it does for a template with an unknown field. */
  constructor(
    private readonly client: Client,
    private readonly failed: (error: unknown) => void
  ) {}

  /** The values that the user has set, as they are when the page is loaded. */
  begin(user: ReadonlyPartialJSONObject): Promise<void> {
    const wanted = settingsOf(user);
    this._sent = JSON.stringify(wanted);
    return this._next(async () => {
      if (Object.values(wanted).every(value => value === null)) {
        return; // Whoever has set nothing here leaves the server as it is.
      }
      const there = await this.client.kernelSettings();
      const same =
        (wanted.label ?? there.label) === there.label &&
        (wanted.sync ?? there.sync) === there.sync &&
        (wanted.share_politely ?? there.share_politely) ===
          there.share_politely;
      if (!same) {
        await this.client.setKernelSettings(wanted);
      }
    });
  }

  /** The values after the user has changed some, or taken them back. */
  change(user: ReadonlyPartialJSONObject): Promise<void> {
    const wanted = settingsOf(user);
    const text = JSON.stringify(wanted);
    if (text === this._sent) {
      return this._last;
    }
    this._sent = text;
    return this._next(async () => {
      await this.client.setKernelSettings(wanted);
    });
  }

  /** One after the other, so that the last one counts. Never rejects. */
  private _next(send: () => Promise<void>): Promise<void> {
    this._last = this._last.then(send).catch((error: unknown) => {
      if (!(error instanceof NoExtensionError)) {
        this.failed(error);
      }
    });
    return this._last;
  }

  private _sent = '';
  private _last: Promise<void> = Promise.resolve();
}

/** What is not set is null, as is a template of nothing. */
function settingsOf(user: ReadonlyPartialJSONObject): KernelSettings {
  const { label, sync, share_politely } = user as Partial<KernelSettings>;
  return {
    label: label?.trim() ? label : null,
    sync: sync ?? null,
    share_politely: share_politely ?? null
  };
}
