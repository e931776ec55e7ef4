import * as React from 'react';

/** One quiet line that opens to say more. */
export function Quiet(props: {
  title: string;
  children: React.ReactNode;
}): React.ReactElement {
  return (
    <details className="jp-tfgpu-Quiet">
      <summary>{props.title}</summary>
      {props.children}
    </details>
  );
}
