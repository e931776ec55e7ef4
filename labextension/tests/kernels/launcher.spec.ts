import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { act, fireEvent, waitFor, within } from '@testing-library/react';

import { addToLaunchers } from '../../src/kernels/launcher';
import {
  manyEnvironments,
  offersOf,
  spec,
  specModels,
  TestSpecs,
  trans
} from './fakes';

const NO_ARGS = { args: { type: 'object' } };

/** JupyterLab with a launcher, a main area, and the commands that make notebooks and consoles. */
function lab() {
  const commands = new CommandRegistry();
  const main: Widget[] = [];
  const shell = {
    widgets: () => main.values(),
    add: jest.fn()
  };
  const made = { notebook: jest.fn(), console: jest.fn() };
  const make = (told: jest.Mock) => ({
    describedBy: NO_ARGS,
    execute: (args: unknown) => {
      told(args);
      const widget = new Widget();
      main.push(widget);
      return widget;
    }
  });
  commands.addCommand('notebook:create-new', make(made.notebook));
  commands.addCommand('console:create', make(made.console));
  commands.addCommand('launcher:create', {
    describedBy: NO_ARGS,
    execute: () => {
      const content = Object.assign(new Widget(), { cwd: 'work/mine' });
      content.addClass('jp-Launcher');
      return new MainAreaWidget({ content });
    }
  });
  commands.addCommand('other', {
    describedBy: NO_ARGS,
    execute: () => new Widget()
  });
  const world = offersOf(
    manyEnvironments(2),
    new TestSpecs(specModels(spec('tfgpu-env0', { display_name: 'env0' })))
  );
  const app = { commands, shell } as unknown as JupyterFrontEnd;
  addToLaunchers(app, world.live, world.offers, trans);
  return { ...world, commands, shell, made };
}

async function open() {
  const opened = lab();
  const launcher = (await opened.commands.execute(
    'launcher:create'
  )) as MainAreaWidget;
  await act(async () => Widget.attach(launcher, document.body));
  const field = await waitFor(() =>
    within(launcher.node).getByRole('combobox', { hidden: true })
  );
  const type = (query: string) => {
    fireEvent.change(field, { target: { value: query } });
  };
  const press = (key: string) => {
    fireEvent.keyDown(field, { key });
  };
  return { ...opened, launcher, field, type, press };
}

beforeEach(() => window.localStorage.clear());

describe('The launcher', () => {
  it('makes a notebook in its folder, which takes its place', async () => {
    const { type, press, made, launcher, shell, recent } = await open();
    type('env1');
    await act(async () => press('Enter'));
    await waitFor(() => expect(launcher.isDisposed).toBe(true));
    expect(made.notebook).toHaveBeenCalledWith({
      cwd: 'work/mine',
      kernelName: 'tfgpu-env1'
    });
    expect(shell.add).toHaveBeenCalledTimes(1);
    expect(recent.names).toEqual(['tfgpu-env1']);
  });

  it('makes a console where that is wanted, with one click', async () => {
    const { made, launcher } = await open();
    const ui = within(launcher.node);
    fireEvent.click(ui.getByLabelText('Console'));
    await act(async () => {
      fireEvent.click(ui.getAllByRole('option', { hidden: true })[0]!);
    });
    await waitFor(() => expect(made.console).toHaveBeenCalledTimes(1));
    expect(made.console).toHaveBeenCalledWith({
      cwd: 'work/mine',
      isLauncher: true,
      kernelPreference: { name: 'tfgpu-env0' }
    });
  });

  it('makes one notebook of a double click', async () => {
    const { made, launcher } = await open();
    const [first] = within(launcher.node).getAllByRole('option', {
      hidden: true
    });
    await act(async () => {
      fireEvent.click(first!);
      fireEvent.click(first!);
    });
    expect(made.notebook).toHaveBeenCalledTimes(1);
  });

  it('can be folded away, and stays so in the next one', async () => {
    const { launcher, commands } = await open();
    const fold = within(launcher.node).getByRole('button', {
      name: 'Environments',
      hidden: true
    });
    fireEvent.click(fold);
    expect(fold.getAttribute('aria-expanded')).toBe('false');
    expect(launcher.node.querySelector('[role="option"]')).toBeNull();
    const next = (await commands.execute('launcher:create')) as MainAreaWidget;
    await act(async () => Widget.attach(next, document.body));
    await waitFor(() =>
      expect(next.node.querySelector('[aria-expanded="false"]')).toBeTruthy()
    );
  });

  it('is as JupyterLab has it where the server lacks our part', async () => {
    const { live, launcher } = await open();
    act(() => live.tellState('no-extension'));
    expect(launcher.contentHeader.node.textContent).toBe('');
  });

  it('of another kind is left alone', async () => {
    const { commands } = lab();
    const widget = (await commands.execute('other')) as Widget;
    expect(widget.isDisposed).toBe(false);
    expect(widget.node.textContent).toBe('');
  });
});
