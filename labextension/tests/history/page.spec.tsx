import { nullTranslator } from '@jupyterlab/translation';
import {
  act,
  cleanup,
  fireEvent,
  render,
  screen
} from '@testing-library/react';
import * as React from 'react';

import { Display } from '../../src/display/model';
import { HistoryModel } from '../../src/history/model';
import { HistoryPage } from '../../src/history/page';
import { TestLive } from '../fakes';
import { device, reading } from '../samples';
import { StandInServer, settle } from '../server';
import { unbroken } from '../units';

interface IPlot {
  data: ArrayLike<number>[];
  scales: Record<string, { min: number; max: number }>;
  focused: number | null;
  gone: boolean;
}

const mockPlots: IPlot[] = [];

// jsdom has no canvas: what is drawn is checked as it is handed to uPlot.
jest.mock(
  'uplot',
  () =>
    class {
      constructor() {
        mockPlots.push(this);
      }
      over = document.createElement('div');
      data: ArrayLike<number>[] = [];
      scales: IPlot['scales'] = {};
      focused: number | null = null;
      gone = false;
      batch(run: () => void) {
        run();
      }
      setData(data: ArrayLike<number>[]) {
        this.data = data;
      }
      setScale(key: string, ends: { min: number; max: number }) {
        this.scales[key] = ends;
      }
      setSeries(index: number | null) {
        this.focused = index;
      }
      setSize() {}
      destroy() {
        this.gone = true;
      }
    }
);

