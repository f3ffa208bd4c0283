import { useEffect } from "preact/hooks";
import { everyAtMost } from "./every-at-most.ts";
import { overview } from "./overview.ts";

/** How often a view reads at most what the page's stream does not hold. */
const leastMs = 2_000;

/**
 * Reads a view anew when the page's stream tells of a change, at most once in two seconds.
 *
 * @param queue only changes of this queue count, and of what is wrong, as long as the stream tells of the queue. Default: of every queue
 */
export function useLive(reload: () => void, queue = ""): void {
  useEffect(() => {
    const reread = everyAtMost(leastMs, reload);
    const stopQueues = onQueuesChanged((names) => {
      if (queue === "" || names.has(queue)) reread.ask();
    });
    let { problems, totals } = overview.peek();
    const stopProblems = overview.subscribe((now) => {
      const isSame = now.problems === problems && (now.queues.has(queue) || now.totals === totals);
      ({ problems, totals } = now);
      if (!isSame) reread.ask();
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
