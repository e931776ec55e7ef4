import * as React from 'react';

import type { IHandler } from './tokens';

/** An action under way, and what it failed with last. */
export interface IUnderway {
  readonly busy: boolean;
  readonly error: unknown;
  /** Runs an action, unless one is under way. */
  run(action: (handler: IHandler) => Promise<unknown>): void;
}

/** For actions whose failure is shown in their place. */
export function useAction(): IUnderway {
  const [busy, setBusy] = React.useState(false);
  const [error, setError] = React.useState<unknown>(null);
  const run = (action: (handler: IHandler) => Promise<unknown>) => {
    if (!busy) {
      setBusy(true);
      setError(null);
      void action({ failed: setError }).then(() => setBusy(false));
    }
  };
  return { busy, error, run };
}

/**
 * Keeps the focus within a list whose items move or lose their parts as they
 * change: it stays on what had it, else goes to the toggle of the same item,
 * else to the list itself.
 */
export function useFocusKept(
  list: React.RefObject<HTMLElement | null>
): Pick<React.DOMAttributes<HTMLElement>, 'onFocus' | 'onBlur'> {
  const last = React.useRef<{ part: HTMLElement; item: string | null } | null>(
    null
  );
  React.useLayoutEffect(() => {
    const had = last.current;
    if (had === null || document.activeElement !== document.body) {
      return;
    }
    const item = [
      ...(list.current?.querySelectorAll<HTMLElement>('[data-item]') ?? [])
    ].find(each => each.dataset['item'] === had.item);
    const next = had.part.isConnected
      ? had.part
      : (item?.querySelector<HTMLElement>('button') ?? list.current);
    next?.focus({ preventScroll: true });
    next?.scrollIntoView?.({ block: 'nearest' });
  });
  return {
    onFocus: ({ target }) => {
      const part = target;
      const item = part.closest<HTMLElement>('[data-item]');
      last.current = { part, item: item?.dataset['item'] ?? null };
    },
    // What is taken out of the page or moved in it tells no blur.
    onBlur: () => {
      last.current = null;
    }
  };
}
