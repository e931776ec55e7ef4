import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { ApiError, describeError } from '../api';
import { Command } from './copy';
import { Message } from './message';

/** Why an action failed, with the command that helps where the server names one. */
export function Failed(props: {
  error: unknown;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { error, trans } = props;
  if (!error) {
    return null;
  }
  const command =
    error instanceof ApiError ? error.detail['command'] : undefined;
  const sentence = describeError(error, trans);
  return (
    <Message level="error">
      {command ? withoutEnd(sentence, command) : sentence}
      {command && <Command text={command} trans={trans} />}
    </Message>
  );
}

/** A sentence that ends with a command, without the command that is shown below it. */
function withoutEnd(sentence: string, command: string): string {
  return sentence.endsWith(command)
    ? sentence.slice(0, -command.length).trimEnd()
    : sentence;
}
