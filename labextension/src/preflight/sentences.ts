import type { TranslationBundle } from '@jupyterlab/translation';

import type { PreflightAnswer } from '../api';
import { frameworkName } from '../environments/names';

/** What a cell does. */
export function sentence(
  { trains, framework, imports }: PreflightAnswer,
  trans: TranslationBundle
): string {
  if (!trains) {
    return trans.__('It loads %1.', imports.map(frameworkName).join(', '));
  }
  return framework === null
    ? trans.__('It trains.')
    : trans.__('It trains with %1.', frameworkName(framework));
}

/** By which the user knows a cell again: the first line that is no comment and no magic. */
export function firstLine(code: string): string {
  const lines = code.split('\n').map(line => line.trim());
  return (
    lines.find(line => line !== '' && !/^[#%!]/.test(line)) ??
    lines.find(Boolean) ??
    ''
  );
}
