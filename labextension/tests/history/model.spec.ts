import { nullTranslator } from '@jupyterlab/translation';
import { DisposableDelegate } from '@lumino/disposable';

import type { Device } from '../../src/api';
import { Display } from '../../src/display/model';
import { HistoryModel } from '../../src/history/model';
import { TestLive } from '../fakes';
import { GIB, device, reading } from '../samples';
import { StandInServer, settle } from '../server';

const [first, second] = [device(), device({ index: 1 })];
const trans = nullTranslator.load('jupyter_tfgpu');

describe('The model of the history', () => {
  let server: StandInServer;
  let live: TestLive;
  let display: Display;
  let model: HistoryModel;
  let watches: number;
  let seconds: number;

  const tell = (...devices: Device[]) => {
    seconds += 2;
    const taken_at = new Date(seconds * 1000).toISOString();
    live.tellReading(reading({ taken_at, devices }));
  };
  const titles = () => model.lines.map(({ title }) => title);
  const drawn = () => model.drawn.map(({ title }) => title);

  beforeEach(() => {
    seconds = 1000;
    watches = 0;
    const column = [1, 1];
    const columns = {
      utilization: column,
      memory: column,
      temperature: column,
      power: column
    };
    server = new StandInServer({
      'GET history': {
        json: {
          times: [990, 992],
          devices: { 'GPU-abcdef01-2345': columns, [first.uuid]: columns }
        }
      }
    });
    live = new TestLive(server);
    live.watch = () => {
      watches += 1;
      return new DisposableDelegate(() => {
        watches -= 1;
      });
    };
    display = new Display(() => live.reading?.devices ?? []);
    model = new HistoryModel(live, display, trans);
  });

  afterEach(() => model.dispose());

  it('collects while nobody sees it, and announces nothing', async () => {
    const heard = jest.fn();
    model.changed.connect(heard);
    model.read.connect(heard);
    await settle();
    tell(first);
    expect(heard).not.toHaveBeenCalled();
    expect(watches).toBe(0);
    model.active = true;
    expect(heard).toHaveBeenCalled();
    expect(watches).toBe(1);
    expect([...model.feed.store.times]).toEqual([990, 992, 1002]);
    model.active = false;
    expect(watches).toBe(0);
  });

  describe('that somebody sees', () => {
    beforeEach(async () => {
      model.active = true;
      await settle();
      tell(first, second);
    });

    it('names the devices, and behind them those that the server remembers', () => {
      expect(titles()).toEqual(['GPU 0', 'GPU 1', 'GPU-abcdef01']);
      expect(model.lines.map(({ gone }) => gone)).toEqual([false, false, true]);
    });

    it('keeps the line of a device that disappeared, with its name and colour', () => {
      const before = model.lines[0];
      tell(second);
      expect(titles()).toEqual(['GPU 1', 'GPU 0', 'GPU-abcdef01']);
      expect(model.lines[1]).toEqual({ ...before, gone: true });
      expect(model.current(first.uuid, model.figures[0]!)).toBeNull();
    });

    it('has the same lines where nothing changed', () => {
      const { lines } = model;
      tell({ ...first, temperature: 60 }, second);
      expect(model.lines).toBe(lines);
    });

    it('shows the devices that the user wants, in the user’s order and units', async () => {
      await display.move(second.uuid, -1);
      expect(titles().slice(0, 2)).toEqual(['GPU 1', 'GPU 0']);
      expect(model.lines.map(({ number }) => number)).toEqual([1, 0, 2]);
      await display.hide(first.uuid);
      expect(titles()).toEqual(['GPU 1', 'GPU-abcdef01']);
    });

    it('turns lines on and off', () => {
      model.toggle(first.uuid);
      expect(drawn()).toEqual(['GPU 1', 'GPU-abcdef01']);
      model.toggle(first.uuid);
      expect(drawn()).toEqual(titles());
      model.only(second.uuid);
      expect(drawn()).toEqual(['GPU 1']);
      model.toggle(first.uuid);
      expect(drawn()).toEqual(['GPU 0', 'GPU 1']);
      model.all();
      expect(drawn()).toEqual(titles());
    });

    it('says the figures under the cursor, else the newest', () => {
      const memory = model.figures[1]!;
      tell(first, { ...second, memory: { ...second.memory!, used: GIB } });
      expect(model.current(second.uuid, memory)).toBe(GIB);
      model.pointAt(1002);
      expect(model.current(second.uuid, memory)).toBe(20 * GIB);
      model.pointAt(1001);
      expect(model.current(second.uuid, memory)).toBeNull();
    });

    it('knows the most that a drawn device can have', () => {
      const [utilization, memory, temperature, power] = model.figures;
      expect(model.limit(utilization!)).toBe(100);
      expect(model.limit(memory!)).toBe(80);
      expect(model.limit(temperature!)).toBe(0);
      expect(model.limit(power!)).toBe(350);
    });

    it('asks the server again after a lost connection, and after its clock was set back', async () => {
      expect(server.count('GET history')).toBe(1);
      live.tellState('closed');
      live.tellState('open');
      expect(await asked()).toBe(2);
      seconds = 500;
      tell(first);
      expect(await asked()).toBe(3);
    });

    it('says that the server did not tell, and goes on', async () => {
      server.on('GET history', { status: 500, json: { message: 'Broken' } });
      await model.feed.ask();
      expect((model.feed.error as Error).message).toBe('Broken');
      tell(first);
      expect(model.feed.store.last).toBe(seconds);
      server.on('GET history', { json: { times: [], devices: {} } });
      await model.feed.ask();
      expect(model.feed.error).toBeNull();
    });
  });

  async function asked(): Promise<number> {
    await settle();
    return server.count('GET history');
  }
});
