import type { Finding, Fix } from '../api';

/** What a report is published as. */
export const MIME = 'application/vnd.jupyter-tfgpu.report+json';

/** The forms of a text that nobody sees but that change how the rest reads; a line's end is none. */
const UNSEEN = /[^\P{C}\n]/gu;
/** At most so much of an output is shown. */
const CHARACTERS = 4000;
const FINDINGS = 100;
const FIXES = 20;
const TEXTS = 50;

const SEVERITIES: readonly unknown[] = ['error', 'warning', 'info'];
const PLACES: readonly unknown[] = [
  'kernelspec',
  'terminal',
  'notebook',
  'host'
];

/** A fix as a notebook has it: something to read. */
export type SavedFix = Pick<Fix, 'title' | 'commands' | 'where'>;

/** A finding as a notebook has it: something to read. */
export type SavedFinding = Pick<
  Finding,
  'code' | 'severity' | 'framework' | 'title' | 'detail' | 'evidence'
> & { fixes: SavedFix[] };

/**
 * A report as a notebook has it. Anybody may have written it: it is text to
 * be shown, and names the kernel and the findings to ask the server about.
 */
export interface ISavedReport {
  /** The kernel that it says it is about; null: it names none. */
  readonly kernelId: string | null;
  readonly simulated: boolean;
  readonly environment: string | null;
  readonly summary: string;
  readonly findings: readonly SavedFinding[];
}

/** The report in an output, with the fields we know, each of its type; null where it is none. */
export function readSaved(data: unknown): ISavedReport | null {
  const report = record(data);
  if (report?.['schema'] !== 'tfgpu.report/1') {
    return null;
  }
  const { findings, kernel_id: kernelId, environment } = report;
  if (!Array.isArray(findings)) {
    return null;
  }
  return {
    kernelId: text(kernelId) || null,
    simulated: report['simulated'] === true,
    environment: text(record(environment)?.['name']) || null,
    summary: text(report['summary']),
    findings: findings.slice(0, FINDINGS).flatMap(readFinding)
  };
}

function readFinding(data: unknown): SavedFinding[] {
  const finding = record(data);
  const code = text(finding?.['code']);
  const title = text(finding?.['title']);
  if (
    !finding ||
    !code ||
    !title ||
    !SEVERITIES.includes(finding['severity'])
  ) {
    return [];
  }
  const { fixes } = finding;
  return [
    {
      code,
      title,
      severity: finding['severity'] as Finding['severity'],
      framework: text(finding['framework']) || null,
      detail: text(finding['detail']),
      evidence: texts(finding['evidence']),
      fixes: Array.isArray(fixes) ? fixes.slice(0, FIXES).flatMap(readFix) : []
    }
  ];
}

function readFix(data: unknown): SavedFix[] {
  const fix = record(data);
  if (!fix) {
    return [];
  }
  const { where } = fix;
  return [
    {
      title: text(fix['title']),
      commands: texts(fix['commands']),
      where: PLACES.includes(where) ? (where as Fix['where']) : 'terminal'
    }
  ];
}

function record(data: unknown): Record<string, unknown> | null {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
    ? (data as Record<string, unknown>)
    : null;
}

function texts(data: unknown): string[] {
  return Array.isArray(data)
    ? data.slice(0, TEXTS).map(text).filter(Boolean)
    : [];
}

/** A text without what turns the reading of others around; "" where it is none. */
export function text(data: unknown): string {
  return typeof data === 'string'
    ? data.slice(0, CHARACTERS).replace(UNSEEN, '')
    : '';
}
