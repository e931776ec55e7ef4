import { Clipboard, Notification } from '@jupyterlab/apputils';
import { act, fireEvent, screen, within } from '@testing-library/react';

import type { Device } from '../../src/api';
import { GIB, device, reading } from '../samples';
import { card, holder, instance, showList } from './shown';
import type { IShown } from './shown';
import { unbroken } from '../units';

function show(...devices: Device[]): IShown {
  const list = showList();
  act(() => list.live.tellReading(reading({ devices })));
  return list;
}

const text = (element: Element | null) => element?.textContent ?? null;
const badges = (name?: string) =>
  [...card(name).querySelectorAll('.jp-tfgpu-Badge')] as HTMLElement[];

describe('Who holds memory', () => {
  const holders = [
    holder({ memory: 10 * GIB, kernel_id: 'k1', notebook: 'a/train.ipynb' }),
    holder({ pid: 2, memory: 5 * GIB, command: 'python serve.py' })
  ];
  const held = device({ holders, unattributed_memory: 5 * GIB });
  const rows = () => within(card()).getAllByRole('listitem');
  const parts = () =>
    [...card().querySelectorAll('.jp-tfgpu-Bar-part')] as HTMLElement[];
  const lit = () =>
    [...parts(), ...rows()].map(one => /lit/.test(one.className));

  it('is read out of the bar', () => {
    show(held);
    expect(
      within(card())
        .getByRole('img', { name: /^Memory in/ })
        .getAttribute('aria-label')
    ).toBe(
      unbroken(
        'Memory in use: 20.0 GiB of 80.0 GiB. train.ipynb: 10.0 GiB; python serve.py: 5.0 GiB; not visible from here: 5.0 GiB; free: 60.0 GiB.'
      )
    );
  });

  it('has the colour of its stretch beside its name', () => {
    show(held);
    const swatch = rows()[0]?.querySelector<HTMLElement>('.jp-tfgpu-Swatch');
    const color = (element?: HTMLElement | null) =>
      element?.style.getPropertyValue('--jp-tfgpu-holder');
    expect(color(swatch)).toBe('var(--jp-tfgpu-holder-0)');
    expect(color(parts()[0])).toBe(color(swatch));
    expect(color(parts()[1])).toBe('');
  });

  it('is shown in the bar where its row is pointed at, and the reverse', () => {
    show(held);
    const [, second] = rows();
    fireEvent.mouseEnter(second as HTMLElement);
    expect(lit()).toEqual([false, true, false, false, false, true, false]);
    fireEvent.mouseLeave(second as HTMLElement);
    fireEvent.mouseEnter(parts()[2] as HTMLElement);
    expect(lit()).toEqual([false, false, true, false, false, false, true]);
    fireEvent.mouseLeave(parts()[0]?.parentElement as HTMLElement);
    expect(lit()).not.toContain(true);
  });

  it('says how much of the device each uses, where that is known', () => {
    show(device({ holders: [holder({ utilization: 0.42 })] }));
    expect(text(rows()[0] ?? null)).toContain(unbroken('42 %'));
    const name = rows()[0]?.querySelector('.jp-tfgpu-Holder-name');
    expect(name?.getAttribute('title')).toContain(
      unbroken('Utilization: 42 %')
    );
  });

  it('says why a process’s memory is a dash', () => {
    show(device({ holders: [holder({ memory: null })] }));
    const figure = within(rows()[0] as HTMLElement).getByText('–');
    expect(figure.title).toMatch(/does not tell .* WSL2/);
  });

  it('is not taken for the process that is listed where the driver does not tell', () => {
    show(device({ holders: [holder({ memory: null })] }));
    expect(text(rows()[1] ?? null)).toBe(
      unbroken('in use, not told by whom20.0 GiB')
    );
    fireEvent.mouseEnter(parts()[0] as HTMLElement);
    expect(lit()).toEqual([true, false, false, true]);
    expect(parts()[0]?.className).toContain('jp-mod-used');
  });

  it('lists many processes when asked to, and remembers that', () => {
    const many = Array.from({ length: 9 }, (_, pid) => holder({ pid }));
    const crowded = device({ holders: many, unattributed_memory: 0 });
    const { live } = show(crowded);
    expect(rows()).toHaveLength(5);
    fireEvent.click(screen.getByRole('button', { name: '5 more processes' }));
    expect(rows()).toHaveLength(10);
    act(() => live.tellReading(reading({ devices: [device()] })));
    act(() => live.tellReading(reading({ devices: [crowded] })));
    fireEvent.click(screen.getByRole('button', { name: 'Show fewer' }));
    expect(rows()).toHaveLength(5);
  });
});

