/**
 * Moves the focus in a list of rows as the arrow keys say: up and down to the same
 * part of another row, left and right among the buttons of a row. Returns whether
 * the key was one of these.
 */
export function moveFocus(list: HTMLElement, key: string): boolean {
  const rows = [...list.querySelectorAll<HTMLElement>('[data-item]')].filter(
    row => partsOf(row).length > 0
  );
  const focus = document.activeElement;
  const at = rows.findIndex(row => row.contains(focus));
  const row = rows[at];
  const part = row ? partsOf(row).findIndex(one => one === focus) : 0;
  const target = ((): HTMLElement | undefined => {
    switch (key) {
      case 'ArrowDown':
        return partIn(rows[at + 1], part);
      case 'ArrowUp':
        return partIn(rows[Math.max(at, 0) - 1], part);
      case 'Home':
        return partIn(rows[0], part);
      case 'End':
        return partIn(rows[rows.length - 1], part);
      case 'ArrowRight':
        return row && partsOf(row)[part + 1];
      case 'ArrowLeft':
        return row && partsOf(row)[part - 1];
      default:
        return undefined;
    }
  })();
  target?.focus();
  target?.scrollIntoView?.({ block: 'nearest' });
  return target !== undefined;
}

function partsOf(row: HTMLElement): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>('button')];
}

function partIn(
  row: HTMLElement | undefined,
  index: number
): HTMLElement | undefined {
  const parts = row ? partsOf(row) : [];
  return parts[index] ?? parts[0];
}
