import { Client } from '../../src/api';
import { LiveReport, LiveReports } from '../../src/report/live';
import { StandInServer, settle } from '../server';
import { HIDDEN, report } from './samples';
import { TestSession } from './session';

const ROUTE = 'GET kernels/k1/report';

describe('The report on a session’s kernel', () => {
  let server: StandInServer;
  let session: TestSession;
  let live: LiveReport;

  function follow(): void {
    live = new LiveReport(new Client(server.settings), session.itself);
  }

  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(console, 'debug').mockImplementation();
    server = new StandInServer({ [ROUTE]: { json: report(HIDDEN) } });
    session = new TestSession();
    follow();
  });

  afterEach(() => {
    live.dispose();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const codes = () => live.now.report?.findings.map(finding => finding.code);
  const pass = (milliseconds: number) =>
    jest.advanceTimersByTimeAsync(milliseconds);

  it('is read once somebody wants it, and once', async () => {
    await settle();
    expect(server.requests).toHaveLength(0);
    live.want('k1');
    live.want('k1');
    await pass(60_000);
    expect(codes()).toEqual([HIDDEN.code]);
    expect(server.requests).toHaveLength(1);
  });

  it('is not asked for of a kernel that is not this session’s', async () => {
    live.want('k2');
    live.want('../../api/shutdown');
    await pass(60_000);
    expect(server.requests).toHaveLength(0);
    expect(live.now.report).toBeNull();
  });

  it('is asked for again while it is being made, not for ever', async () => {
    server.on(ROUTE, {
      status: 404,
      json: { message: 'Not yet', reason: 'no-report', detail: {} }
    });
    live.want('k1');
    await pass(600);
    expect(live.now.report).toBeNull();
    server.on(ROUTE, { json: report(HIDDEN) });
    await pass(600);
    expect(codes()).toEqual([HIDDEN.code]);

    server.on(ROUTE, new Error('no network'));
    session.changeKernel(null);
    session.changeKernel('k1');
    await pass(120_000);
    expect(live.now.report).toBeNull();
    expect(server.count(ROUTE)).toBeLessThan(20);
  });

  it('is asked for once of a server that lacks our part', async () => {
    server.on(ROUTE, { status: 404, json: { message: 'Not Found' } });
    live.want('k1');
    await pass(60_000);
    expect(server.requests).toHaveLength(1);
  });

  it('is the last one until that on the next start is made', async () => {
    live.want('k1');
    await settle();
    session.changeStatus('restarting');
    await pass(600);
    expect(codes()).toEqual([HIDDEN.code]);
    session.changeStatus('starting');
    session.changeStatus('idle');
    server.on(ROUTE, { json: report() });
    const settled = jest.fn();
    void live.settled().then(settled);
    await pass(1200);
    expect(codes()).toEqual([]);
    expect(settled).toHaveBeenCalled();
    const asked = server.count(ROUTE);
    await pass(60_000);
    expect(server.count(ROUTE)).toBe(asked);
  });

  it('is not asked for anew where it came before the kernel was up', async () => {
    live.want('k1');
    await settle();
    server.on(ROUTE, { json: report() });
    session.changeStatus('restarting');
    await pass(600);
    expect(codes()).toEqual([]);
    const asked = server.count(ROUTE);
    session.changeStatus('unknown');
    session.changeStatus('starting');
    session.changeStatus('idle');
    await live.settled();
    await pass(60_000);
    expect(server.count(ROUTE)).toBe(asked);
  });

  it('is not asked for any more once its kernel has ended', async () => {
    live.want('k1');
    await settle();
    session.changeStatus('restarting');
    await pass(600);
    const asked = server.count(ROUTE);
    session.changeStatus('dead');
    const settled = jest.fn();
    void live.settled().then(settled);
    await pass(60_000);
    expect(server.count(ROUTE)).toBe(asked);
    expect(settled).toHaveBeenCalled();
  });

  it('is gone with its kernel', async () => {
    live.want('k1');
    await settle();
    session.changeStatus('dead');
    expect(live.now).toEqual({ kernelId: null, known: true, report: null });
    session.changeKernel('k2');
    expect(live.now).toEqual({ kernelId: 'k2', known: true, report: null });
    await pass(60_000);
    expect(server.count('GET kernels/k2/report')).toBe(0);
  });

  it('is not known before the session is', async () => {
    session = new TestSession(null);
    session.isReady = false;
    follow();
    expect(live.now).toEqual({ kernelId: null, known: false, report: null });
    live.want('k1');
    session.isReady = true;
    session.changeKernel('k1');
    await settle();
    expect(codes()).toEqual([HIDDEN.code]);
  });

  it('is one for all outputs of a notebook, and ends with its session', async () => {
    const reports = new LiveReports(new Client(server.settings));
    const first = reports.of(session.itself);
    expect(reports.of(session.itself)).toBe(first);
    expect(reports.of(new TestSession().itself)).not.toBe(first);
    session.disposed.emit(undefined);
    expect(first.isDisposed).toBe(true);
    first.want('k1');
    await settle();
    expect(first.now.report).toBeNull();
    await first.settled();
  });
});