describe('What is unusual', () => {
  it('is nothing where nothing slows the device, or nobody knows', () => {
    show(device({ throttle: [] }), device({ index: 1, throttle: null }));
    expect(badges()).toEqual([]);
    expect(badges('GPU 1')).toEqual([]);
  });

  it('is told with its reasons, each explained', () => {
    show(device({ throttle: ['power', 'thermal'] }));
    const [badge] = badges();
    expect(text(badge ?? null)).toBe('slowed: heat, power limit');
    expect(badge?.title).toMatch(
      /heat: It is too hot.*\npower limit: .* limit/
    );
    expect(badge?.className).toContain('jp-mod-degraded');
  });

  it('is no alarm at the power limit, which is usual at full load', () => {
    show(device({ throttle: ['power'] }));
    expect(badges()[0]?.className).toContain('jp-mod-muted');
  });

  it('is a reason that a newer server names', () => {
    show(device({ throttle: ['gremlins'] }));
    expect(text(badges()[0] ?? null)).toBe('slowed: gremlins');
  });

  it('is an error that ECC could not correct, and no other', () => {
    show(
      device({ ecc: { corrected: 7, uncorrected: 0 } }),
      device({ index: 1, ecc: { corrected: 0, uncorrected: 2 } })
    );
    expect(badges()).toEqual([]);
    expect(text(badges('GPU 1')[0] ?? null)).toBe('2 memory errors');
  });
});

describe('Details', () => {
  const facts = () =>
    Object.fromEntries(
      [...card().querySelectorAll('dl > div')].map(line => [
        text(line.querySelector('dt')),
        text(line.querySelector('dd'))
      ])
    ) as { [name: string]: string };
  const button = () => screen.getByRole('button', { name: 'Details' });

  it('open, and stay open while the page lives', () => {
    const { live } = show(device());
    expect(facts()).toEqual({});
    fireEvent.click(button());
    expect(button().getAttribute('aria-expanded')).toBe('true');
    act(() => live.tellReading(reading({ devices: [] })));
    act(() => live.tellReading(reading()));
    expect(facts()['Fan']).toBe('–');
    fireEvent.click(button());
    expect(facts()).toEqual({});
  });

  it('have all that is known', () => {
    show(
      device({
        fan: 0.45,
        clocks: { sm: 1410, memory: 1215, max_sm: 1980, max_memory: null },
        pcie: { rx: 3 * GIB, tx: 300_000 },
        nvlink: [
          { link: 0, rx: GIB, tx: 0 },
          { link: 1, rx: GIB, tx: null }
        ],
        ecc: { corrected: 4, uncorrected: null },
        throttle: [],
        performance_state: 2,
        energy: 9_000_000
      })
    );
    fireEvent.click(button());
    expect(facts()).toEqual({
      'Slowed by': 'nothing',
      Fan: unbroken('45 %'),
      Clock: unbroken('1410 / 1980 MHz'),
      'Memory clock': unbroken('1215 MHz'),
      'Memory busy': unbroken('20 %'),
      'PCIe in / out': unbroken('3.0 GiB/s / 0.3 MiB/s'),
      'NVLink in / out': unbroken('2.0 GiB/s / –'),
      'ECC errors': '4 / –',
      'Reserved memory': '–',
      'Compute capability': '9.0',
      'Performance state': 'P2',
      'Energy used': unbroken('3 Wh'),
      UUID: device().uuid
    });
  });
});

