import { useEffect } from "preact/hooks";
import { everyAtMost } from "./every-at-most.ts";
import { overview } from "./overview.ts";

/** How often a view reads at most what the page's stream does not hold. */
const leastMs = 2_000;

/** Reads a view anew when the page's stream tells that something has changed, at most once in two seconds. */
export function useLive(reload: () => void): void {
  useEffect(() => {
    const reread = everyAtMost(leastMs, reload);
    let before = overview.peek();
    const stop = overview.subscribe((now) => {
      if (now === before) return;
      before = now;
      reread.ask();
    });
    return () => {
      stop();
      reread.stop();
    };
  }, [reload]);
}
