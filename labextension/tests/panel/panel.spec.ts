import { nullTranslator } from '@jupyterlab/translation';
import { DisposableDelegate } from '@lumino/disposable';
import type { SplitPanel } from '@lumino/widgets';
import { Widget } from '@lumino/widgets';

import { GpuPanel } from '../../src/panel/panel';
import { TestLive } from '../fakes';
import { StandInServer } from '../server';

describe('The sidebar', () => {
  let live: TestLive;
  let panel: GpuPanel;
  let watches: number;

  beforeEach(() => {
    live = new TestLive(new StandInServer());
    watches = 0;
    live.watch = () => {
      watches += 1;
      return new DisposableDelegate(() => {
        watches -= 1;
      });
    };
    panel = new GpuPanel(live, nullTranslator);
  });

  afterEach(() => panel.dispose());

  it('orders its sections by rank, whichever comes first', () => {
    const [late, early, same] = [new Widget(), new Widget(), new Widget()];
    panel.addSection(late, 20);
    panel.addSection(early, 10);
    panel.addSection(same, 10);
    expect(panel.widgets).toEqual([early, same, late]);
  });

  it('gives each section the height of its shares', () => {
    panel.addSection(new Widget(), 20);
    panel.addSection(new Widget(), 10, 3);
    const content = panel.content as SplitPanel;
    expect(content.relativeSizes()).toEqual([0.75, 0.25]);
  });

  it('keeps the connection up while it is open, and no longer', () => {
    Widget.attach(panel, document.body);
    expect(watches).toBe(1);
    panel.hide();
    expect(watches).toBe(0);
    panel.show();
    expect(watches).toBe(1);
    Widget.detach(panel);
    expect(watches).toBe(0);
  });

  it('has a caption, which Notebook makes its menu entry', () => {
    expect(panel.title.caption).toBe('GPUs');
  });
});
