import { Client } from '../../src/api';
import { KernelSettingsSender } from '../../src/environments/settings';
import { StandInServer } from '../server';

const LABEL = '{name}';

describe('The settings of kernels', () => {
  let server: StandInServer;
  let failed: jest.Mock<void, [unknown]>;
  let sender: KernelSettingsSender;
  const sent = () =>
    server.requests
      .filter(({ method }) => method === 'PUT')
      .map(({ body }) => body);

  beforeEach(() => {
    const json = { label: null, sync: 'suggest' };
    server = new StandInServer({
      'GET settings': { json },
      'PUT settings': { json }
    });
    failed = jest.fn<void, [unknown]>();
    sender = new KernelSettingsSender(new Client(server.settings), failed);
  });

  it('that the user has not set leave the server as it is', async () => {
    await sender.begin({});
    expect(server.requests).toEqual([]);
  });

  it('are sent at first only where the server has something else', async () => {
    await sender.begin({ sync: 'suggest' });
    expect(sent()).toEqual([]);
    await sender.begin({ label: LABEL });
    expect(sent()).toEqual([
      { label: LABEL, sync: null, share_politely: null }
    ]);
  });

  it('are sent as they change, and as null where they are taken back', async () => {
    await sender.begin({});
    await sender.change({ sync: 'on' });
    await sender.change({ sync: 'on' });
    await sender.change({ sync: 'on', label: '  ' });
    await sender.change({});
    expect(sent()).toEqual([
      { label: null, sync: 'on', share_politely: null },
      { label: null, sync: null, share_politely: null }
    ]);
  });

  it('are sent one after the other', async () => {
    void sender.change({ sync: 'on' });
    void sender.change({ sync: 'off' });
    await sender.change({ sync: 'on' });
    expect(sent().map(body => (body as { sync: string }).sync)).toEqual([
      'on',
      'off',
      'on'
    ]);
  });

  it('that the server refuses are told with its sentence', async () => {
    server.on('PUT settings', {
      status: 400,
      json: { message: 'There is no field {x}.', reason: 'bad-label' }
    });
    await sender.change({ label: '{x}' });
    expect(failed.mock.calls[0]?.[0]).toMatchObject({
      message: 'There is no field {x}.'
    });
  });

  it('of a server without the extension are nobody’s concern', async () => {
    server.on('PUT settings', { status: 404, text: 'not here' });
    await sender.change({ sync: 'on' });
    expect(failed).not.toHaveBeenCalled();
  });
});
