import * as React from 'react';

import { Marked } from './marked';

/** A boxed sentence, in which `code` is marked. Errors and warnings are read out as they appear. */
export function Message(props: {
  level: 'info' | 'warning' | 'error';
  title?: string;
  children?: React.ReactNode;
}): React.ReactElement {
  return (
    <div
      className={`jp-tfgpu-Message jp-mod-${props.level}`}
      role={props.level === 'info' ? 'note' : 'status'}
    >
      {props.title && (
        <div className="jp-tfgpu-Message-title">
          <Marked text={props.title} />
        </div>
      )}
      {props.children && (
        <div>
          {typeof props.children === 'string' ? (
            <Marked text={props.children} />
          ) : (
            props.children
          )}
        </div>
      )}
    </div>
  );
}
