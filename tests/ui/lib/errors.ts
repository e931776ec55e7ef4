import type { BrowserContext } from '@playwright/test';
import { expect } from '@playwright/test';

/** How a message of ours, or one that our files are to blame for, is known. */
const OURS = /jupyter-tfgpu|tfgpu/;

/** What a test that watches the browser's console gets: our errors so far. */
export interface IErrors {
  errors: string[];
}

/**
 * A fixture for `test.extend`: at the end of a test the browser's console holds no error of ours. A test
 * that provokes one takes it out of the list.
 */
export async function errorsOf(
  { context }: { context: BrowserContext },
  use: (errors: string[]) => Promise<void>
): Promise<void> {
  const errors: string[] = [];
  // The usual ten calls of a stack may not reach down to ours.
  await context.addInitScript(() => {
    Error.stackTraceLimit = 100;
  });
  context.on('weberror', thrown => {
    const error = thrown.error();
    note(errors, `${error.message}\n${error.stack ?? ''}`);
  });
  context.on('console', message => {
    if (message.type() === 'error') {
      note(errors, `${message.text()} (${message.location().url})`);
    }
  });
  await use(errors);
  expect(errors).toEqual([]);
}

/** Takes out of the list what the browser says of an answer of the server's that the test provoked. */
export function provoked(errors: string[], status: number): void {
  const others = errors.filter(
    error => !error.includes(`responded with a status of ${status} `)
  );
  expect(others.length).toBeLessThan(errors.length);
  errors.splice(0, errors.length, ...others);
}

function note(errors: string[], text: string): void {
  if (OURS.test(text)) {
    errors.push(text);
  }
}
