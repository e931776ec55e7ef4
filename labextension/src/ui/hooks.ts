import type { ISignal } from '@lumino/signaling';
import { Clipboard } from '@jupyterlab/apputils';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';

/** How long a button says that it has copied, in milliseconds. */
const SAID = 2000;

/** What copies a text, and whether it has just done so. */
export function useCopy(): {
  copied: boolean;
  copy: (text: string) => void;
} {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) {
      return undefined;
    }
    const timer = window.setTimeout(() => setCopied(false), SAID);
    return () => window.clearTimeout(timer);
  }, [copied]);
  const copy = (text: string) => {
    Clipboard.copyToSystem(text);
    setCopied(true);
  };
  return { copied, copy };
}

/**
 * A value that a signal announces changes of. The component renders again only
 * where `read` then gives another value (compared with `===`).
 */
export function useSignalValue<T>(
  signal: ISignal<unknown, unknown>,
  read: () => T
): T {
  const subscribe = useCallback(
    (changed: () => void) => {
      const slot = () => changed();
      signal.connect(slot);
      return () => {
        signal.disconnect(slot);
      };
    },
    [signal]
  );
  return useSyncExternalStore(subscribe, read);
}
