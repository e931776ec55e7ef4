import * as React from 'react';

/** The parts of a text that stand between backticks, as the server marks commands and names. */
const MARKED = /`([^`]+)`/;

/** A text of the server with what it marks as code; nothing else in it is read as markup. */
export function Marked({ text }: { text: string }): React.ReactElement {
  return (
    <>
      {text
        .split(MARKED)
        .map((part, index) =>
          index % 2 === 1 ? <code key={index}>{part}</code> : part
        )}
    </>
  );
}

/** The same where there is only plain text: without the backticks. */
export function unmarked(text: string): string {
  return text.split(MARKED).join('');
}
