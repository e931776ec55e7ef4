import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Device } from '../api';
import type { Units } from '../ui';
import { memory, memoryOf } from '../ui';
import { Bar } from './bar';
import { Holders } from './holders';
import type { IPart } from './holding';
import { groupsOf, partsOf } from './holding';
import { holderName } from './names';
import type { ITools } from './tools';

/** The memory of a device: how much, by whom, in a bar and in words. */
export function Memory(props: {
  device: Device;
  units: Units;
  tools: ITools;
}): React.ReactElement {
  const { device, units, tools } = props;
  const { trans } = tools;
  const [lit, setLit] = React.useState<string | null>(null);
  const groups = groupsOf(device);
  const parts = partsOf(device, groups);
  const figures = memoryOf(device.memory?.used, device.memory?.total, units);
  return (
    <>
      <div className="jp-tfgpu-Device-figures">
        <span>{trans.__('Memory')}</span>
        <span className="jp-tfgpu-Number">{figures}</span>
      </div>
      <Bar
        parts={parts}
        label={memorySentence(device, parts, units, trans)}
        titleOf={part => partTitle(part, units, trans)}
        colors={tools.colors}
        lit={lit}
        onLit={setLit}
      />
      {device.host_memory && (
        <div className="jp-tfgpu-Note">
          {trans.__('This device uses the memory of the host.')}
        </div>
      )}
      <Holders
        device={device}
        groups={groups}
        parts={parts}
        units={units}
        tools={tools}
        lit={lit}
        onLit={setLit}
      />
    </>
  );
}

/** The memory bar in a sentence. */
export function memorySentence(
  device: Device,
  parts: readonly IPart[] | null,
  units: Units,
  trans: TranslationBundle
): string {
  if (parts === null) {
    return trans.__('How much of the memory is in use is not known.');
  }
  const { used, total } = device.memory ?? {};
  const whole = trans.__(
    'Memory in use: %1 of %2.',
    memory(used, units),
    memory(total, units)
  );
  const each = parts.map(part => partTitle(part, units, trans)).join('; ');
  return `${whole} ${each}.`;
}

function partTitle(
  part: IPart,
  units: Units,
  trans: TranslationBundle
): string {
  return trans.__('%1: %2', partName(part, trans), memory(part.bytes, units));
}

function partName(part: IPart, trans: TranslationBundle): string {
  switch (part.kind) {
    case 'kernel':
    case 'process':
      return part.group ? holderName(part.group.holder, trans) : '';
    case 'unseen':
      return trans.__('not visible from here');
    case 'used':
      return trans.__('in use, not told by whom');
    case 'reserved':
      return trans.__('reserved by the driver');
    case 'free':
      return trans.__('free');
  }
}
