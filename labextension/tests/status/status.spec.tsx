import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { act, fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';

import type { Device, Driver, KernelUse } from '../../src/api';
import type { Display } from '../../src/display/model';
import { StatusModel } from '../../src/status/model';
import { StatusButton } from '../../src/status/widget';
import { TestLive, testDisplay } from '../fakes';
import { GIB, device, kernel, kernels, reading } from '../samples';
import { StandInServer } from '../server';
import { unbroken } from '../units';

const trans = nullTranslator.load('');
const four = [0, 1, 2, 3].map(index => device({ index }));
const [first, second, third] = four as [Device, Device, Device, Device];

class TestCurrent {
  id: string | null = null;
  readonly changed = new Signal<this, void>(this);

  become(id: string | null): void {
    this.id = id;
    this.changed.emit();
  }
}

function driver(status: Driver['status'], message: string | null = null) {
  return { ...reading().driver, status, message, advice: 'Do this.' };
}

describe('The status bar', () => {
  let live: TestLive;
  let display: Display;
  let current: TestCurrent;
  let model: StatusModel;
  let renders: number;
  const open = jest.fn();

  beforeEach(() => {
    live = new TestLive(new StandInServer());
    display = testDisplay(live);
    current = new TestCurrent();
    model = new StatusModel(live, display, current, trans);
    renders = 0;
    open.mockClear();
    render(
      <React.Profiler id="status" onRender={() => (renders += 1)}>
        <StatusButton model={model} open={open} trans={trans} />
      </React.Profiler>
    );
  });

  const button = () => screen.getByRole('button');
  const text = () => button().textContent;
  const tell = (devices: Device[], changes = {}) =>
    act(() => live.tellReading(reading({ devices, ...changes })));
  const run = (...uses: KernelUse[]) =>
    act(() => live.tellKernels(kernels(...uses)));
  const columns = () => document.querySelectorAll('svg > g').length;

  it('shows nothing before the first reading', () => {
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('shows the use of the one device', () => {
    tell([device()]);
    expect(text()).toBe(unbroken('GPU45 %·20.0 / 80.0 GiB'));
    expect(button().title).toBe(
      unbroken('GPU 0, NVIDIA H100: 45 % · 20.0 / 80.0 GiB · 54 °C')
    );
    expect(button().getAttribute('aria-label')).toBe(button().title);
    expect(columns()).toBe(1);
  });

  it('sums up several', () => {
    const busy = { gpu: 0.85, memory: null, encoder: null, decoder: null };
    tell([...four.slice(0, 3), device({ index: 3, utilization: busy })]);
    expect(text()).toBe(unbroken('4 GPUs55 %·80.0 / 320.0 GiB'));
    expect(button().title.split('\n')).toHaveLength(4);
    expect(columns()).toBe(4);
  });

  it('draws no more devices than can be told apart', () => {
    tell(Array.from({ length: 9 }, (_, index) => device({ index })));
    expect(text()).toContain('9 GPUs');
    expect(columns()).toBe(0);
  });

  it('has a dash for what is not known', () => {
    tell([device({ utilization: null, memory: null })]);
    expect(text()).toBe(unbroken('GPU–·– / – GiB'));
    const found = [...document.querySelectorAll('rect')];
    expect(found.map(rect => rect.getAttribute('height'))).toEqual(['1', '1']);
  });

  it('counts memory that MIG instances share with their GPU once', () => {
    const parent = device({ mig: true, utilization: null });
    const instances = ['MIG-1', 'MIG-2'].map(uuid =>
      device({ uuid, index: null, parent: parent.uuid, utilization: null })
    );
    tell([parent, ...instances]);
    expect(text()).toBe(unbroken('GPU–·20.0 / 80.0 GiB'));
  });

  it('uses the user’s units, and leaves out what the user hides', async () => {
    tell(four);
    await act(() => display.hide(second.uuid));
    expect(text()).toContain('3 GPUs');
    for (const { uuid } of four) {
      await act(() => display.hide(uuid));
    }
    expect(screen.queryByRole('button')).toBeNull();
  });

  describe('with a notebook in front', () => {
    beforeEach(() => tell(four));

    it('shows what its kernel was given', () => {
      run(kernel({ given: [second.uuid] }));
      expect(text()).toContain('4 GPUs');
      act(() => current.become('k1'));
      expect(text()).toBe(unbroken('GPU 145 %·20.0 / 80.0 GiB'));
      expect(button().title).toContain('Devices of this notebook’s kernel:');
      run(kernel({ given: [first.uuid, third.uuid] }));
      expect(text()).toBe(unbroken('2 of 4 GPUs45 %·40.0 / 160.0 GiB'));
      expect(columns()).toBe(2);
      act(() => current.become(null));
      expect(text()).toContain('4 GPUs');
    });

    it('shows what its kernel holds, where it was given all', () => {
      const use = { memory: GIB, utilization: null, unused_since: null };
      run(kernel({ devices: [{ uuid: third.uuid, ...use }] }));
      act(() => current.become('k1'));
      expect(text()).toContain('GPU 2');
    });

    it('shows all where its kernel has all, none, or is not known', () => {
      run(kernel({ given: null }), kernel({ id: 'k2', given: [] }));
      for (const id of ['k1', 'k2', 'k3']) {
        act(() => current.become(id));
        expect(text()).toContain('4 GPUs');
      }
    });

    it('still says which other device is lost', () => {
      tell([first, device({ index: 1, state: 'lost' }), third]);
      run(kernel({ given: [first.uuid] }));
      act(() => current.become('k1'));
      expect(text()).toBe(unbroken('GPU 045 %·20.0 / 80.0 GiB1 lost'));
      expect(button().title).toContain(
        'GPU 1, NVIDIA H100: The driver has lost'
      );
    });
  });

  describe('without what it should show', () => {
    it.each<[Driver['status'], string]>([
      ['not-loaded', 'GPU: driver not loaded'],
      ['library-mismatch', 'GPU: driver mismatch'],
      ['no-permission', 'GPU: no permission'],
      ['gpu-lost', 'GPU: lost'],
      ['not-answering', 'GPU: driver not answering'],
      ['error', 'GPU: driver error']
    ])('says what ails the driver: %s', (status, words) => {
      tell([], { driver: driver(status, 'The driver is ill.') });
      expect(text()).toBe(words);
      expect(button().title).toBe('The driver is ill.\nDo this.');
      expect(button().className).toContain('jp-mod-warning');
    });

    it('is quiet on a machine without a GPU', () => {
      tell([], { driver: driver('absent', 'There `is` none.') });
      expect(text()).toBe('no GPU');
      expect(button().className).toContain('jp-mod-quiet');
      expect(button().title).toContain('There is none.');
    });

    it('keeps the last figures of a driver that hangs in the title', () => {
      const devices = [device({ state: 'not-answering' })];
      tell(devices, { driver: driver('not-answering', 'It hangs.') });
      act(() => live.tellStale(true));
      expect(text()).toBe('GPU: driver not answering');
      expect(button().title).toMatch(/^It hangs\./);
      expect(button().title).toContain(unbroken('20.0 / 80.0 GiB'));
    });

    it('marks a lost device, and counts it out', () => {
      tell([first, device({ index: 1, state: 'lost', memory: null })], {
        driver: driver('gpu-lost')
      });
      expect(text()).toBe(unbroken('2 GPUs45 %·20.0 / 80.0 GiB1 lost'));
      expect(button().className).toContain('jp-mod-warning');
      expect(document.querySelectorAll('svg path')).toHaveLength(1);
    });

    it('says that the server’s part is missing', () => {
      act(() => live.tellState('no-extension'));
      expect(text()).toBe('GPU: server part missing');
      expect(button().title).toContain('install jupyter-tfgpu');
    });

    it('says that devices are simulated', () => {
      tell([device()], { simulated: true });
      expect(text()).toContain('simulated');
      expect(button().title).toContain('The devices are simulated.');
    });
  });

  describe('with old figures', () => {
    const dimmed = () => button().className.includes('jp-mod-stale');

    it('dims them and says why', () => {
      tell([device()]);
      expect(dimmed()).toBe(false);
      act(() => live.tellStale(true));
      expect(dimmed()).toBe(true);
      expect(button().title).toMatch(/^No new reading since .*/);
      act(() => live.tellState('closed'));
      expect(button().title).toMatch(/^Connection lost/);
    });

    it('takes a pause for no trouble', () => {
      tell([device()]);
      act(() => live.tellState('paused'));
      expect(dimmed()).toBe(false);
      act(() => live.tellState('connecting'));
      expect(dimmed()).toBe(false);
    });

    it('says that the server never answered', () => {
      act(() => live.tellState('closed'));
      expect(text()).toBe('GPU: no connection');
      expect(dimmed()).toBe(true);
    });
  });

  it('is drawn anew only where it says something else', () => {
    tell([device()]);
    const before = renders;
    tell([device()], { taken_at: 'later' });
    tell([device({ power: { usage: 200000, limit: 350000 } })]);
    tell([
      device({
        utilization: { gpu: 0.4509, memory: 0.9, encoder: null, decoder: null }
      })
    ]);
    run(kernel());
    expect(renders).toBe(before);
    tell([device({ temperature: 55 })]);
    expect(renders).toBe(before + 1);
  });

  it('opens the sidebar', () => {
    tell([device()]);
    fireEvent.click(button());
    expect(open).toHaveBeenCalledTimes(1);
  });

  it('can be turned off', () => {
    tell([device()]);
    act(() => {
      model.enabled = false;
    });
    expect(screen.queryByRole('button')).toBeNull();
    act(() => {
      model.enabled = true;
    });
    expect(text()).toContain('GPU');
  });
});
