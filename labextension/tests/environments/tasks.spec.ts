import { NotificationManager } from '@jupyterlab/apputils';

import { TaskNotifier } from '../../src/environments/notifier';
import { Tasks } from '../../src/environments/tasks';
import { TestLive } from '../fakes';
import { task } from '../samples';
import { StandInServer, settle } from '../server';
import { TestEnvironments, trans } from './page';

describe('The tasks', () => {
  it('that run already are asked for, and those that ended meanwhile are followed to their end', async () => {
    const server = new StandInServer({
      'GET tasks': {
        json: { tasks: [task(), task({ id: 'old', state: 'failed' })] }
      }
    });
    const live = new TestLive(server);
    const tasks = new Tasks(live);
    await settle();
    expect([...tasks.all.keys()]).toEqual(['t1']);

    live.tellState('closed');
    server.on('GET tasks', { json: { tasks: [task({ state: 'done' })] } });
    live.tellState('open');
    await settle();
    expect(tasks.all.get('t1')?.state).toBe('done');
  });

  it('that have ended are not brought back by an older answer', () => {
    const live = new TestLive(new StandInServer());
    const tasks = new Tasks(live);
    live.tasked.emit(task({ state: 'done' }));
    tasks.follow(task());
    expect(tasks.all.get('t1')?.state).toBe('done');
  });

  it('keep their identity where nothing changed', () => {
    const live = new TestLive(new StandInServer());
    const tasks = new Tasks(live);
    live.tasked.emit(task());
    const before = tasks.all;
    live.tasked.emit(task());
    expect(tasks.all).toBe(before);
  });
});

describe('A task while the panel is closed', () => {
  let environments: TestEnvironments;
  let manager: NotificationManager;
  const place = { isVisible: false, open: jest.fn() };
  const told = () =>
    manager.notifications.map(({ message, type, options }) => [
      type,
      message,
      options.progress
    ]);

  beforeEach(() => {
    place.isVisible = false;
    environments = new TestEnvironments();
    manager = new NotificationManager();
    new TaskNotifier(environments, manager, place, trans);
  });

  it('is told with its progress, then how it ended', () => {
    environments.tellTask(task());
    environments.tellTask(task({ progress: 0.5 }));
    expect(told()).toEqual([['in-progress', task().title, 0.5]]);
    environments.tellTask(task({ state: 'done', message: 'It is there.' }));
    expect(told()).toEqual([['success', 'It is there.', undefined]]);
  });

  it('that fails says why, and opens the panel', () => {
    environments.tellTask(task());
    environments.tellTask(task({ state: 'failed', message: 'No route.' }));
    expect(told()).toEqual([
      ['error', `${task().title}: No route.`, undefined]
    ]);
    manager.notifications[0]!.options.actions![0]!.callback(
      {} as unknown as MouseEvent
    );
    expect(place.open).toHaveBeenCalled();
  });

  it('is not told twice once the panel is open', () => {
    environments.tellTask(task());
    place.isVisible = true;
    environments.tellTask(task({ progress: 0.5 }));
    expect(told()).toEqual([]);
    environments.tellTask(task({ state: 'failed' }));
    expect(told()).toEqual([]);
  });

  it('that the user has closed is told no more until it ends', () => {
    environments.tellTask(task());
    manager.dismiss(manager.notifications[0]!.id);
    environments.tellTask(task({ progress: 0.5 }));
    expect(told()).toEqual([]);
  });

  it('that was cancelled says nothing', () => {
    environments.tellTask(task());
    environments.tellTask(task({ state: 'cancelled' }));
    expect(told()).toEqual([]);
  });
});
