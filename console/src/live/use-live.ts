import { useCallback, useEffect, useRef } from "preact/hooks";
import { everyAtMost, type Reread } from "./every-at-most.ts";
import { overview } from "./overview.ts";

/** How often a view reads at most what the page's stream does not hold. */
const leastMs = 2_000;

/**
 * Reads a view anew when the page's stream tells that something has changed, at most once in two seconds.
 *
 * @param reload `null`: what is shown changes no more
 * @param queue only what changes in this queue counts, if the stream holds it. Default: everything does
 */
export function useLive(reload: (() => void) | null, queue = ""): void {
  const reread = useReread(reload);
  useEffect(() => {
    if (reload === null) return;
    let before = overview.peek();
    return overview.subscribe((now) => {
      const shown = now.queues.get(queue);
      const isSame = now === before || (shown !== undefined && shown === before.queues.get(queue));
      before = now;
      if (!isSame) reread();
    });
  }, [reload, queue, reread]);
}

/** What reads a view anew, at most once in two seconds however often it is called. @param reload `null`: nothing is read */
export function useReread(reload: (() => void) | null): () => void {
  const current = useRef<Reread | null>(null);
  useEffect(() => {
    if (reload === null) return;
    const reread = everyAtMost(leastMs, reload);
    current.current = reread;
    return () => {
      reread.stop();
      current.current = null;
    };
  }, [reload]);
  return useCallback(() => current.current?.ask(), []);
}
