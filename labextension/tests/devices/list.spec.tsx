import { nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { act, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import { ReadingHistory } from '../../src/devices/history';
import { DeviceList } from '../../src/devices/list';
import { ServerNotebooks } from '../../src/devices/notebooks';
import { TestLive, testDisplay } from '../fakes';
import { GIB, device, kernel, kernels, reading } from '../samples';
import { StandInServer } from '../server';

const trans = nullTranslator.load('');

const execute = jest.fn();

function show(): TestLive {
  const history = { json: { times: [], devices: {} } };
  const live = new TestLive(new StandInServer({ 'GET history': history }));
  const commands = { execute } as unknown as CommandRegistry;
  render(
    <DeviceList
      live={live}
      history={new ReadingHistory(live)}
      notebooks={new ServerNotebooks(live, commands)}
      display={testDisplay(live)}
      trans={trans}
    />
  );
  return live;
}

const card = (name = 'GPU 0') => screen.getByRole('region', { name });

describe('The devices', () => {
  it('are waited for', () => {
    show();
    expect(screen.getByRole('note').textContent).toMatch(/Waiting/);
  });

  it('have a card each with name and figures', () => {
    const live = show();
    const devices = [device(), device({ index: 1, name: 'NVIDIA L4' })];
    act(() => live.tellReading(reading({ devices })));
    const text = card().textContent;
    expect(text).toContain('NVIDIA H100');
    expect(text).toContain('20.0 / 80.0 GiB');
    expect(text).toContain('45 %');
    expect(text).toContain('54 °C');
    expect(text).toContain('120 / 350 W');
    expect(card('GPU 1').textContent).toContain('NVIDIA L4');
    const bar = within(card()).getByRole('progressbar', { name: 'Memory' });
    expect(bar.getAttribute('aria-valuenow')).toBe('25');
  });

  it('show a dash for what is not known', () => {
    const live = show();
    const unknown = device({
      memory: null,
      utilization: null,
      temperature: null,
      power: null
    });
    act(() => live.tellReading(reading({ devices: [unknown] })));
    const numbers = [...card().querySelectorAll('.jp-tfgpu-Number')];
    expect(numbers.map(number => number.textContent)).toEqual([
      '–',
      '–',
      '– °C',
      '– W'
    ]);
    const bar = within(card()).getByRole('progressbar');
    expect(bar.hasAttribute('aria-valuenow')).toBe(false);
  });

  it('name their holders: notebooks, commands, others', () => {
    const live = show();
    const base = {
      kernel_id: null,
      notebook: null,
      command: null,
      user: null,
      utilization: null
    };
    const holders = [
      { ...base, pid: 1, memory: 10 * GIB, notebook: 'work/train.ipynb' },
      { ...base, pid: 2, memory: null, command: 'python serve.py' },
      { ...base, pid: 3, memory: GIB, user: 'other' as const }
    ];
    const held = device({ holders, unattributed_memory: 2 * GIB });
    act(() => live.tellReading(reading({ devices: [held] })));
    const items = within(card()).getAllByRole('listitem');
    expect(items.map(item => item.textContent)).toEqual([
      'train.ipynb10.0 GiB',
      'python serve.py–',
      'another user1.0 GiB',
      'not visible from here2.0 GiB'
    ]);
  });

  it('link to the notebooks of this server', () => {
    const live = show();
    const base = {
      pid: 1,
      memory: GIB,
      command: null,
      user: 'me' as const,
      utilization: null
    };
    const holders = [
      { ...base, notebook: '/home/me/cats/a.ipynb', kernel_id: 'k1' },
      { ...base, pid: 2, notebook: '/elsewhere/b.ipynb', kernel_id: 'k2' }
    ];
    act(() => live.tellReading(reading({ devices: [device({ holders })] })));
    expect(within(card()).queryByRole('button')).toBeNull();
    act(() =>
      live.tellKernels(
        kernels(
          kernel({ id: 'k1', notebook: 'cats/a.ipynb' }),
          kernel({ id: 'k2', notebook: '/elsewhere/b.ipynb' })
        )
      )
    );
    fireEvent.click(within(card()).getByRole('button'));
    expect(execute).toHaveBeenCalledWith('docmanager:open', {
      path: 'cats/a.ipynb'
    });
  });

  it('say so where they are not allotted or lost', () => {
    const live = show();
    const devices = [
      device({ allotted: false }),
      device({ index: 1, state: 'lost', memory: null })
    ];
    act(() => live.tellReading(reading({ devices })));
    expect(card().textContent).toContain('not allotted');
    expect(within(card('GPU 1')).getByRole('status').textContent).toMatch(
      /lost/
    );
    expect(within(card('GPU 1')).queryByRole('progressbar')).toBeNull();
  });

  it('are plainly marked where they are simulated', () => {
    const live = show();
    act(() => live.tellReading(reading()));
    expect(screen.queryByText('Simulated devices')).toBeNull();
    act(() => live.tellReading(reading({ simulated: true })));
    expect(screen.getByText('Simulated devices')).toBeTruthy();
  });

  it('that are MIG instances go by their UUID', () => {
    const live = show();
    const instance = device({
      index: null as unknown as number,
      uuid: 'MIG-12345678-90',
      parent: 'GPU-1'
    });
    act(() =>
      live.tellReading(reading({ devices: [{ ...instance, index: null }] }))
    );
    expect(card('MIG 12345678')).toBeTruthy();
  });
});

describe('A driver that does not work', () => {
  it('is explained with what to do', () => {
    const live = show();
    const driver = {
      status: 'library-mismatch' as const,
      version: null,
      cuda_version: null,
      message: 'The driver and its library differ.',
      advice: 'Reboot, or reload the kernel module.'
    };
    act(() => live.tellReading(reading({ driver, devices: [] })));
    const message = screen.getByRole('status').textContent;
    expect(message).toContain('The driver and its library differ.');
    expect(message).toContain('Reboot');
  });

  it('and one that works but has something to say are both heard', () => {
    const live = show();
    const driver = { ...reading().driver, message: 'Its files were replaced.' };
    act(() => live.tellReading(reading({ driver })));
    expect(screen.getByRole('status').textContent).toContain('replaced');
    expect(screen.queryAllByRole('region').length).toBeGreaterThan(0);
  });

  it('that hangs is explained above the dimmed figures that it gave last', () => {
    const live = show();
    const driver = {
      ...reading().driver,
      status: 'not-answering' as const,
      message: 'The driver has not answered for 12 s.'
    };
    const devices = [device({ state: 'not-answering' })];
    act(() => live.tellReading(reading({ driver, devices })));
    act(() => live.tellStale(true));
    const explained = screen.getByText(driver.message);
    expect(explained.closest('.jp-mod-stale')).toBeNull();
    expect(card().closest('.jp-mod-stale')).toBeTruthy();
    expect(card().textContent).toContain('does not answer');
    expect(card().textContent).toContain('20.0 / 80.0 GiB');
  });

  it('is no error where there is none', () => {
    const live = show();
    const driver = {
      ...reading().driver,
      status: 'absent' as const,
      message: 'No NVIDIA driver is installed.'
    };
    act(() => live.tellReading(reading({ driver, devices: [] })));
    expect(screen.getByRole('note').textContent).toContain('No NVIDIA driver');
  });

  it('that works and lists nothing says that', () => {
    const live = show();
    act(() => live.tellReading(reading({ devices: [] })));
    expect(screen.getByRole('note').textContent).toContain('lists no device');
  });
});

describe('Old data', () => {
  const dimmed = () => document.querySelector('.jp-mod-stale') !== null;

  it('is dimmed and says since when', () => {
    const live = show();
    act(() => live.tellReading(reading()));
    expect(dimmed()).toBe(false);
    act(() => live.tellStale(true));
    expect(dimmed()).toBe(true);
    expect(screen.getByRole('status').textContent).toContain('03:22');
    act(() => live.tellStale(false));
    expect(dimmed()).toBe(false);
  });

  it('says that the connection is lost', () => {
    const live = show();
    act(() => live.tellReading(reading()));
    act(() => live.tellState('closed'));
    expect(dimmed()).toBe(true);
    expect(screen.getByRole('status').textContent).toMatch(/Connection lost/);
  });

  it('gives way to a clear sentence where the server lacks the extension', () => {
    const live = show();
    act(() => live.tellState('no-extension'));
    expect(screen.getByRole('status').textContent).toMatch(
      /install jupyter-tfgpu/
    );
  });
});

describe('Nothing new', () => {
  it('renders nothing', () => {
    const live = show();
    const one = reading();
    const renders = jest.fn();
    // Full histories of equal values look the same, whatever comes.
    act(() => {
      for (let turn = 0; turn < 61; turn += 1) {
        live.tellReading({ ...one });
      }
    });
    const observer = new MutationObserver(renders);
    observer.observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true
    });
    act(() => live.tellReading({ ...one, taken_at: 'later' }));
    expect(observer.takeRecords()).toEqual([]);
    act(() =>
      live.tellReading({ ...one, devices: [device({ temperature: 99 })] })
    );
    expect(observer.takeRecords().length).toBeGreaterThan(0);
    observer.disconnect();
  });
});