describe('A device divided into MIG instances', () => {
  const divided = device({
    mig: true,
    utilization: { gpu: null, memory: null, encoder: null, decoder: null }
  });

  it('says why its utilization is a dash, and so do its instances', () => {
    show(divided, instance());
    for (const one of [card(), card('MIG 12345678')]) {
      const dash = one.querySelector('.jp-tfgpu-Reason') as HTMLElement;
      expect(text(dash)).toBe('–');
      expect(dash.title).toContain('MIG');
    }
  });

  it('has them below it, with the profile in their name', () => {
    show(divided, instance());
    expect(card('MIG 12345678').className).toContain('jp-mod-nested');
    expect(text(card('MIG 12345678'))).toContain('1g.5gb');
  });

  it('and an instance whose GPU is not there stands by itself', () => {
    show(instance({ parent: 'GPU-elsewhere' }));
    expect(card('MIG 12345678').className).not.toContain('jp-mod-nested');
  });
});

describe('The line of the last readings', () => {
  it('opens the history where that is installed', () => {
    const { commands } = show(device());
    const name = 'Show the history of GPU 0';
    expect(screen.queryByRole('button', { name })).toBeNull();
    const execute = jest.fn();
    act(() => {
      commands.addCommand('tfgpu:open-history', {
        execute,
        describedBy: { args: {} }
      });
    });
    fireEvent.click(screen.getByRole('button', { name }));
    expect(execute).toHaveBeenCalledWith({ uuid: device().uuid });
  });
});

