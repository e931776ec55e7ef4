import { act, fireEvent } from '@testing-library/react';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { FreeResting } from '../../src/running/free';
import { Freeing } from '../../src/running/freeing';
import { freeButton, sortButton } from '../../src/running/head';
import { before, kernel } from '../samples';
import { Page, holds, trans, turn } from './page';

describe('In the head of the section', () => {
  let page: Page;
  const widgets: Widget[] = [];

  /** A widget in the page, as a button of it. */
  async function attach(widget: Widget): Promise<HTMLButtonElement> {
    widgets.push(widget);
    act(() => {
      Widget.attach(widget, document.body);
      MessageLoop.flush();
    });
    await turn();
    return widget.node.querySelector<HTMLButtonElement>('jp-button')!;
  }

  beforeEach(() => {
    page = new Page();
  });

  afterEach(async () => {
    act(() => widgets.splice(0).forEach(widget => widget.dispose()));
    await turn();
  });

  it('memory is freed where there is some to be freed', async () => {
    const { live, choices, display, jupyter, underway } = page;
    const freeing = new Freeing(live, jupyter, underway);
    const free = new FreeResting(
      live,
      choices,
      display,
      freeing,
      ({ id }) => id,
      trans
    );
    const ask = jest.spyOn(free, 'ask').mockResolvedValue();
    const button = await attach(freeButton(live, choices, free, trans));
    expect(button.disabled).toBe(true);
    expect(button.title).toBe(
      'No idle notebook holds GPU memory that it has not used for 10 min'
    );
    page.tell(
      kernel({ devices: [holds({ unused_since: before(3600), memory: 1 })] })
    );
    await turn();
    expect(button.disabled).toBe(false);
    expect(button.title).toBe(
      'Free the memory of notebooks that rest: 1 has not used its GPU for 10 min'
    );
    fireEvent.click(button);
    expect(ask).toHaveBeenCalledTimes(1);
    page.tell();
    await turn();
    expect(button.disabled).toBe(true);
  });

  it('the order is chosen', async () => {
    const button = await attach(sortButton(page.choices, trans));
    // As the Enter key does.
    fireEvent.keyDown(button, { key: 'Enter' });
    fireEvent.click(button);
    await turn();
    const items = () => [
      ...document.querySelectorAll<HTMLElement>('.lm-Menu-item')
    ];
    expect(items().map(item => item.textContent)).toEqual([
      'Most GPU memory first',
      'Longest unused first',
      'By name'
    ]);
    expect(
      items().map(item => item.classList.contains('lm-mod-toggled'))
    ).toEqual([true, false, false]);
    fireEvent.keyDown(document.activeElement!, { keyCode: 40 });
    fireEvent.keyDown(document.activeElement!, { keyCode: 13 });
    await turn();
    expect(page.choices.sort).toBe('unused');
  });
});
