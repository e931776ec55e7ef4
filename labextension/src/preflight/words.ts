import type { PreflightQuestion, PreflightWords } from '../api';

/** The names that a cell gives to functions and classes. */
const DEFINED =
  /^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+([\p{L}_][\p{L}\p{N}_]*)/gmu;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/gu;

/**
 * Whether a cell is worth a question to the server: it has one of the words, or
 * a name that a cell above gives to what has one. Nothing is recognised here.
 */
export function isWorthAsking(
  { words, longest }: PreflightWords,
  code: string,
  earlier: readonly string[]
): boolean {
  if (code.length > longest) {
    return false;
  }
  const hasWord = (text: string) => words.some(word => text.includes(word));
  if (hasWord(code)) {
    return true;
  }
  const names = new Set<string>();
  const hasName = (text: string) => {
    return names.size > 0 && (text.match(NAME) ?? []).some(n => names.has(n));
  };
  for (const source of earlier) {
    if (source.length <= longest && (hasWord(source) || hasName(source))) {
      for (const [, name] of source.matchAll(DEFINED)) {
        // Every class has the methods of Python's own.
        if (name !== undefined && !name.startsWith('__')) {
          names.add(name);
        }
      }
    }
  }
  return hasName(code);
}

/**
 * The question with so much of the cells above as the server reads: those that
 * it would not judge are left empty, and the longest where it is still too much.
 */
export function withinLimit(
  question: PreflightQuestion,
  { limit, longest }: PreflightWords
): PreflightQuestion {
  const earlier = question.earlier.map(source =>
    source.length > longest ? '' : source
  );
  const cut = { ...question, earlier };
  let over = bytes(cut) - limit;
  while (over > 0 && earlier.some(Boolean)) {
    const longestOfAll = earlier.reduce(
      (found, source, index) =>
        source.length > earlier[found]!.length ? index : found,
      0
    );
    over -= bytes(earlier[longestOfAll]!) - bytes('');
    earlier[longestOfAll] = '';
  }
  return cut;
}

function bytes(value: unknown): number {
  return new Blob([JSON.stringify(value)]).size;
}
