import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Device } from '../api';
import type { Units } from '../ui';
import { UNKNOWN, megahertz, memory, percent, rate, wattHours } from '../ui';
import type { Opened } from './opened';
import { useOpened } from './opened';
import { throttleReasons } from './throttle';
import type { ITools } from './tools';

/** A name, what is said of it, and what it means. */
type Line = [name: string, value: string, title?: string];

const keyOf = ({ uuid }: Device) => `details ${uuid}`;

/** Whether the details of a device are open. */
export function isDetailed(device: Device, opened: Opened): boolean {
  return opened.has(keyOf(device));
}

/** What is not needed at every glance, in a part that opens. */
export function Details(props: {
  device: Device;
  units: Units;
  tools: ITools;
}): React.ReactElement {
  const { device, units, tools } = props;
  const { opened, trans } = tools;
  const [open, toggle] = useOpened(opened, keyOf(device));
  const id = `jp-tfgpu-details-${device.uuid}`;
  const Caret = open ? caretDownIcon : caretRightIcon;
  return (
    <div className="jp-tfgpu-Details">
      <button
        type="button"
        className="jp-tfgpu-Disclosure"
        aria-expanded={open}
        aria-controls={id}
        onClick={toggle}
      >
        <Caret.react tag="span" stylesheet="menuItem" />
        {trans.__('Details')}
      </button>
      {open && (
        <dl id={id} className="jp-tfgpu-Facts">
          {lines(device, units, trans).map(([name, value, title]) => (
            <div key={name} title={title}>
              <dt>{name}</dt>
              <dd className="jp-tfgpu-Number">{value}</dd>
            </div>
          ))}
          <div className="jp-mod-long">
            <dt>{trans.__('UUID')}</dt>
            <dd>{device.uuid}</dd>
          </div>
        </dl>
      )}
    </div>
  );
}

/** The facts of a device in their order. An instance has none of the board's. */
export function lines(
  device: Device,
  units: Units,
  trans: TranslationBundle
): Line[] {
  const own: Line[] = [
    [
      trans.__('Reserved memory'),
      memory(device.memory?.reserved, units),
      trans.__('What the driver keeps for itself.')
    ],
    [trans.__('Compute capability'), device.compute_capability ?? UNKNOWN]
  ];
  return device.parent === null
    ? [...board(device, units, trans), ...own, ...rarer(device, trans)]
    : own;
}

function board(device: Device, units: Units, trans: TranslationBundle): Line[] {
  const { clocks, ecc, utilization, pcie } = device;
  const links = device.nvlink ?? [];
  return [
    [trans.__('Slowed by'), throttle(device, trans)],
    [trans.__('Fan'), percent(device.fan)],
    [trans.__('Clock'), megahertz(clocks?.sm, clocks?.max_sm)],
    [trans.__('Memory clock'), megahertz(clocks?.memory, clocks?.max_memory)],
    [
      trans.__('Memory busy'),
      percent(utilization?.memory),
      trans.__('Share of the time in which memory was read or written.')
    ],
    [
      trans.__('PCIe in / out'),
      rates([pcie], units),
      trans.__('Into the device and out of it.')
    ],
    ...(links.length > 0
      ? [
          [
            trans.__('NVLink in / out'),
            rates(links, units),
            trans._n('%1 link', '%1 links together', links.length)
          ] satisfies Line
        ]
      : []),
    [
      trans.__('ECC errors'),
      ecc === null
        ? UNKNOWN
        : `${ecc.corrected ?? UNKNOWN} / ${ecc.uncorrected ?? UNKNOWN}`,
      trans.__('Corrected / not corrected, since the driver was loaded.')
    ]
  ];
}

/** Facts that many devices do not have, where they are known. */
function rarer(device: Device, trans: TranslationBundle): Line[] {
  const { utilization, performance_state: state, energy } = device;
  const found: Line[] = [];
  if ((utilization?.encoder ?? null) !== null) {
    found.push([trans.__('Video encoder'), percent(utilization?.encoder)]);
  }
  if ((utilization?.decoder ?? null) !== null) {
    found.push([trans.__('Video decoder'), percent(utilization?.decoder)]);
  }
  if (state !== null) {
    found.push([
      trans.__('Performance state'),
      `P${state}`,
      trans.__('P0 is the fastest, P15 the slowest.')
    ]);
  }
  if (energy !== null) {
    found.push([
      trans.__('Energy used'),
      wattHours(energy),
      trans.__('Since the driver was loaded.')
    ]);
  }
  return found;
}

function throttle(device: Device, trans: TranslationBundle): string {
  if (device.throttle === null) {
    return UNKNOWN;
  }
  return device.throttle.length > 0
    ? throttleReasons(device, trans)
        .map(({ name }) => name)
        .join(', ')
    : trans.__('nothing');
}

/** The rates of all links together: in and out. A link that is not known makes the sum so. */
function rates(
  links: readonly ({ rx: number | null; tx: number | null } | null)[],
  units: Units
): string {
  const sum = (way: 'rx' | 'tx') =>
    links.reduce<number | null>((all, link) => {
      const one = link?.[way] ?? null;
      return all === null || one === null ? null : all + one;
    }, 0);
  return `${rate(sum('rx'), units)} / ${rate(sum('tx'), units)}`;
}
