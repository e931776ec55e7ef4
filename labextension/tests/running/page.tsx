import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { act, render } from '@testing-library/react';
import * as React from 'react';

import type { Environments, KernelUse } from '../../src/api';
import { holderColors } from '../../src/devices';
import { ServerNotebooks } from '../../src/devices/notebooks';
import { shareKernels } from '../../src/live/share';
import { KernelActions } from '../../src/running/actions';
import { RunningChoices } from '../../src/running/choices';
import { JupyterKernels } from '../../src/running/jupyter';
import type { Services } from '../../src/running/jupyter';
import { KernelList } from '../../src/running/list';
import { KernelIndex } from '../../src/running/shown';
import type { ITools } from '../../src/running/tools';
import { Underway } from '../../src/running/underway';
import { TestEnvironments } from '../environments/page';
import { TestLive, testDisplay } from '../fakes';
import { GIB, before, device, kernels, reading } from '../samples';
import { StandInServer } from '../server';

export const trans = nullTranslator.load('');

/** Two devices in the reading of the samples. */
export const DEVICES = [device(), device({ index: 1 })];

/** What a kernel uses of the first device. */
export function holds(
  changes: Partial<KernelUse['devices'][number]> = {}
): KernelUse['devices'][number] {
  return {
    uuid: device().uuid,
    memory: 11 * GIB,
    utilization: 0.5,
    unused_since: before(0),
    ...changes
  };
}

/** A page with the section, over a server that says what the test tells it to. */
export class Page {
  readonly server = new StandInServer();
  readonly live = new TestLive(this.server);
  readonly display = testDisplay(this.live);
  readonly environments = new TestEnvironments();
  readonly choices = new RunningChoices();
  readonly underway = new Underway();
  /** What JupyterLab was asked to do: a command and its arguments. */
  readonly executed: unknown[] = [];
  /** The sessions of the server. */
  sessions: { id: string; path: string; type: string; kernel: object }[] = [];
  readonly shutdown = {
    session: jest.fn<Promise<void>, [string]>(() => Promise.resolve()),
    kernel: jest.fn<Promise<void>, [string]>(() => Promise.resolve())
  };
  readonly jupyter: JupyterKernels;
  readonly actions: KernelActions;
  readonly tools: ITools;

  constructor() {
    const commands = new CommandRegistry();
    for (const id of ['docmanager:open', 'console:open', 'console:create']) {
      commands.addCommand(id, {
        execute: args => void this.executed.push([id, args]),
        describedBy: { args: { type: 'object', properties: {} } }
      });
    }
    const services = {
      kernels: { shutdown: this.shutdown.kernel },
      sessions: {
        running: () => this.sessions.values(),
        shutdown: this.shutdown.session
      },
      serverSettings: this.server.settings
    } as unknown as Services;
    const notebooks = new ServerNotebooks(this.live, commands);
    this.jupyter = new JupyterKernels(services, commands, notebooks, null);
    this.actions = new KernelActions(
      this.live,
      this.jupyter,
      this.underway,
      trans
    );
    this.tools = {
      live: this.live,
      newest: new KernelIndex(this.live),
      colors: holderColors(this.live),
      actions: this.actions,
      trans
    };
  }

  get element(): React.ReactElement {
    const { live, environments, display, choices, tools } = this;
    return (
      <KernelList
        live={live}
        environments={environments}
        display={display}
        choices={choices}
        tools={tools}
      />
    );
  }

  show(): this {
    render(this.element);
    return this;
  }

  /** A reading comes, with these kernels. */
  tell(...items: KernelUse[]): void {
    this.tellAt(0, ...items);
  }

  /** The same so many seconds after the sample reading. */
  tellAt(seconds: number, ...items: KernelUse[]): void {
    act(() => {
      const answer = kernels(...items);
      const next = shareKernels(this.live.kernels, answer);
      this.server.on('GET kernels', { json: answer });
      if (next !== this.live.kernels) {
        this.live.tellKernels(next);
      }
      this.live.tellReading(
        reading({ taken_at: before(-seconds), devices: DEVICES })
      );
    });
  }

  tellEnvironments(answer: Environments): void {
    act(() => this.environments.tell(answer));
  }
}

/** The rows, as their texts. */
export function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('.jp-tfgpu-Kernel')];
}

/** The names in the rows, from above. */
export function rowNames(): (string | null | undefined)[] {
  return rows().map(
    row => row.querySelector('.jp-tfgpu-Kernel-name')?.textContent
  );
}

/** Presses a button of JupyterLab's dialog, and lets what follows happen. */
export async function answerDialog(label: string): Promise<void> {
  await turn();
  const button = [
    ...document.querySelectorAll<HTMLElement>('.jp-Dialog-footer button')
  ].find(one => one.textContent === label);
  if (!button) {
    throw new Error(`No dialog has a button ${label}`);
  }
  act(() => button.click());
  await turn();
}

/** Lets promises and timers that are due come to their end. */
export async function turn(): Promise<void> {
  await act(async () => {
    for (let count = 0; count < 5; count += 1) {
      await new Promise(done => setTimeout(done));
    }
  });
}