describe('The history tab', () => {
  const [first, second] = [device(), device({ index: 1 })];
  let server: StandInServer;
  let live: TestLive;
  let model: HistoryModel;
  let seconds: number;

  const tell = (changes = {}) =>
    act(() => {
      seconds += 2;
      const taken_at = new Date(seconds * 1000).toISOString();
      const devices = [first, second];
      live.tellReading(reading({ taken_at, devices, ...changes }));
    });
  const plots = () => mockPlots.filter(({ gone }) => !gone);
  const charts = () => screen.queryAllByRole('img');
  const button = (name: string | RegExp) =>
    screen.getByRole('button', { name });

  beforeEach(async () => {
    mockPlots.length = 0;
    seconds = 1000;
    server = new StandInServer({
      'GET history': { json: { times: [], devices: {} } }
    });
    live = new TestLive(server);
    model = new HistoryModel(
      live,
      new Display(() => []),
      nullTranslator.load('jupyter_tfgpu')
    );
    model.active = true;
    await act(async () => {
      render(<HistoryPage model={model} group="test" theme={0} />);
      await settle();
    });
  });

  afterEach(() => {
    cleanup();
    model.dispose();
  });

  it('waits for the first reading', () => {
    expect(screen.getByText(/Waiting for the first reading/)).toBeTruthy();
    expect(charts()).toHaveLength(0);
  });

  it('says why there are no devices', () => {
    const driver = {
      ...reading().driver,
      status: 'absent' as const,
      message: 'No driver.',
      advice: 'Install one.'
    };
    tell({ devices: [], driver });
    expect(screen.getByText('No driver.')).toBeTruthy();
    expect(screen.getByText('Install one.')).toBeTruthy();
    expect(charts()).toHaveLength(0);
  });

  it('draws four figures with a line for each device', () => {
    tell();
    tell();
    expect(charts()).toHaveLength(4);
    expect(plots()).toHaveLength(4);
    const [utilization, memory] = plots();
    expect([...Array.from(utilization!.data[0]!)]).toEqual([1002, 1004]);
    expect(utilization!.data.slice(1).map(one => one[1])).toEqual([45, 45]);
    expect(memory!.data[1]![0]).toBe(20);
    expect(memory!.scales).toEqual({
      x: { min: 1004 - 300, max: 1004 },
      y: { min: 0, max: 80 }
    });
  });

  it('says in words what each chart shows', () => {
    tell();
    expect(charts()[0]!.getAttribute('aria-label')).toMatch(
      /GPU 0: 45\s%, lowest 45\s%, highest 45\s%\. GPU 1/
    );
  });

  it('turns a line off and on with its button', () => {
    tell();
    const row = button('GPU 1');
    expect(row.getAttribute('aria-pressed')).toBe('true');
    fireEvent.click(row);
    expect(row.getAttribute('aria-pressed')).toBe('false');
    expect(plots().map(({ data }) => data.length)).toEqual([2, 2, 2, 2]);
    fireEvent.click(button('All devices'));
    expect(plots().map(({ data }) => data.length)).toEqual([3, 3, 3, 3]);
    fireEvent.click(row, { shiftKey: true });
    expect(button('GPU 0').getAttribute('aria-pressed')).toBe('false');
  });

  it('lets the line of the focused row stand out', () => {
    tell();
    fireEvent.focus(button('GPU 1'));
    expect(plots().map(({ focused }) => focused)).toEqual([2, 2, 2, 2]);
    fireEvent.blur(button('GPU 1'));
    expect(plots().map(({ focused }) => focused)).toEqual([
      null,
      null,
      null,
      null
    ]);
  });

  it('shows the figures of the newest reading beside each device', () => {
    tell();
    const cells = [...document.querySelectorAll('tbody tr:first-child td')];
    expect(cells.map(cell => cell.textContent)).toEqual([
      unbroken('45 %'),
      unbroken('20.0 GiB'),
      unbroken('54 °C'),
      unbroken('120 W')
    ]);
  });

  it('changes the time shown with its buttons, and with the keys on a chart', () => {
    tell();
    fireEvent.click(button('15 min'));
    expect(plots()[0]!.scales.x).toEqual({ min: 102, max: 1002 });
    expect(button('15 min').getAttribute('aria-pressed')).toBe('true');
    fireEvent.click(button('5 min'));
    expect(plots()[0]!.scales.x).toEqual({ min: 702, max: 1002 });
    expect(button('5 min').getAttribute('aria-pressed')).toBe('true');
    expect(button('Reset zoom').getAttribute('aria-disabled')).toBe('true');
    fireEvent.keyDown(charts()[0]!, { key: 'ArrowLeft' });
    expect(plots()[3]!.scales.x).toEqual({ min: 672, max: 972 });
    expect(button('Reset zoom').getAttribute('aria-disabled')).toBe('false');
    tell();
    expect(plots()[0]!.scales.x).toEqual({ min: 672, max: 972 });
    fireEvent.keyDown(charts()[0]!, { key: 'Escape' });
    expect(plots()[0]!.scales.x).toEqual({ min: 704, max: 1004 });
  });

  it('shows more time as there is more to show', () => {
    tell();
    expect(button('5 min').getAttribute('aria-pressed')).toBe('true');
    seconds += 400;
    tell();
    expect(button('15 min').getAttribute('aria-pressed')).toBe('true');
    expect(plots()[0]!.scales.x).toEqual({ min: 504, max: 1404 });
  });

  it('says that what was before is missing, and asks again', async () => {
    tell();
    server.on('GET history', { status: 500, json: { message: 'Broken' } });
    await act(() => model.feed.ask());
    expect(screen.getByText(/Broken/)).toBeTruthy();
    expect(charts()).toHaveLength(4);
    server.on('GET history', { json: { times: [], devices: {} } });
    await act(async () => {
      fireEvent.click(button('Try again'));
      await settle();
    });
    expect(screen.queryByText(/Broken/)).toBeNull();
  });

  it('says that the connection is lost, and since when', () => {
    tell();
    act(() => live.tellState('closed'));
    expect(screen.getByText(/Connection lost/)).toBeTruthy();
    expect(charts()).toHaveLength(4);
  });

  it('says once that the driver does not answer', () => {
    tell();
    act(() => live.tellStale(true));
    expect(screen.getByText(/No new reading since/)).toBeTruthy();
    const status = 'not-answering' as const;
    tell({
      driver: { ...reading().driver, status, message: 'Does not answer.' }
    });
    expect(screen.getByText('Does not answer.')).toBeTruthy();
    expect(screen.queryByText(/No new reading since/)).toBeNull();
  });

  it('marks simulated devices', () => {
    tell({ simulated: true });
    expect(screen.getByText('Simulated devices')).toBeTruthy();
  });
});
