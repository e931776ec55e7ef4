import { nullTranslator } from '@jupyterlab/translation';

import {
  ApiError,
  Client,
  NoExtensionError,
  UnreachableError,
  describeError
} from '../../src/api';
import { environments, reading } from '../samples';
import { StandInServer } from '../server';

const trans = nullTranslator.load('');

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('This was to fail');
    },
    (error: unknown) => error
  );
}

describe('The client', () => {
  it('asks under the base URL and gives the answer', async () => {
    const server = new StandInServer({ 'GET devices': { json: reading() } });
    expect(await new Client(server.settings).devices()).toEqual(reading());
  });

  it('sends what a kernelspec is to be made for', async () => {
    const server = new StandInServer({
      'POST kernelspecs': { status: 201, json: { name: 'tfgpu-tf2' } }
    });
    await new Client(server.settings).addKernelspec({ environment: 'abc' });
    expect(server.requests).toEqual([
      { method: 'POST', path: 'kernelspecs', body: { environment: 'abc' } }
    ]);
  });

  it('takes an answer without a body', async () => {
    const server = new StandInServer({
      'DELETE kernelspecs/tfgpu-a%20b': { status: 204 }
    });
    const removed = new Client(server.settings).removeKernelspec('tfgpu-a b');
    await expect(removed).resolves.toBeUndefined();
  });

  it('looks at the disks again by POST', async () => {
    const server = new StandInServer({
      'POST environments/refresh': { json: environments() }
    });
    const answer = await new Client(server.settings).refreshEnvironments();
    expect(answer.environments).toEqual([]);
  });

  it('sends pins for a notebook, and forgets those of a kernel', async () => {
    const json = { pin: 'none', restart_needed: false, message: null };
    const server = new StandInServer({
      'PUT pins': { json },
      'DELETE pins': { json }
    });
    const client = new Client(server.settings);
    await client.setPin({ notebook: 'a/b.ipynb' }, 'none');
    await client.clearPin({ kernel_id: 'k1' });
    expect(server.requests.map(request => request.body)).toEqual([
      { notebook: 'a/b.ipynb', pin: 'none' },
      { kernel_id: 'k1' }
    ]);
  });

  it('fails with the server’s sentence, reason and detail', async () => {
    const server = new StandInServer({
      'POST kernelspecs': {
        status: 409,
        json: {
          message: 'ipykernel is missing',
          reason: 'ipykernel-missing',
          detail: { command: 'pip install ipykernel' }
        }
      }
    });
    const error = await failureOf(
      new Client(server.settings).addKernelspec({ environment: 'abc' })
    );
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      message: 'ipykernel is missing',
      reason: 'ipykernel-missing',
      status: 409,
      detail: { command: 'pip install ipykernel' }
    });
  });

  it('tells a 404 of ours from a server without the extension', async () => {
    const server = new StandInServer({
      'GET environments/zz/report': {
        status: 404,
        json: { message: 'No environment zz', reason: 'no-such-environment' }
      },
      'GET devices': { status: 404, text: '<html>not found</html>' },
      'GET pins': { status: 404, json: { message: 'Not Found', reason: null } }
    });
    const client = new Client(server.settings);
    expect(await failureOf(client.environmentReport('zz'))).toBeInstanceOf(
      ApiError
    );
    expect(await failureOf(client.devices())).toBeInstanceOf(NoExtensionError);
    expect(await failureOf(client.pins())).toBeInstanceOf(NoExtensionError);
  });

  it('says what to do where the server lacks the extension', async () => {
    const error = await failureOf(
      new Client(new StandInServer().settings).kernels()
    );
    expect(describeError(error, trans)).toMatch(
      /install jupyter-tfgpu .* restart/
    );
  });

  it('gives the status of a failure that is no JSON', async () => {
    const server = new StandInServer({
      'GET devices': { status: 502, text: '<html>Bad gateway</html>' }
    });
    const error = await failureOf(new Client(server.settings).devices());
    expect(error).toMatchObject({ name: 'ApiError', reason: '502' });
    expect(describeError(error, trans)).toContain('502');
  });

  it('says so where the server cannot be reached', async () => {
    const server = new StandInServer({
      'GET devices': new TypeError('no route')
    });
    const error = await failureOf(new Client(server.settings).devices());
    expect(error).toBeInstanceOf(UnreachableError);
    expect(describeError(error, trans)).toBe(
      'The Jupyter server cannot be reached.'
    );
  });
});
