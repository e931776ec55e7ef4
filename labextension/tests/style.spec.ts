import { readFileSync } from 'fs';
import { join } from 'path';

const STYLE = join(__dirname, '..', 'style');

/** The style sheets that a list of them names. */
function named(list: string): string[] {
  const text = readFileSync(join(STYLE, list), 'utf-8');
  return Array.from(
    text.matchAll(/'(?:\.\/)?([\w-]+\.css)'/g),
    found => found[1]!
  );
}

describe('style sheets', () => {
  it('are the same for a page that takes them as a module', () => {
    expect(named('index.js')).toEqual(named('index.css'));
    expect(named('index.js').length).toBeGreaterThan(5);
  });
});
