import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Device } from '../api';
import { throttleReasons } from './throttle';

/** A word or two on what is unusual about a device. */
interface IBadge {
  readonly key: string;
  readonly text: string;
  readonly title: string;
  readonly level: 'broken' | 'degraded' | 'muted';
}

/**
 * What is unusual about a device that works; nothing about one that is as it
 * should be. `brief`: without what is usual at full load.
 */
export function Badges(props: {
  device: Device;
  brief?: boolean;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const badges = badgesOf(props.device, props.trans).filter(
    ({ key, level }) =>
      !(props.brief && key === 'throttle' && level === 'muted')
  );
  if (badges.length === 0) {
    return null;
  }
  return (
    <span className="jp-tfgpu-Badges">
      {badges.map(({ key, text, title, level }) => (
        <span
          key={key}
          className={`jp-tfgpu-Badge jp-mod-${level}`}
          title={title}
        >
          {text}
        </span>
      ))}
    </span>
  );
}

/** The badges of a device, the gravest first. */
export function badgesOf(device: Device, trans: TranslationBundle): IBadge[] {
  return [
    eccBadge(device, trans),
    throttleBadge(device, trans),
    allottedBadge(device, trans)
  ].filter(badge => badge !== null);
}

function eccBadge({ ecc }: Device, trans: TranslationBundle): IBadge | null {
  const errors = ecc?.uncorrected;
  return errors
    ? {
        key: 'ecc',
        text: trans._n('%1 memory error', '%1 memory errors', errors),
        title: trans.__(
          'Errors that ECC could not correct since the driver was loaded. Results may be wrong, and the device may have to be reset.'
        ),
        level: 'broken'
      }
    : null;
}

function throttleBadge(
  device: Device,
  trans: TranslationBundle
): IBadge | null {
  const reasons = throttleReasons(device, trans);
  if (reasons.length === 0) {
    return null;
  }
  const names = reasons.map(({ name }) => name).join(', ');
  return {
    key: 'throttle',
    text: trans.__('slowed: %1', names),
    title: [
      trans.__('It runs slower than it could:'),
      ...reasons.map(({ name, title }) => `${name}: ${title}`)
    ].join('\n'),
    level: reasons.some(({ alarming }) => alarming) ? 'degraded' : 'muted'
  };
}

function allottedBadge(
  device: Device,
  trans: TranslationBundle
): IBadge | null {
  return device.allotted
    ? null
    : {
        key: 'allotted',
        text: trans.__('not allotted'),
        title: trans.__(
          'The server was started with CUDA_VISIBLE_DEVICES, and this device is not among them.'
        ),
        level: 'muted'
      };
}
