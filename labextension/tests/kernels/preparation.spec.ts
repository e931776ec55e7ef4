import { ServerConnection } from '@jupyterlab/services';

import { groupsOf } from '../../src/kernels/groups';
import { environment, environments, kernelspec, task } from '../samples';
import { settle } from '../server';
import { offersOf, TestSpecs, trans } from './fakes';

const tf2 = environment();
const bare = environment({ ipykernel: null });
const MISSING = {
  status: 409,
  json: {
    message: 'ipykernel is missing in tf2.',
    reason: 'ipykernel-missing',
    detail: { command: 'pip install ipykernel' }
  }
};
const added = kernelspec();

function start(item = tf2) {
  const answer = environments(item);
  const specs = new TestSpecs();
  const world = offersOf(answer, specs);
  world.server.on('GET environments', { json: answer });
  world.server.on('POST kernelspecs', { json: added });
  world.server.on(`POST environments/${tf2.id}/ipykernel`, {
    status: 202,
    json: task()
  });
  world.server.on('DELETE tasks/t1', { json: task() });
  const preparation = world.offers.preparation();
  const [group] = groupsOf(
    { specs: null, answer, recent: [], session: null },
    trans
  );
  return { ...world, specs, preparation, item: group!.items[0]! };
}

describe('An environment without a kernel', () => {
  it('gets one, which JupyterLab is told of before it is chosen', async () => {
    const { server, preparation, item, known } = start();
    const under = preparation.start(item);
    expect(preparation.stage.name).toBe('working');
    expect(await under).toEqual({ name: added.name });
    expect(server.requests.map(({ body }) => body)).toContainEqual({
      environment: tf2.id
    });
    expect(known.reread).toHaveBeenCalledTimes(1);
    expect(preparation.stage.name).toBe('choosing');
  });

  it('says why where that fails, and can be left', async () => {
    const { server, preparation, item } = start();
    server.on('POST kernelspecs', {
      status: 403,
      json: { message: 'Not allowed.', reason: 'forbidden', detail: {} }
    });
    expect(await preparation.start(item)).toBeUndefined();
    expect(preparation.stage).toMatchObject({
      name: 'failed',
      error: { message: 'Not allowed.' }
    });
    preparation.back();
    expect(preparation.stage.name).toBe('choosing');
  });
});

describe('An environment without ipykernel', () => {
  function ask() {
    const world = start(bare);
    world.server.on('POST kernelspecs', MISSING);
    return world;
  }

  it('is asked for before anything is installed', async () => {
    const { server, preparation, item } = ask();
    expect(await preparation.start(item)).toBeUndefined();
    expect(preparation.stage).toEqual({
      name: 'asking',
      item,
      command: 'pip install ipykernel'
    });
    expect(server.count(`POST environments/${tf2.id}/ipykernel`)).toBe(0);
    preparation.back();
    expect(preparation.stage.name).toBe('choosing');
  });

  it('has it installed with progress, and is then chosen', async () => {
    const { known, preparation, item } = ask();
    await preparation.start(item);
    const under = preparation.start(item);
    await settle();
    const half = task({ progress: 0.5, log: ['Fetching'] });
    known.tellTask(half);
    expect(preparation.stage).toEqual({ name: 'working', item, task: half });
    known.tellTask(task({ state: 'done', kernelspec: 'tfgpu-tf2' }));
    expect(await under).toEqual({ name: 'tfgpu-tf2' });
  });

  it('is not chosen where that is cancelled', async () => {
    const { known, server, preparation, item } = ask();
    await preparation.start(item);
    const under = preparation.start(item);
    await settle();
    preparation.back();
    await settle();
    expect(server.count('DELETE tasks/t1')).toBe(1);
    expect(preparation.stage.name).toBe('working');
    known.tellTask(task({ state: 'cancelled' }));
    expect(await under).toBeUndefined();
    expect(preparation.stage.name).toBe('choosing');
  });

  it('cannot be cancelled any more once it is installed from what was fetched', async () => {
    const { known, server, preparation, item } = ask();
    await preparation.start(item);
    void preparation.start(item);
    await settle();
    known.tellTask(task({ cancellable: false }));
    preparation.back();
    await settle();
    expect(server.count('DELETE tasks/t1')).toBe(0);
  });

  it('says why where the installation fails', async () => {
    const { known, preparation, item } = ask();
    await preparation.start(item);
    const under = preparation.start(item);
    await settle();
    known.tellTask(task({ state: 'failed', message: 'No network.' }));
    expect(await under).toBeUndefined();
    expect(preparation.stage).toMatchObject({
      name: 'failed',
      error: { message: 'No network.' }
    });
  });

  it('begins once, however often it is asked for', async () => {
    const { server, preparation, item } = ask();
    await preparation.start(item);
    void preparation.start(item);
    void preparation.start(item);
    await settle();
    expect(server.count(`POST environments/${tf2.id}/ipykernel`)).toBe(1);
  });
});

describe('A kernelspec that needs a repair', () => {
  const broken = (repair: 'rewrite' | 'install-ipykernel') => {
    const answer = {
      ...environments(tf2),
      kernelspecs: [kernelspec({ problem: 'It is stale.', repair })]
    };
    const world = offersOf(answer, new TestSpecs());
    world.server.on('GET environments', { json: answer });
    world.server.on('POST kernelspecs/tfgpu-tf2/repair', {
      status: 202,
      json: task({ kind: 'repair', state: 'done' })
    });
    const [group] = groupsOf(
      { specs: null, answer, recent: [], session: null },
      trans
    );
    const preparation = world.offers.preparation();
    return { ...world, preparation, item: group!.items[0]! };
  };

  it('is written again and chosen', async () => {
    const { preparation, item } = broken('rewrite');
    expect(await preparation.start(item)).toEqual({ name: 'tfgpu-tf2' });
  });

  it('is asked for where something would be installed', async () => {
    const { server, preparation, item } = broken('install-ipykernel');
    expect(await preparation.start(item)).toBeUndefined();
    expect(preparation.stage.name).toBe('asking');
    expect(server.count('POST kernelspecs/tfgpu-tf2/repair')).toBe(0);
    expect(await preparation.start(item)).toEqual({ name: 'tfgpu-tf2' });
  });
});

it('A page that cannot read the kernelspecs again chooses what was added', async () => {
  jest.spyOn(console, 'debug').mockImplementation();
  const { known, preparation, item } = start();
  known.reread.mockRejectedValue(
    new ServerConnection.NetworkError(new TypeError('gone'))
  );
  expect(await preparation.start(item)).toEqual({ name: added.name });
});
