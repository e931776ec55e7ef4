import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { MainAreaWidget } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';

import { Display } from '../../src/display/model';
import { historyPlugin } from '../../src/history';
import type { HistoryView } from '../../src/history/widget';
import { TestLive } from '../fakes';
import { device, reading } from '../samples';
import { StandInServer } from '../server';

type Tab = MainAreaWidget<HistoryView>;

describe('The command that opens the history', () => {
  const shell = () => ({ add: jest.fn(), activateById: jest.fn() });
  let app: { commands: CommandRegistry; shell: ReturnType<typeof shell> };
  let live: TestLive;

  /** Starts the plugin, in JupyterLab where there is its shell. */
  function start(labShell: ReturnType<typeof shell> | null): void {
    void historyPlugin.activate(
      app as unknown as JupyterFrontEnd,
      live,
      new Display(() => []),
      null,
      null,
      null,
      null,
      labShell
    );
  }

  const open = (args = {}) => app.commands.execute('tfgpu:open-history', args);
  const added = () => app.shell.add.mock.calls as [Tab, string][];
  const tabs = () => added().map(([tab]) => tab);
  const areas = () => added().map(([, area]) => area);

  beforeEach(() => {
    app = { commands: new CommandRegistry(), shell: shell() };
    live = new TestLive(new StandInServer());
    live.reading = reading({ devices: [device(), device({ index: 1 })] });
  });

  afterEach(() => tabs().forEach(tab => tab.dispose()));

  it('opens one tab in JupyterLab’s main area, and then brings it to the front', async () => {
    start(app.shell);
    await Promise.all([open(), open()]);
    await open();
    expect(areas()).toEqual(['main']);
    expect(app.shell.activateById).toHaveBeenCalledTimes(3);
    expect(tabs()[0]!.title.label).toBe('GPU history');
  });

  it('opens it below what is open in Notebook, whose main area is taken', async () => {
    start(null);
    await open();
    expect(areas()).toEqual(['down']);
  });

  it('opens another one once it was closed', async () => {
    start(app.shell);
    await open();
    tabs()[0]!.dispose();
    await open();
    expect(tabs()).toHaveLength(2);
  });

  it('shows the device alone that it is opened for', async () => {
    start(app.shell);
    const { uuid } = device({ index: 1 });
    await open({ uuid });
    const { model } = tabs()[0]!.content;
    model.active = true;
    expect(model.lines).toHaveLength(2);
    expect(model.drawn.map(line => line.uuid)).toEqual([uuid]);
  });
});
