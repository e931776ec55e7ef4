import * as React from 'react';

import type { HolderColors } from './colors';
import { inColor } from './colors';
import type { IPart } from './holding';

interface IBarProps {
  /** Null: not known. */
  parts: readonly IPart[] | null;
  /** All that the bar shows, in a sentence; null where it is told otherwise. */
  label: string | null;
  titleOf?: (part: IPart) => string;
  colors: HolderColors;
  /** The key of the part that is pointed at, here or in the list. */
  lit?: string | null;
  onLit?: (key: string | null) => void;
}

/** Memory as a bar with a stretch for each holder. */
export function Bar(props: IBarProps): React.ReactElement {
  const { parts, label, onLit, lit = null } = props;
  const classes = ['jp-tfgpu-Bar'];
  if (parts?.some(({ key }) => key === lit)) {
    classes.push('jp-mod-pointed');
  }
  if (parts === null) {
    classes.push('jp-mod-unknown');
  }
  return (
    <div
      className={classes.join(' ')}
      {...(label === null
        ? { 'aria-hidden': true }
        : { role: 'img', 'aria-label': label })}
      {...(onLit && { onMouseLeave: () => onLit(null) })}
    >
      {parts?.map(part => (
        <Part key={part.key} {...props} part={part} />
      ))}
    </div>
  );
}

function Part(props: IBarProps & { part: IPart }): React.ReactElement {
  const { part, titleOf, colors, lit, onLit } = props;
  const { key, kind, group, bytes } = part;
  const kernel = group?.kernelId ?? null;
  return (
    <div
      className={`jp-tfgpu-Bar-part jp-mod-${kind}${key === lit ? ' jp-mod-lit' : ''}`}
      style={{
        flexGrow: bytes / 2 ** 20,
        ...(kernel !== null && inColor(colors.of(kernel)))
      }}
      title={titleOf?.(part)}
      {...(onLit && { onMouseEnter: () => onLit(key) })}
    />
  );
}
