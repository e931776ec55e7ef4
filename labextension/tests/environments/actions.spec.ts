import type { KernelSpec } from '@jupyterlab/services';

import type { Kernelspec } from '../../src/api';
import type { IVoice } from '../../src/environments/actions';
import { EnvironmentsModel } from '../../src/environments/model';
import { TestLive } from '../fakes';
import { environment, environments, kernelspec, task } from '../samples';
import { StandInServer, settle } from '../server';

/** What the actions said and asked, and what the user answers. */
function testVoice() {
  return {
    mayInstall: jest.fn(() => Promise.resolve(true)),
    failed: jest.fn<void, [unknown]>(),
    added: jest.fn(),
    removed: jest.fn<void, [Kernelspec, () => void]>(),
    synced: jest.fn()
  } satisfies IVoice;
}

function answerWith(...kernelspecs: Kernelspec[]) {
  return { ...environments(environment()), kernelspecs };
}

const REFUSED = {
  status: 409,
  json: {
    message: 'ipykernel is missing',
    reason: 'ipykernel-missing',
    detail: { command: 'pip install ipykernel' }
  }
};

let server: StandInServer;
let live: TestLive;
let refreshSpecs: jest.Mock;
let specs: KernelSpec.ISpecModels | null;
let voice: ReturnType<typeof testVoice>;
let model: EnvironmentsModel;

beforeEach(async () => {
  server = new StandInServer({
    'GET tasks': { json: { tasks: [] } },
    'GET environments': { json: answerWith(kernelspec()) },
    'POST environments/refresh': { json: answerWith() },
    'POST environments/abcdef012345/ipykernel': { status: 202, json: task() },
    'POST kernelspecs': { status: 201, json: kernelspec() },
    'PATCH kernelspecs/tfgpu-tf2': { json: kernelspec() },
    'DELETE kernelspecs/tfgpu-tf2': { status: 204 },
    'POST kernelspecs/tfgpu-tf2/repair': { status: 202, json: task() },
    'POST kernelspecs/sync': {
      json: {
        schema: 'tfgpu.sync/1',
        dry_run: false,
        changes: [],
        problems: []
      }
    },
    'DELETE tasks/t1': { json: task({ state: 'cancelled' }) }
  });
  live = new TestLive(server);
  refreshSpecs = jest.fn(() => Promise.resolve());
  specs = null;
  voice = testVoice();
  model = new EnvironmentsModel(
    live,
    {
      refreshSpecs,
      get specs() {
        return specs;
      }
    },
    voice
  );
  live.tellEnvironments(answerWith());
  await settle();
});

describe('An action', () => {
  it('that adds a kernel makes the picker and the list read again', async () => {
    const added = await model.actions.addKernel(environment(), 'ir');
    expect(added).toEqual(kernelspec());
    const body = { environment: 'abcdef012345', kernel: 'ir' };
    expect(server.requests).toContainEqual({
      method: 'POST',
      path: 'kernelspecs',
      body
    });
    expect(refreshSpecs).toHaveBeenCalledTimes(1);
    expect(model.answer?.kernelspecs).toEqual([kernelspec()]);
    expect(voice.added).toHaveBeenCalledWith(kernelspec());
  });

  it('that lacks ipykernel asks with the command, then installs and follows the task', async () => {
    server.on('POST kernelspecs', REFUSED);
    expect(await model.actions.addKernel(environment())).toBeNull();
    expect(voice.mayInstall).toHaveBeenCalledWith(
      'tf2',
      'pip install ipykernel'
    );
    expect([...model.tasks.values()]).toEqual([task()]);
    expect(voice.failed).not.toHaveBeenCalled();
  });

  it('installs nothing that the user does not want', async () => {
    server.on('POST kernelspecs', REFUSED);
    voice.mayInstall.mockResolvedValue(false);
    expect(await model.actions.installIpykernel(environment())).toBeNull();
    expect(server.count('POST environments/abcdef012345/ipykernel')).toBe(0);
  });

  it('that repairs asks where something would be installed, and only there', async () => {
    await model.actions.repair(kernelspec({ repair: 'rewrite' }));
    expect(voice.mayInstall).not.toHaveBeenCalled();
    voice.mayInstall.mockResolvedValue(false);
    await model.actions.repair(kernelspec({ repair: 'install-ipykernel' }));
    expect(server.count('POST kernelspecs/tfgpu-tf2/repair')).toBe(1);
  });

  it('that removes a kernel can be undone, with the name that the user gave', async () => {
    const mine = kernelspec({ display_name: 'Thesis' });
    expect(await model.actions.removeKernel(mine)).toBe(true);
    const undo = voice.removed.mock.calls[0]![1];
    undo();
    await settle();
    expect(
      server.requests
        .filter(({ method }) => method !== 'GET')
        .map(({ method, body }) => [method, body])
    ).toEqual([
      ['DELETE', null],
      ['POST', { environment: 'abcdef012345', name: 'tfgpu-tf2' }],
      ['PATCH', { display_name: 'Thesis' }]
    ]);
  });

  it('that is undone leaves a name that comes from the label to the label', async () => {
    await model.actions.removeKernel(kernelspec());
    voice.removed.mock.calls[0]![1]();
    await settle();
    expect(server.count('PATCH kernelspecs/tfgpu-tf2')).toBe(0);
  });

  it('that syncs shows what was done; a dry run changes nothing', async () => {
    await model.actions.sync(true);
    expect(server.count('GET environments')).toBe(0);
    await model.actions.sync(false);
    expect(server.count('GET environments')).toBe(1);
    expect(voice.synced).toHaveBeenCalledTimes(1);
  });

  it('that cancels shows the task as it is then', async () => {
    await model.actions.cancel(task());
    expect(model.tasks.get('t1')?.state).toBe('cancelled');
  });

  it('that fails tells its handler, else the page, and changes nothing', async () => {
    const json = { message: 'no room', reason: 'not-written' };
    server.on('POST kernelspecs', { status: 409, json });
    const failed = jest.fn<void, [unknown]>();
    await model.actions.addKernel(environment(), undefined, { failed });
    expect(failed.mock.calls[0]?.[0]).toMatchObject({ message: 'no room' });
    expect(voice.failed).not.toHaveBeenCalled();
    expect(await model.actions.addKernel(environment())).toBeNull();
    expect(voice.failed).toHaveBeenCalledTimes(1);
    expect(refreshSpecs).not.toHaveBeenCalled();
  });

  it('that refreshes looks at the disks', async () => {
    await model.actions.refresh();
    expect(server.count('POST environments/refresh')).toBe(1);
  });
});