describe('The menu of a device', () => {
  const devices = [0, 1, 2].map(index => device({ index }));
  const order = () =>
    screen.getAllByRole('region').map(one => one.getAttribute('aria-label'));
  const line = (name: string) => {
    const items = [...document.querySelectorAll<HTMLElement>('.lm-Menu-item')];
    return items.find(item => text(item)?.includes(name)) as HTMLElement;
  };
  const open = (index: number) => {
    const name = `Menu of GPU ${index}`;
    fireEvent.click(screen.getByRole('button', { name }));
  };
  /** Takes the line of the open menu that begins with this letter. */
  const take = (letter: string) =>
    act(async () => {
      const menu = document.querySelector('.lm-Menu') as HTMLElement;
      fireEvent.keyDown(menu, { keyCode: letter.charCodeAt(0) });
      fireEvent.keyDown(menu, { keyCode: 13 });
      await new Promise(resolve => setTimeout(resolve));
    });

  afterEach(() => {
    document.querySelectorAll('.lm-Menu').forEach(menu => menu.remove());
  });

  it('is opened with the right button too', () => {
    show(...devices);
    fireEvent.contextMenu(card('GPU 1'));
    expect(line('Hide')).toBeTruthy();
    expect(line('History')).toBeUndefined();
  });

  it('does not offer to move the first up or the last down', () => {
    const { tools } = show(...devices);
    const [first, , last] = devices as [Device, Device, Device];
    expect(tools.actions.canMove(first, -1)).toBe(false);
    expect(tools.actions.canMove(first, 1)).toBe(true);
    expect(tools.actions.canMove(last, 1)).toBe(false);
    expect(tools.actions.canMove(instance(), 1)).toBe(false);
  });

  it('moves and hides, and all come back', async () => {
    const { tools } = show(...devices);
    act(() => tools.actions.move(device().uuid, 1));
    expect(order()).toEqual(['GPU 1', 'GPU 0', 'GPU 2']);
    act(() => tools.actions.hide(device().uuid));
    act(() => tools.actions.hide(device({ index: 2 }).uuid));
    expect(order()).toEqual(['GPU 1']);
    expect(screen.getByText(/2 devices hidden/)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Show all' }));
    expect(order()).toEqual(['GPU 1', 'GPU 0', 'GPU 2']);
    expect(screen.queryByText(/hidden/)).toBeNull();
  });

  it('says where the settings could not be written', async () => {
    const { tools, display } = show(...devices);
    const warning = jest.spyOn(Notification, 'warning');
    jest.spyOn(console, 'warn').mockImplementation();
    jest.spyOn(display, 'hide').mockRejectedValue(new Error('read only'));
    await act(async () => tools.actions.hide(device().uuid));
    expect(warning.mock.calls[0]?.[0]).toMatch(/could not be written/);
  });

  it('runs the line that is taken', async () => {
    show(...devices);
    open(1);
    await take('H');
    expect(document.querySelector('.lm-Menu')).toBeNull();
    expect(order()).toEqual(['GPU 0', 'GPU 2']);
    // What had the focus is gone: the way back gets it.
    expect(document.activeElement?.textContent).toBe('Show all');
  });

  it('copies the UUID, and gives the focus back to its button', async () => {
    const copy = jest.spyOn(Clipboard, 'copyToSystem').mockImplementation();
    show(...devices);
    open(1);
    await take('C');
    expect(copy).toHaveBeenCalledWith(device({ index: 1 }).uuid);
    expect(document.activeElement?.getAttribute('aria-label')).toBe(
      'Menu of GPU 1'
    );
    act(() => Notification.dismiss());
  });
});

describe('Many devices', () => {
  const devices = Array.from({ length: 5 }, (_, index) => device({ index }));
  const row = (index: number) =>
    screen.getByRole('button', { name: new RegExp(`^GPU ${index},`) });

  it('are rows, each in a sentence', () => {
    show(
      ...devices.slice(1),
      device({ throttle: ['thermal'] }),
      device({ index: 9, state: 'lost', memory: null })
    );
    expect(row(0).getAttribute('aria-label')).toBe(
      unbroken(
        'GPU 0, H100, utilization 45 %, memory 20.0 / 80.0 GiB, 54 °C, slowed: heat'
      )
    );
    expect(row(9).getAttribute('aria-label')).toBe('GPU 9, H100, lost');
    expect(text(row(9))).toContain('lost');
  });

  it('leave out what is usual at full load', () => {
    const others = devices.slice(2);
    const limited = device({ throttle: ['power'], allotted: false });
    show(limited, device({ index: 1, throttle: ['hardware'] }), ...others);
    expect(badges().map(text)).toEqual(['not allotted']);
    expect(badges('GPU 1').map(text)).toEqual(['slowed: hardware']);
    fireEvent.click(row(0));
    expect(badges().map(text)).toEqual(['slowed: power limit', 'not allotted']);
  });

  it('open to cards and close again, and the focus stays', () => {
    show(...devices);
    expect(text(card('GPU 3'))).not.toContain('Utilization');
    const button = row(3);
    button.focus();
    fireEvent.click(button);
    expect(button.getAttribute('aria-expanded')).toBe('true');
    expect(text(card('GPU 3'))).toContain('Utilization');
    expect(document.activeElement).toBe(button);
    fireEvent.click(button);
    expect(text(card('GPU 3'))).not.toContain('Utilization');
  });

  it('that are MIG instances have less to show: more of them fit', () => {
    const instances = ['a', 'b', 'c'].map(uuid => instance({ uuid }));
    show(device({ mig: true }), ...instances, device({ index: 1 }));
    expect(screen.queryByRole('button', { name: /^GPU 0,/ })).toBeNull();
  });

  it('are cards where the user wants that', () => {
    const { display } = show(...devices);
    jest.spyOn(display, 'density', 'get').mockReturnValue('cards');
    act(() => void display.hide(devices[4]?.uuid ?? ''));
    expect(screen.queryByRole('button', { name: /^GPU 0,/ })).toBeNull();
  });
});
