import { act, render } from '@testing-library/react';
import * as React from 'react';

import type { KernelUse } from '../../src/api';
import * as menu from '../../src/running/state';
import { GIB, before, kernel } from '../samples';
import { Page, rows, holds } from './page';

jest.mock('../../src/running/state', () => {
  const actual = jest.requireActual<typeof menu>('../../src/running/state');
  // Each row shows its state as it is rendered.
  return { ...actual, State: jest.fn(actual.State) };
});

const states = jest.mocked(menu.State);
const COUNT = 100;

/** Kernels as they come from the socket: new objects each time, the first of them at work. */
function made(turn: number, changes: Partial<KernelUse> = {}): KernelUse[] {
  return Array.from({ length: COUNT }, (_, index) =>
    kernel({
      id: `k${index}`,
      notebook: `work/run${index}.ipynb`,
      last_used: index === 0 ? before(-turn) : null,
      devices: [
        holds({
          memory: (1 + index) * GIB + turn * 4096,
          utilization: 0.5 + turn / 10_000,
          unused_since: before(index === 0 ? -turn : 30)
        })
      ],
      ...(index === 7 ? changes : {})
    })
  );
}

describe(`Of ${COUNT} kernels`, () => {
  let page: Page;
  const commits = jest.fn();

  beforeEach(() => {
    page = new Page();
    render(
      <React.Profiler id="kernels" onRender={commits}>
        {page.element}
      </React.Profiler>
    );
    page.tell(...made(0));
    states.mockClear();
    commits.mockClear();
  });

  it('nothing is rendered where nothing changed that can be seen', () => {
    expect(rows()).toHaveLength(COUNT);
    for (let turn = 1; turn <= 20; turn += 1) {
      page.tellAt(turn, ...made(turn));
    }
    expect(commits).not.toHaveBeenCalled();
  });

  it('the one that changed is rendered, and no other', () => {
    page.tellAt(1, ...made(1, { state: 'busy' }));
    expect(states).toHaveBeenCalledTimes(1);
  });

  it('what is done with one renders that one', () => {
    act(() => {
      void page.underway.run('k7', 'restarting', () => new Promise(() => {}));
    });
    expect(states).toHaveBeenCalledTimes(1);
  });

  it('no row is rendered as the time without use goes on', () => {
    page.tellAt(40, ...made(40));
    expect(states).not.toHaveBeenCalled();
    expect(rows()[0]?.textContent).toContain('unused for 1 min');
  });

  it('those two are rendered between which the focus moves', () => {
    act(() => rows()[1]!.querySelector('button')!.focus());
    expect(states).toHaveBeenCalledTimes(2);
  });
});
