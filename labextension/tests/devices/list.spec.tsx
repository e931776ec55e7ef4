import { act, fireEvent, screen, within } from '@testing-library/react';

import { GIB, device, kernel, kernels, reading } from '../samples';
import { card, holder, instance, showList } from './shown';
import { unbroken } from '../units';

const show = () => showList().live;

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
    expect(text).toContain('H100');
    expect(text).toContain(unbroken('20.0 / 80.0 GiB'));
    expect(text).toContain(unbroken('45 %'));
    expect(text).toContain(unbroken('54 °C'));
    expect(text).toContain(unbroken('120 / 350 W'));
    expect(card('GPU 1').textContent).toContain('L4');
    const bar = within(card()).getByRole('img', { name: /^Memory in use/ });
    expect(bar.getAttribute('aria-label')).toContain(
      unbroken('20.0 GiB of 80.0 GiB')
    );
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
      unbroken('– °C'),
      unbroken('– W')
    ]);
    const bar = within(card()).getByRole('img', {
      name: /memory .* not known/
    });
    expect(bar.children).toHaveLength(0);
  });

  it('name their holders: notebooks, commands, others', () => {
    const live = show();
    const holders = [
      holder({
        memory: 10 * GIB,
        kernel_id: 'k1',
        notebook: 'work/train.ipynb'
      }),
      holder({ pid: 2, memory: null, command: 'python serve.py' }),
      holder({ pid: 3, user: 'other' })
    ];
    const held = device({ holders, unattributed_memory: 2 * GIB });
    act(() => live.tellReading(reading({ devices: [held] })));
    const items = within(card()).getAllByRole('listitem');
    expect(items.map(item => item.textContent)).toEqual([
      unbroken('train.ipynb10.0 GiB'),
      'python serve.py–',
      unbroken('another user1.0 GiB'),
      unbroken('not visible from here2.0 GiB')
    ]);
  });

  it('link to the notebooks of this server', () => {
    const { live, commands } = showList();
    const execute = jest.spyOn(commands, 'execute').mockResolvedValue(null);
    const holders = [
      holder({ notebook: '/home/me/cats/a.ipynb', kernel_id: 'k1' }),
      holder({ pid: 2, notebook: '/elsewhere/b.ipynb', kernel_id: 'k2' })
    ];
    act(() => live.tellReading(reading({ devices: [device({ holders })] })));
    expect(screen.queryByRole('button', { name: /Open/ })).toBeNull();
    act(() =>
      live.tellKernels(
        kernels(
          kernel({ id: 'k1', notebook: 'cats/a.ipynb' }),
          kernel({ id: 'k2', notebook: '/elsewhere/b.ipynb' })
        )
      )
    );
    fireEvent.click(screen.getByRole('button', { name: 'Open a.ipynb' }));
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
    expect(within(card('GPU 1')).queryByRole('img')).toBeNull();
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
    act(() => live.tellReading(reading({ devices: [instance()] })));
    expect(card('MIG 12345678')).toBeTruthy();
  });
});

describe('Whose memory it is', () => {
  it('is explained, quietly, where it cannot be told in full', () => {
    const live = show();
    const message = 'Only the processes of this container can be seen.';
    const attribution = { regime: 'this-container' as const, message };
    act(() => live.tellReading(reading({ attribution })));
    const note = screen.getByText(/Only this container’s/).closest('details')!;
    expect(note.open).toBe(false);
    expect(note.textContent).toContain(message);
  });

  it('is not spoken of where it can', () => {
    const live = show();
    const attribution = { regime: 'every-process' as const, message: null };
    act(() => live.tellReading(reading({ attribution })));
    expect(document.querySelectorAll('.jp-tfgpu-Quiet')).toHaveLength(0);
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
      advice: 'Reboot, or run `sudo modprobe nvidia` and `<b>`.'
    };
    act(() => live.tellReading(reading({ driver, devices: [] })));
    const message = screen.getByRole('status');
    expect(message.textContent).toContain('The driver and its library differ.');
    expect(message.textContent).toContain(
      'Reboot, or run sudo modprobe nvidia and <b>.'
    );
    const marked = [...message.querySelectorAll('code')];
    expect(marked.map(code => code.textContent)).toEqual([
      'sudo modprobe nvidia',
      '<b>'
    ]);
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
    expect(card().closest('.jp-mod-stale')).toBeTruthy();
    act(() => live.tellStale(true));
    const explained = screen.getByText(driver.message);
    expect(explained.closest('.jp-mod-stale')).toBeNull();
    expect(card().closest('.jp-mod-stale')).toBeTruthy();
    expect(card().textContent).toContain(unbroken('20.0 / 80.0 GiB'));
    // It is told once, of the driver.
    expect(screen.getAllByRole('status')).toHaveLength(1);
    act(() => live.tellState('closed'));
    expect(screen.getByText(/Connection lost/)).toBeTruthy();
  });

  it('is told from a single device that does not answer', () => {
    const live = show();
    const devices = [device(), device({ index: 1, state: 'not-answering' })];
    act(() => live.tellReading(reading({ devices })));
    expect(card('GPU 1').textContent).toContain('does not answer');
    expect(card().textContent).not.toContain('does not answer');
    expect(card().closest('.jp-mod-stale')).toBeNull();
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
