import { act, fireEvent, screen, within } from '@testing-library/react';

import {
  GIB,
  before,
  device,
  environment,
  environments,
  kernel,
  kernelspec
} from '../samples';
import { unbroken } from '../units';
import { Page, rowNames, rows, holds } from './page';

const ID = 'abcdef01-2345';

describe('The running kernels', () => {
  let page: Page;

  beforeEach(() => {
    page = new Page().show();
  });

  it('are waited for, and there may be none', () => {
    expect(screen.getByText('Waiting for the kernels…')).toBeTruthy();
    page.tell();
    expect(screen.getByText(/^No kernel is running\./)).toBeTruthy();
  });

  it('cannot be listed without the server part', () => {
    act(() => page.live.tellState('no-extension'));
    expect(screen.getByText(/^Without the server part/)).toBeTruthy();
  });

  it('are dimmed where they are old', () => {
    page.tell(kernel());
    const list = () => document.querySelector('.jp-tfgpu-List')!.classList;
    expect(list().contains('jp-mod-stale')).toBe(false);
    act(() => page.live.tellState('closed'));
    expect(list().contains('jp-mod-stale')).toBe(true);
    act(() => page.live.tellState('open'));
    act(() => page.live.tellStale(true));
    expect(list().contains('jp-mod-stale')).toBe(true);
  });

  it('are called by their notebooks, the path beside', () => {
    page.tell(kernel());
    const name = screen.getByRole('button', { name: 'Open train.ipynb' });
    expect(name.title).toBe('work/train.ipynb');
  });

  it('are called by their kernelspec where they have no notebook', () => {
    page.tell(
      kernel({ id: ID, notebook: null, kernelspec: 'tfgpu-tf2' }),
      kernel({ id: 'b', notebook: '/home/me/console-1-d3', kernelspec: null })
    );
    expect(rowNames()).toEqual(['Kernel b', 'tfgpu-tf2 abcdef01']);
    page.tellEnvironments({
      ...environments(environment()),
      kernelspecs: [kernelspec({ display_name: 'TF 2' })]
    });
    expect(rowNames()).toEqual(['Kernel b', 'TF 2 abcdef01']);
    // The environment is the kernelspec's.
    expect(rows()[1]?.textContent).toContain('tf2 · all GPUs');
  });

  it('say their environment, what they have and what they get next', () => {
    page.tell(
      kernel({
        environment: 'abcdef012345',
        given: [device().uuid],
        pin: device({ index: 1 }).uuid,
        restart_needed: true,
        verdict: 'degraded',
        state: 'busy'
      })
    );
    expect(rows()[0]?.textContent).toContain('python3 · GPU 0 → GPU 1');
    page.tellEnvironments(environments(environment()));
    expect(rows()[0]?.textContent).toContain('tf2 · GPU 0 → GPU 1');
    expect(screen.getByText('warnings')).toBeTruthy();
    expect(screen.getByText('busy')).toBeTruthy();
  });

  it('are not said to be ready where there is nothing to train with', () => {
    page.tell(kernel({ environment: 'abcdef012345', verdict: 'ok' }));
    expect(screen.getByText('ready')).toBeTruthy();
    page.tellEnvironments(environments(environment({ frameworks: [] })));
    expect(screen.queryByText('ready')).toBeNull();
  });

  it('say of which device they hold and use how much', () => {
    page.tell(
      kernel({
        devices: [
          holds(),
          holds({
            uuid: device({ index: 1 }).uuid,
            memory: null,
            utilization: null
          })
        ]
      })
    );
    const devices = within(
      screen.getByRole('list', { name: 'Memory and utilization by device' })
    ).getAllByRole('listitem');
    expect(devices.map(({ textContent }) => textContent)).toEqual([
      unbroken('GPU 011.0 GiB50 %'),
      'GPU 1––'
    ]);
    const [own, others] =
      devices[0]!.querySelectorAll<HTMLElement>('.jp-tfgpu-Bar-part');
    // 11 of 80 GiB, and 9 of others.
    expect(own?.style.flexBasis).toBe('13.8%');
    expect(others?.style.flexBasis).toBe('11.0%');
  });

  it('have the colour that they have on the devices', () => {
    page.tell(kernel({ devices: [holds()] }));
    const bar = document.querySelector<HTMLElement>('.jp-tfgpu-Bar')!;
    expect(bar.style.getPropertyValue('--jp-tfgpu-holder')).toBe(
      page.tools.colors.of('k1')
    );
  });

  it('say for how long they have used nothing, as time goes on', () => {
    const resting = kernel({ devices: [holds({ unused_since: before(50) })] });
    page.tell(resting);
    expect(screen.queryByText(/unused/)).toBeNull();
    page.tellAt(670, resting);
    expect(screen.getByText('unused for 12 min')).toBeTruthy();
    page.tellAt(672, kernel({ devices: [holds({ unused_since: null })] }));
    expect(screen.queryByText(/unused/)).toBeNull();
  });

  it('say which of their devices they have not used', () => {
    const other = {
      ...holds({ unused_since: before(900) }),
      uuid: device({ index: 1 }).uuid
    };
    page.tell(kernel({ devices: [holds(), other] }));
    expect(screen.getByText('GPU 1 unused for 15 min')).toBeTruthy();
    page.tellAt(120, kernel({ devices: [holds(), other] }));
    expect(screen.getByText('unused for 2 min')).toBeTruthy();
  });

  it('tell what is wrong, code marked', () => {
    page.tell(
      kernel({
        note: 'The GPU of the pin is gone.',
        warnings: ['`b.ipynb` fills GPU 0.']
      })
    );
    expect(screen.getByText('The GPU of the pin is gone.')).toBeTruthy();
    expect(screen.getByText('b.ipynb').tagName).toBe('CODE');
  });

  it('of other servers stand below, and nothing can be done with them', () => {
    page.tell(
      kernel({
        id: 'b',
        server: 'http://127.0.0.1:8889/',
        state: null,
        notebook: '/home/me/other.ipynb',
        devices: [holds({ memory: 70 * GIB })]
      }),
      kernel()
    );
    expect(rowNames()).toEqual(['train.ipynb', 'other.ipynb']);
    const other = within(
      screen.getByRole('list', { name: /^Of your other servers/ })
    );
    expect(other.getByText('http://127.0.0.1:8889/')).toBeTruthy();
    expect(other.queryAllByRole('button')).toEqual([]);
    fireEvent.contextMenu(other.getByText('other.ipynb'));
    expect(document.querySelector('.lm-Menu')).toBeNull();
  });

  describe('are in an order', () => {
    const small = kernel({
      id: 'a',
      notebook: 'a.ipynb',
      devices: [holds({ memory: GIB, unused_since: before(900) })]
    });
    const large = kernel({ id: 'b', notebook: 'b.ipynb', devices: [holds()] });
    const grown = { ...small, devices: [holds({ memory: 40 * GIB })] };

    it('that the user chooses', () => {
      page.tell(small, large);
      expect(rowNames()).toEqual(['b.ipynb', 'a.ipynb']);
      act(() => void page.choices.choose('unused'));
      expect(rowNames()).toEqual(['a.ipynb', 'b.ipynb']);
    });

    it('that stays while one of them is pointed at', () => {
      page.tell(small, large);
      const list = document.querySelector('.jp-tfgpu-List')!;
      fireEvent.mouseEnter(list);
      page.tell(grown, large);
      expect(rowNames()).toEqual(['b.ipynb', 'a.ipynb']);
      fireEvent.mouseLeave(list);
      expect(rowNames()).toEqual(['a.ipynb', 'b.ipynb']);
    });

    it('that stays while one of them has the focus', () => {
      page.tell(small, large);
      const name = screen.getByRole('button', { name: 'Open a.ipynb' });
      act(() => name.focus());
      page.tell(grown, large);
      expect(rowNames()).toEqual(['b.ipynb', 'a.ipynb']);
      act(() => name.blur());
      expect(rowNames()).toEqual(['a.ipynb', 'b.ipynb']);
    });
  });

  describe('by the keyboard', () => {
    const press = (key: string) =>
      fireEvent.keyDown(document.activeElement!, { key });
    const focused = () => document.activeElement?.getAttribute('aria-label');
    const tabbable = () =>
      [...document.querySelectorAll('button')]
        .filter(button => button.tabIndex === 0)
        .map(button => button.getAttribute('aria-label'));

    beforeEach(() => {
      page.tell(
        ...['a', 'b', 'c'].map(id => kernel({ id, notebook: `${id}.ipynb` }))
      );
    });

    it('one row alone is on the way of the Tab key', () => {
      const row = (id: string) => [
        `Open ${id}.ipynb`,
        `Interrupt ${id}.ipynb`,
        `Restart ${id}.ipynb`,
        `Shut down ${id}.ipynb`,
        `Menu of ${id}.ipynb`
      ];
      expect(tabbable()).toEqual(row('a'));
      act(() => screen.getByLabelText('Open b.ipynb').focus());
      expect(tabbable()).toEqual(row('b'));
    });

    it('the arrow keys go from row to row and along it', () => {
      act(() => screen.getByLabelText('Open a.ipynb').focus());
      press('ArrowDown');
      expect(focused()).toBe('Open b.ipynb');
      press('ArrowRight');
      press('ArrowRight');
      expect(focused()).toBe('Restart b.ipynb');
      press('ArrowDown');
      expect(focused()).toBe('Restart c.ipynb');
      press('ArrowDown');
      expect(focused()).toBe('Restart c.ipynb');
      press('Home');
      expect(focused()).toBe('Restart a.ipynb');
      press('ArrowLeft');
      press('End');
      expect(focused()).toBe('Interrupt c.ipynb');
      press('ArrowUp');
      expect(focused()).toBe('Interrupt b.ipynb');
    });

    it('the focus is not lost with a row that goes', () => {
      act(() => screen.getByLabelText('Shut down b.ipynb').focus());
      page.tell(kernel({ id: 'a', notebook: 'a.ipynb' }));
      expect(document.activeElement?.className).toBe('jp-tfgpu-List');
      press('ArrowDown');
      expect(focused()).toBe('Open a.ipynb');
    });
  });
});
