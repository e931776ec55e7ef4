import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { render, screen } from '@testing-library/react';
import * as React from 'react';

import type { Device, Holder } from '../../src/api';
import { DeviceActions } from '../../src/devices/actions';
import { HolderColors } from '../../src/devices/colors';
import { ReadingHistory } from '../../src/devices/history';
import { DeviceList } from '../../src/devices/list';
import { ServerNotebooks } from '../../src/devices/notebooks';
import { Opened } from '../../src/devices/opened';
import type { ITools } from '../../src/devices/tools';
import type { Display } from '../../src/display/model';
import { TestLive, testDisplay } from '../fakes';
import { GIB, device } from '../samples';
import { StandInServer } from '../server';

/** A list of devices in the document, and all that it hangs on. */
export interface IShown {
  live: TestLive;
  display: Display;
  commands: CommandRegistry;
  tools: ITools;
  element: React.ReactElement;
}

/** The parts of a list of devices, not yet in the document. */
export function makeList(): IShown {
  const history = { json: { times: [], devices: {} } };
  const live = new TestLive(new StandInServer({ 'GET history': history }));
  const display = testDisplay(live);
  const commands = new CommandRegistry();
  const trans = nullTranslator.load('');
  const tools = {
    history: new ReadingHistory(live),
    notebooks: new ServerNotebooks(live, commands),
    colors: new HolderColors(live),
    opened: new Opened(),
    actions: new DeviceActions(live, display, commands, trans),
    trans
  };
  const element = <DeviceList live={live} display={display} tools={tools} />;
  return { live, display, commands, tools, element };
}

export function showList(): IShown {
  const list = makeList();
  render(list.element);
  return list;
}

export const card = (name = 'GPU 0') => screen.getByRole('region', { name });

/** A process that holds one GiB, by default nobody’s. */
export function holder(changes: Partial<Holder> = {}): Holder {
  return {
    pid: 1,
    memory: GIB,
    utilization: null,
    command: null,
    kernel_id: null,
    notebook: null,
    user: null,
    ...changes
  };
}

/** A MIG instance of a GPU. */
export function instance(changes: Partial<Device> = {}): Device {
  const made = device({
    uuid: 'MIG-12345678-90',
    parent: device().uuid,
    name: 'NVIDIA A100-SXM4-40GB MIG 1g.5gb',
    utilization: null,
    ...changes
  });
  return { ...made, index: null };
}
