import * as React from 'react';

/**
 * A field in place of a name. Enter takes the new name, as leaving the field
 * does; Escape keeps the old one.
 */
export function Rename(props: {
  name: string;
  label: string;
  placeholder: string;
  /** The new name, null where it stays as it is. */
  onEnd: (text: string | null) => void;
}): React.ReactElement {
  const { name, label, placeholder, onEnd } = props;
  const field = React.useRef<HTMLInputElement>(null);
  const ended = React.useRef(false);
  React.useEffect(() => field.current?.select(), []);
  const end = (text: string | null) => {
    // Taking the field away tells a blur as well.
    if (!ended.current) {
      ended.current = true;
      onEnd(text === null || text === name ? null : text);
    }
  };
  return (
    <input
      ref={field}
      type="text"
      className="jp-tfgpu-Rename jp-mod-styled"
      autoFocus
      defaultValue={name}
      aria-label={label}
      placeholder={placeholder}
      data-lm-suppress-shortcuts="true"
      onKeyDown={event => {
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
          event.preventDefault();
          end(event.currentTarget.value.trim());
        } else if (event.key === 'Escape') {
          event.stopPropagation();
          end(null);
        }
      }}
      onBlur={event => end(event.currentTarget.value.trim() || null)}
    />
  );
}
