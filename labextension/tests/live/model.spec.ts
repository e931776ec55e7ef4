import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { Client } from '../../src/api';
import { Backoff } from '../../src/live/backoff';
import { LiveModel } from '../../src/live/model';
import type { IPage } from '../../src/live/page';
import {
  device,
  environment,
  environments,
  kernel,
  kernels,
  reading
} from '../samples';
import { StandInServer, settle } from '../server';

class Page implements IPage {
  hidden = false;
  readonly signal = new Signal<IPage, void>(this);

  get changed(): ISignal<IPage, void> {
    return this.signal;
  }

  show(visible: boolean): void {
    this.hidden = !visible;
    this.signal.emit();
  }
}

function push(server: StandInServer, changes = {}): void {
  server.socket.push({ type: 'reading', data: reading(changes) });
}

describe('The live model', () => {
  let server: StandInServer;
  let page: Page;
  let live: LiveModel;

  beforeEach(() => {
    jest.useFakeTimers();
    server = new StandInServer({
      'GET devices': { json: reading() },
      'GET kernels': { json: kernels() },
      'GET environments': { json: environments(environment()) }
    });
    page = new Page();
    const backoff = new Backoff(1000, 8000, () => 0.5);
    live = new LiveModel(new Client(server.settings), page, backoff);
  });

  afterEach(() => {
    live.dispose();
    jest.useRealTimers();
  });

  describe('connecting', () => {
    it('opens one socket with the token and asks for its interval', () => {
      expect(live.state).toBe('connecting');
      expect(server.socket.url).toBe(
        'ws://host/base/tfgpu/live?token=s%26cret'
      );
      server.socket.open();
      expect(live.state).toBe('open');
      expect(server.socket.sent).toEqual([{ interval: 2 }]);
      expect(server.sockets).toHaveLength(1);
    });

    it('sends a changed interval at once, and the same one never', () => {
      server.socket.open();
      live.interval = 5;
      live.interval = 5;
      expect(server.socket.sent).toEqual([{ interval: 2 }, { interval: 5 }]);
    });

    it('counts a reading as old by the interval that was chosen last', () => {
      server.socket.open();
      push(server);
      live.interval = 10;
      jest.advanceTimersByTime(20000);
      expect([live.state, live.stale]).toEqual(['open', false]);
      jest.advanceTimersByTime(10000);
      expect(live.stale).toBe(true);
      push(server);
      jest.advanceTimersByTime(4000);
      live.interval = 1;
      expect(live.stale).toBe(true);
    });

    it('asks for the environments, which are not pushed at first', async () => {
      server.socket.open();
      await settle();
      expect(live.environments?.environments[0]?.name).toBe('tf2');
    });

    it('asks for what was not pushed in time, and only for that', async () => {
      server.socket.open();
      push(server);
      jest.advanceTimersByTime(400);
      await settle();
      expect(server.count('GET devices')).toBe(0);
      expect(server.count('GET kernels')).toBe(1);
      expect(live.kernels).not.toBeNull();
    });
  });

  describe('losing the connection', () => {
    it('tries again later and later, and is quick again once the server has talked', () => {
      server.socket.open();
      server.socket.close();
      expect(live.state).toBe('closed');
      const waits: number[] = [];
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const before = server.sockets.length;
        let waited = 0;
        while (server.sockets.length === before) {
          jest.advanceTimersByTime(500);
          waited += 500;
        }
        waits.push(waited);
        server.socket.close();
      }
      expect(waits).toEqual([1000, 2000, 4000, 8000, 8000]);

      jest.advanceTimersByTime(8000);
      server.socket.open();
      push(server);
      server.socket.close();
      const before = server.sockets.length;
      jest.advanceTimersByTime(1000);
      expect(server.sockets).toHaveLength(before + 1);
    });

    it('does not wait where the page comes back to the front', () => {
      server.socket.open();
      server.socket.close();
      page.show(true);
      expect(server.sockets).toHaveLength(2);
    });

    it('keeps the last reading and marks it old', () => {
      server.socket.open();
      push(server);
      server.socket.close();
      expect(live.stale).toBe(false);
      jest.advanceTimersByTime(6001);
      expect(live.stale).toBe(true);
      expect(live.reading?.devices).toHaveLength(1);
    });

    it('finds out that the server lacks the extension, and goes on trying', async () => {
      server.on('GET devices', { status: 404, text: 'not here' });
      server.socket.close();
      await settle();
      expect(live.state).toBe('no-extension');
      jest.advanceTimersByTime(1000);
      server.socket.open();
      expect(live.state).toBe('open');
    });

    it('shows data where only sockets are held up', async () => {
      server.socket.close();
      await settle();
      expect(live.state).toBe('closed');
      await settle();
      expect(live.reading?.devices).toHaveLength(1);
    });

    it('asks beside the socket where the server takes it and closes it again', async () => {
      server.socket.open();
      server.socket.close();
      expect(live.state).toBe('closed');
      await settle();
      await settle();
      expect(live.reading?.devices).toHaveLength(1);
    });

    it('is open where the socket stands before the question why it did not is answered', async () => {
      server.socket.close();
      jest.advanceTimersByTime(1000);
      server.socket.open();
      await settle();
      expect(live.state).toBe('open');
    });

    it('waits no shorter because the network came back', () => {
      server.socket.close();
      for (let turn = 0; turn < 3; turn += 1) {
        page.signal.emit();
        server.socket.close();
      }
      const before = server.sockets.length;
      jest.advanceTimersByTime(7999);
      expect(server.sockets).toHaveLength(before);
      jest.advanceTimersByTime(1);
      expect(server.sockets).toHaveLength(before + 1);
    });

    it('is noticed where the server falls silent', () => {
      server.socket.open();
      push(server);
      jest.advanceTimersByTime(15999);
      expect(live.state).toBe('open');
      jest.advanceTimersByTime(1);
      expect(live.state).toBe('closed');
      expect(server.socket.readyState).toBe(3);
      jest.advanceTimersByTime(1000);
      expect(server.sockets).toHaveLength(2);
    });

    it('is closed, no more, where the server does not answer at all', async () => {
      server.on('GET devices', new TypeError('no route'));
      server.socket.close();
      await settle();
      expect(live.state).toBe('closed');
    });
  });

  describe('a page that nobody sees', () => {
    it('is paused, and connects at once when it is seen again', () => {
      server.socket.open();
      page.show(false);
      jest.advanceTimersByTime(3000);
      expect(server.socket.readyState).toBe(3);
      expect(live.state).toBe('paused');
      jest.advanceTimersByTime(60000);
      expect(server.sockets).toHaveLength(1);
      page.show(true);
      expect(server.sockets).toHaveLength(2);
      expect(live.state).toBe('connecting');
    });

    it('leaves nothing running', () => {
      server.socket.open();
      push(server);
      page.show(false);
      // That the last reading becomes old is told, and nothing else.
      jest.advanceTimersByTime(6000);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('keeps its connection where the user only leafs through tabs', () => {
      server.socket.open();
      for (let turn = 0; turn < 5; turn += 1) {
        page.show(false);
        jest.advanceTimersByTime(1000);
        page.show(true);
      }
      jest.advanceTimersByTime(5000);
      expect(server.sockets).toHaveLength(1);
      expect(live.state).toBe('open');
    });

    it('makes no second connection while one is being made', () => {
      page.show(false);
      page.show(true);
      const opened = server.sockets.length;
      page.show(true);
      live.watch();
      expect(server.sockets).toHaveLength(opened);
      // The connection from before the pause is none of ours any more.
      server.sockets[0]!.open();
      expect(live.state).toBe('connecting');
      server.socket.open();
      expect(live.state).toBe('open');
    });

    it('makes no connection where it was never seen', () => {
      const other = new Page();
      other.hidden = true;
      const before = server.sockets.length;
      const unseen = new LiveModel(new Client(server.settings), other);
      jest.advanceTimersByTime(60000);
      expect(server.sockets).toHaveLength(before);
      expect(unseen.state).toBe('paused');
      unseen.dispose();
    });

    it('does not try again to reach a server that is gone', () => {
      server.socket.open();
      page.show(false);
      server.socket.close();
      jest.advanceTimersByTime(60000);
      expect(server.sockets).toHaveLength(1);
      expect(live.state).toBe('paused');
    });

    it('has a reading that is old until the first one comes', () => {
      server.socket.open();
      push(server);
      page.show(false);
      jest.advanceTimersByTime(60000);
      page.show(true);
      expect(live.stale).toBe(true);
      server.socket.open();
      push(server);
      expect(live.stale).toBe(false);
    });

    it('stays paused whatever a question from before is answered', async () => {
      server.socket.close();
      page.show(false);
      await settle();
      expect(live.state).toBe('paused');
    });

    it('stays connected while a panel is open', () => {
      server.socket.open();
      const watching = live.watch();
      page.show(false);
      expect(live.state).toBe('open');
      watching.dispose();
      jest.advanceTimersByTime(3000);
      expect(live.state).toBe('paused');
    });

    it('ends a watch once, however often it is disposed', () => {
      const first = live.watch();
      const second = live.watch();
      first.dispose();
      first.dispose();
      server.socket.open();
      page.show(false);
      expect(live.state).toBe('open');
      second.dispose();
      jest.advanceTimersByTime(3000);
      expect(live.state).toBe('paused');
    });
  });

  describe('receiving', () => {
    beforeEach(() => server.socket.open());

    it('keeps the identity of devices that did not change', () => {
      const [first, second] = [device({ index: 0 }), device({ index: 1 })];
      push(server, { devices: [first, second] });
      const before = live.reading!.devices;
      push(server, { taken_at: 'later', devices: [first, second] });
      expect(live.reading!.devices).toBe(before);
      push(server, { devices: [first, { ...second, temperature: 60 }] });
      expect(live.reading!.devices[0]).toBe(before[0]);
      expect(live.reading!.devices[1]).not.toBe(before[1]);
    });

    it('announces kernels and environments only where they changed', () => {
      const heard: string[] = [];
      live.kernelsChanged.connect(() => heard.push('kernels'));
      live.environmentsChanged.connect(() => heard.push('environments'));
      const told = [
        { type: 'kernels', data: kernels(kernel()) },
        {
          type: 'environments',
          data: environments(environment({ name: 'new' }))
        }
      ];
      told.forEach(message => server.socket.push(message));
      told.forEach(message => server.socket.push(message));
      expect(heard).toEqual(['kernels', 'environments']);
      server.socket.push({ type: 'kernels', data: kernels() });
      expect(heard).toEqual(['kernels', 'environments', 'kernels']);
    });

    it('announces places that could not be looked at where only these changed', () => {
      const answer = environments(environment());
      server.socket.push({ type: 'environments', data: answer });
      const problems = ['/data cannot be read'];
      const data = { ...answer, problems };
      server.socket.push({ type: 'environments', data });
      expect(live.environments?.problems).toEqual(problems);
    });

    it('keeps what was pushed while the server looked for an answer', async () => {
      // The question was asked as the socket opened.
      const data = environments(environment({ name: 'newer' }));
      server.socket.push({ type: 'environments', data });
      await settle();
      expect(live.environments?.environments[0]?.name).toBe('newer');
    });

    it('counts the age that a reading has when it comes', () => {
      push(server, { age: 5 });
      expect(live.stale).toBe(false);
      jest.advanceTimersByTime(1001);
      expect(live.stale).toBe(true);
      push(server);
      expect(live.stale).toBe(false);
      push(server, { age: 7 });
      expect(live.stale).toBe(true);
    });

    it('passes notices on', () => {
      const heard: string[] = [];
      live.noticed.connect((_, notice) => heard.push(notice.message));
      server.socket.push({ type: 'notice', message: 'Kept', level: 'warning' });
      expect(heard).toEqual(['Kept']);
    });

    it('is not disturbed by garbage and by kinds that it does not know', () => {
      const warn = jest.spyOn(console, 'warn').mockImplementation();
      server.socket.push('no json {');
      server.socket.push({ type: 'task', id: 1 });
      push(server);
      expect(live.reading).not.toBeNull();
      warn.mockRestore();
    });

    it('is silent once disposed', () => {
      const { socket } = server;
      live.dispose();
      socket.push({ type: 'reading', data: reading() });
      jest.advanceTimersByTime(60000);
      expect(live.reading).toBeNull();
      expect(server.sockets).toHaveLength(1);
    });
  });
});
