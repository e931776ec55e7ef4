import type { KernelSpec } from '@jupyterlab/services';

import { ServerActions } from '../../src/environments/actions';
import { TestLive } from '../fakes';
import { environment, environments } from '../samples';
import { StandInServer } from '../server';

describe('An action on an environment', () => {
  const answer = { json: environments(environment()) };
  let server: StandInServer;
  let live: TestLive;
  let refreshSpecs: jest.Mock;
  let actions: ServerActions;

  beforeEach(() => {
    server = new StandInServer({
      'GET environments': answer,
      'POST environments/refresh': answer,
      'POST kernelspecs': { status: 201, json: {} },
      'DELETE kernelspecs/tfgpu-tf2': { status: 204 }
    });
    live = new TestLive(server);
    refreshSpecs = jest.fn(() => Promise.resolve());
    const manager = { refreshSpecs } as unknown as KernelSpec.IManager;
    actions = new ServerActions(live, manager);
  });

  it('that adds a kernel makes the picker and the list read again', async () => {
    await actions.addKernel(environment());
    expect(refreshSpecs).toHaveBeenCalledTimes(1);
    expect(live.environments).toEqual(answer.json);
  });

  it('that removes a kernel does so too', async () => {
    await actions.removeKernel('tfgpu-tf2');
    expect(refreshSpecs).toHaveBeenCalledTimes(1);
    expect(server.count('GET environments')).toBe(1);
  });

  it('that fails changes nothing', async () => {
    server.on('POST kernelspecs', {
      status: 409,
      json: { message: 'no', reason: 'ipykernel-missing' }
    });
    await expect(actions.addKernel(environment())).rejects.toThrow('no');
    expect(refreshSpecs).not.toHaveBeenCalled();
  });

  it('that refreshes looks at the disks', async () => {
    await actions.refresh();
    expect(server.count('POST environments/refresh')).toBe(1);
  });
});
