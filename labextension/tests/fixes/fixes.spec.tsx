import { act, fireEvent, render, screen } from '@testing-library/react';
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import type { Finding, Report } from '../../src/api';
import { ApiError } from '../../src/api';
import { ReportView } from '../../src/environments';
import { useFixes } from '../../src/fixes';
import type { IFixing } from '../../src/fixes';
import { REPORT } from '../environments/page';
import { TestFixing, answer } from './fixing';

const trans = nullTranslator.load('');

const FINDING: Finding = {
  code: 'gpu-hidden',
  severity: 'error',
  title: 'CUDA_VISIBLE_DEVICES hides every GPU',
  detail: 'It is -1.',
  framework: 'tensorflow',
  evidence: [],
  fixes: [
    {
      title: 'Take it out of the kernelspec',
      commands: ['jupyter tfgpu doctor --fix gpu-hidden'],
      where: 'kernelspec',
      automatic: true,
      sets: {},
      unsets: ['CUDA_VISIBLE_DEVICES'],
      repairs: null
    },
    {
      title: 'Take it out of the shell',
      commands: ['unset CUDA_VISIBLE_DEVICES'],
      where: 'terminal',
      automatic: false,
      sets: {},
      unsets: [],
      repairs: null
    }
  ]
};

const HIDDEN: Report = { ...REPORT, findings: [FINDING] };
const WELL: Report = {
  ...REPORT,
  verdict: 'ok',
  summary: 'Nothing found.',
  findings: []
};

/** A report that is well once it is read again. */
function Shown(props: { fixing: IFixing; next: Report }): React.ReactElement {
  const [report, setReport] = React.useState(HIDDEN);
  const fixes = useFixes(props.fixing, () => {
    setReport(props.next);
    return Promise.resolve();
  });
  return <ReportView report={report} fixes={fixes} trans={trans} />;
}

function show(fixing: IFixing, next: Report = WELL): void {
  render(<Shown fixing={fixing} next={next} />);
}

async function press(name: string): Promise<void> {
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name }));
    await Promise.resolve();
  });
}

const ask = () => press('Fix: Take it out of the kernelspec');
const buttons = () =>
  screen.queryAllByRole('button').map(button => button.textContent);

describe('A report', () => {
  it('has a button at the fix that can be applied from here, and none at others', () => {
    show(new TestFixing());
    expect(screen.getAllByRole('button', { name: /^Fix:/ })).toHaveLength(1);
    // Commands can be copied as before.
    expect(
      screen.getAllByRole('button', { name: 'Copy the command' })
    ).toHaveLength(2);
  });

  it('has none where nothing can be applied from here', () => {
    render(
      <Fixed
        report={{ ...HIDDEN, findings: REPORT.findings }}
        fixing={new TestFixing()}
      />
    );
    expect(screen.queryByRole('button', { name: /^Fix:/ })).toBeNull();
  });
});

/** A report that does not change. */
function Fixed(props: { report: Report; fixing: IFixing }): React.ReactElement {
  const fixes = useFixes(props.fixing, () => Promise.resolve());
  return <ReportView report={props.report} fixes={fixes} trans={trans} />;
}

