import * as React from 'react';

/** A boxed sentence. Errors and warnings are read out as they appear. */
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
        <div className="jp-tfgpu-Message-title">{props.title}</div>
      )}
      {props.children && <div>{props.children}</div>}
    </div>
  );
}
