import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Failure, failureOf } from "../rpc/errors.ts";

/** What was read, and how the reading stands. */
export interface Loaded<T> {
  /** The newest answer of the same key; it stays while it is read anew, and where that fails. */
  readonly value: T | null;
  readonly failure: Failure | null;
  readonly isLoading: boolean;
  /** Reads it anew. While it is read, it is read once more afterwards, however often that is asked for. */
  readonly reload: () => void;
}

/**
 * Reads something when a view is shown, and again when its key changes.
 *
 * @param key what is read: another key forgets what was there
 */
export function useLoad<T>(key: string, read: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, "reload"> & { readonly key: string }>({
    key,
    value: null,
    failure: null,
    isLoading: true,
  });
  const latest = useRef(read);
  latest.current = read;
  const reload = useRef<() => void>(() => undefined);

  useEffect(() => {
    const gone = new AbortController();
    let isReading = false;
    let isAskedAgain = false;
    async function load(): Promise<void> {
      if (isReading) {
        isAskedAgain = true;
        return;
      }
      isReading = true;
      try {
        const value = await latest.current(gone.signal);
        if (!gone.signal.aborted) setState({ key, value, failure: null, isLoading: false });
      } catch (error) {
        if (gone.signal.aborted) return;
        const failure = failureOf(error);
        setState((before) => ({ key, value: before.key === key ? before.value : null, failure, isLoading: false }));
      }
      isReading = false;
      if (!isAskedAgain || gone.signal.aborted) return;
      isAskedAgain = false;
      void load();
    }
    reload.current = () => void load();
    void load();
    return () => gone.abort();
  }, [key]);

  const isOther = state.key !== key;
  // The same function each time, so that what depends on it is not set up anew.
  const again = useCallback(() => reload.current(), []);
  return {
    value: isOther ? null : state.value,
    failure: isOther ? null : state.failure,
    isLoading: isOther || state.isLoading,
    reload: again,
  };
}