describe('Fixing', () => {
  it('shows first what would be changed, and changes nothing', async () => {
    const fixing = new TestFixing();
    show(fixing);
    await ask();
    const group = screen.getByRole('group', { name: 'What is changed' });
    expect(group.textContent).toContain(
      'CUDA_VISIBLE_DEVICES in the kernelspec tfgpu-tf2'
    );
    expect(group.textContent).toContain('before-1afternot set');
    expect(document.activeElement?.textContent).toBe('Apply');
    expect(fixing.apply).not.toHaveBeenCalled();
  });

  it('is given up with Cancel, and the focus goes back', async () => {
    const fixing = new TestFixing();
    show(fixing);
    await ask();
    await press('Cancel');
    expect(screen.queryByRole('group')).toBeNull();
    expect(document.activeElement?.textContent).toBe('Fix…');
    expect(fixing.apply).not.toHaveBeenCalled();
  });

  it('applies what was shown, and reads the report again', async () => {
    const fixing = new TestFixing();
    show(fixing);
    await ask();
    await press('Apply');
    expect(fixing.apply).toHaveBeenCalledWith(FINDING, answer());
    expect(screen.queryByText(FINDING.title)).toBeNull();
    const done = screen.getByText(/^Applied: /).closest('.jp-tfgpu-FixDone');
    expect(done).toBe(document.activeElement);
  });

  it('can be undone, once', async () => {
    const fixing = new TestFixing();
    show(fixing);
    await ask();
    await press('Apply');
    await press('Undo: Take CUDA_VISIBLE_DEVICES out of the kernelspec');
    expect(fixing.undo.mock.calls[0]?.[0].id).toBe('abc');
    expect(screen.getByText(/^Taken back: /)).toBeTruthy();
    expect(screen.queryByRole('button', { name: /^Undo/ })).toBeNull();
  });

  it('says at the finding why it cannot be done', async () => {
    const fixing = new TestFixing();
    fixing.look.mockRejectedValue(
      new ApiError('It is set elsewhere.', 'not-ours', 409)
    );
    show(fixing);
    await ask();
    expect(screen.getByText('It is set elsewhere.')).toBeTruthy();
    expect(screen.queryByRole('group')).toBeNull();
  });

  it('asks anew where things have changed since they were shown', async () => {
    const fixing = new TestFixing();
    fixing.apply.mockRejectedValue(
      new ApiError('Things have changed.', 'changed-since', 409)
    );
    show(fixing);
    await ask();
    await press('Apply');
    expect(screen.getByText('Things have changed.')).toBeTruthy();
    expect(buttons()).not.toContain('Apply');
    await ask();
    expect(screen.queryByText('Things have changed.')).toBeNull();
    expect(buttons()).toContain('Apply');
  });

  it('says why it cannot be undone, and keeps the offer', async () => {
    const fixing = new TestFixing();
    fixing.undo.mockRejectedValue(
      new ApiError('It has been changed since.', 'changed-since', 409)
    );
    show(fixing);
    await ask();
    await press('Apply');
    await press('Undo: Take CUDA_VISIBLE_DEVICES out of the kernelspec');
    expect(screen.getByText('It has been changed since.')).toBeTruthy();
    expect(buttons()).toContain('Undo');
  });
});

describe('A fix of a running kernel', () => {
  const waits = { restart_needed: true, message: 'After its next restart.' };

  function kernel(busy = false) {
    return { busy, restart: jest.fn(() => Promise.resolve()) };
  }

  async function applied(fixing: TestFixing): Promise<void> {
    fixing.look.mockResolvedValue(answer(waits));
    show(fixing, HIDDEN);
    await ask();
    await press('Apply');
  }

  it('offers the restart that it waits for, which is asked for twice', async () => {
    const its = kernel();
    await applied(new TestFixing(its));
    // It is applied: until then the finding is about what was.
    expect(screen.queryByRole('button', { name: /^Fix:/ })).toBeNull();
    await press('Restart kernel…');
    expect(its.restart).not.toHaveBeenCalled();
    expect(screen.getByText(/Variables are lost/)).toBeTruthy();
    screen.getByRole('button', { name: 'Restart now' }).focus();
    await press('Restart now');
    expect(its.restart).toHaveBeenCalledTimes(1);
    expect(buttons()).not.toContain('Restart kernel…');
    // That button is gone; Escape and Tab still belong to the report.
    expect(document.activeElement?.className).toBe('jp-tfgpu-FixDone');
  });

  it('leaves it for later', async () => {
    const its = kernel(true);
    await applied(new TestFixing(its));
    await press('Restart kernel…');
    expect(screen.getByText(/the cell that runs now is ended/)).toBeTruthy();
    await press('Later');
    expect(its.restart).not.toHaveBeenCalled();
    expect(buttons()).toEqual(
      expect.arrayContaining(['Restart kernel…', 'Undo'])
    );
  });

  it('offers no restart where the report is about no kernel', async () => {
    await applied(new TestFixing());
    expect(screen.getByText('After its next restart.')).toBeTruthy();
    expect(buttons()).not.toContain('Restart kernel…');
  });

  it('that was applied before waits for the restart alone', async () => {
    const fixing = new TestFixing(kernel());
    fixing.look.mockResolvedValue(answer({ ...waits, changes: [] }));
    show(fixing);
    await ask();
    expect(fixing.apply).not.toHaveBeenCalled();
    expect(buttons()).toContain('Restart kernel…');
    expect(buttons()).not.toContain('Undo');
  });
});