describe('JupyterLab’s kernelspecs', () => {
  it('are read again once where other kernelspecs are pushed', async () => {
    live.tellEnvironments(answerWith(kernelspec()));
    await settle();
    expect(refreshSpecs).toHaveBeenCalledTimes(1);
    live.tellEnvironments(
      answerWith(kernelspec({ display_name: 'tf2 · Python 3.12' }))
    );
    await settle();
    expect(refreshSpecs).toHaveBeenCalledTimes(2);
  });

  it('are read again after a reading that shows what was before', async () => {
    const shown = { display_name: 'tf2' } as KernelSpec.ISpecModel;
    specs = { default: '', kernelspecs: { 'tfgpu-tf2': shown } };
    refreshSpecs.mockResolvedValueOnce(undefined);
    refreshSpecs.mockImplementationOnce(() => {
      Object.assign(shown, { display_name: kernelspec().display_name });
      return Promise.resolve();
    });
    live.tellEnvironments(answerWith(kernelspec()));
    await settle();
    expect(refreshSpecs).toHaveBeenCalledTimes(2);
  });

  it('are read one time after the other', async () => {
    const ends: (() => void)[] = [];
    refreshSpecs.mockImplementation(
      () => new Promise<void>(resolve => ends.push(resolve))
    );
    live.tellEnvironments(answerWith(kernelspec()));
    live.tellEnvironments(answerWith(kernelspec({ display_name: 'Thesis' })));
    await settle();
    expect(refreshSpecs).toHaveBeenCalledTimes(1);
    ends[0]!();
    await settle();
    expect(refreshSpecs).toHaveBeenCalledTimes(2);
  });

  it('are left where only environments changed', () => {
    const before = live.environments!;
    live.tellEnvironments({
      ...before,
      environments: [environment({ verdict: 'ok' })]
    });
    expect(refreshSpecs).not.toHaveBeenCalled();
  });

  it.each([
    ['tf2', 1],
    [kernelspec().display_name, 0]
  ])(
    'that were read before the first answer are read again where that differs (%s)',
    async (display_name, times) => {
      const shown = { display_name } as KernelSpec.ISpecModel;
      specs = { default: '', kernelspecs: { 'tfgpu-tf2': shown } };
      const other = new TestLive(server);
      refreshSpecs.mockImplementation(() => {
        Object.assign(shown, { display_name: kernelspec().display_name });
        return Promise.resolve();
      });
      const manager = { refreshSpecs, specs };
      new EnvironmentsModel(other, manager, voice);
      other.tellEnvironments(answerWith(kernelspec()));
      await settle();
      expect(refreshSpecs).toHaveBeenCalledTimes(times);
    }
  );
});
