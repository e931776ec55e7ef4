import { act, fireEvent, screen } from '@testing-library/react';

import { device, kernel } from '../samples';
import { unbroken } from '../units';
import { Page, turn } from './page';

const items = () =>
  [...document.querySelectorAll<HTMLElement>('.lm-Menu-item')].filter(
    item => item.dataset['type'] !== 'separator'
  );
const labels = () =>
  items().map(
    item => item.querySelector('.lm-Menu-itemLabel')?.textContent ?? ''
  );
const stateOf = (label: string) => {
  const item = items()[labels().findIndex(one => one.startsWith(label))]!;
  return {
    disabled: item.classList.contains('lm-mod-disabled'),
    checked: item.classList.contains('lm-mod-toggled')
  };
};

describe('The menu of a kernel', () => {
  let page: Page;

  beforeEach(() => {
    page = new Page().show();
    page.tell(kernel({ pin: device({ index: 1 }).uuid }));
  });

  afterEach(async () => {
    for (const menu of document.querySelectorAll('.lm-Menu')) {
      fireEvent.keyDown(menu, { keyCode: 27 });
    }
    await turn();
  });

  const open = () =>
    fireEvent.click(screen.getByRole('button', { name: /^Menu of/ }));

  it('has all that can be done with it', () => {
    open();
    expect(labels()).toEqual([
      'Open',
      'Interrupt',
      'Restart…',
      'Restart On',
      'Shut Down'
    ]);
  });

  it('opens where it is asked for, but for the browser’s own', () => {
    const row = document.querySelector('.jp-tfgpu-Kernel')!;
    fireEvent.contextMenu(row, { shiftKey: true });
    expect(items()).toEqual([]);
    fireEvent.contextMenu(row);
    expect(labels()).toContain('Shut Down');
  });

  it('names the devices with their free memory, and what is pinned', () => {
    open();
    for (let count = 0; count < 3; count += 1) {
      fireEvent.keyDown(document.activeElement!, { keyCode: 40 });
    }
    fireEvent.keyDown(document.activeElement!, { keyCode: 39 });
    expect(labels().slice(5)).toEqual([
      unbroken('GPU 0 · H100 · 60.0 / 80.0 GiB free'),
      unbroken('GPU 1 · H100 · 60.0 / 80.0 GiB free'),
      'auto · the freest GPU at each start',
      'none · the CPU alone'
    ]);
    expect(stateOf('GPU 0')).toEqual({ disabled: false, checked: false });
    expect(stateOf('GPU 1')).toEqual({ disabled: false, checked: true });
  });

  it('offers nothing more while something is under way', () => {
    act(() => {
      void page.underway.run('k1', 'restarting', () => new Promise(() => {}));
    });
    expect(screen.getByText('restarting…')).toBeTruthy();
    open();
    for (const label of ['Interrupt', 'Restart…', 'Restart On', 'Shut Down']) {
      expect(stateOf(label).disabled).toBe(true);
    }
    fireEvent.click(screen.getByRole('button', { name: /^Interrupt/ }));
    expect(page.server.requests.map(({ method }) => method)).not.toContain(
      'POST'
    );
  });

  it('opens the notebook', async () => {
    open();
    fireEvent.keyDown(document.activeElement!, { keyCode: 13 });
    await turn();
    expect(page.executed).toEqual([
      ['docmanager:open', { path: 'work/train.ipynb' }]
    ]);
  });
});
