import { useEffect } from "preact/hooks";
import { everyAtMost } from "./every-at-most.ts";
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
  useEffect(() => {
    if (reload === null) return;
    const reread = everyAtMost(leastMs, reload);
    let before = overview.peek();
    const stop = overview.subscribe((now) => {
      const shown = now.queues.get(queue);
      const isSame = now === before || (shown !== undefined && shown === before.queues.get(queue));
      before = now;
      if (!isSame) reread.ask();
    });
    return () => {
      stop();
      reread.stop();
    };
  }, [reload, queue]);
}
