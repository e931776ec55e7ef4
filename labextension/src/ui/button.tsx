import * as React from 'react';

/**
 * A button that keeps its focus while what it does is under way: one that is
 * `disabled` would lose it.
 */
export function ActionButton(props: {
  label: string;
  /** What a screen reader says, where the words need what stands around them. */
  name?: string;
  title?: string;
  busy?: boolean;
  disabled?: boolean;
  expanded?: boolean;
  onClick: () => void;
}): React.ReactElement {
  const { label, name, title, expanded, onClick } = props;
  const off = (props.busy ?? false) || (props.disabled ?? false);
  return (
    <button
      type="button"
      className="jp-tfgpu-Button"
      aria-disabled={off || undefined}
      aria-busy={props.busy || undefined}
      aria-expanded={expanded}
      aria-label={name}
      title={title}
      onClick={() => {
        if (!off) {
          onClick();
        }
      }}
    >
      {label}
    </button>
  );
}
