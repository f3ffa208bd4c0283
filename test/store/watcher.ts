import type { TaskChange } from "../../src/domain/tasks/task.ts";
import type { Store } from "../../src/store/store.ts";
import { newTask } from "../harness/calls/builders.ts";

/** A listener that remembers. */
export interface Watcher {
  /** What it has been told so far. */
  readonly seen: readonly TaskChange[];
  /** Waits until it has been told everything that was called before, stops, and answers all that it was told. */
  all(nowMs: number): Promise<readonly TaskChange[]>;
  stop(): void;
}

/** Tasks of this queue mark an end and are left out. */
const endQueue = "end-of-watch";

/** Listens to a store from now on. */
export function watch(store: Store): Watcher {
  const seen: TaskChange[] = [];
  const ended = Promise.withResolvers<void>();
  let endId: string | null = null;
  const ends = new Set<string>();

  const stop = store.subscribe((changes) => {
    for (const change of changes) {
      if (change.queue === endQueue) ends.add(change.id);
      else seen.push(change);
    }
    if (endId !== null && ends.has(endId)) ended.resolve();
  });

  return {
    seen,
    stop,
    async all(nowMs) {
      const [answer] = await store.enqueue([newTask({ queue: endQueue })], nowMs);
      if (answer?.status !== "created") throw new Error(`no end: ${JSON.stringify(answer)}`);
      endId = answer.task.id;
      // Commits are told in their order: whoever saw this one saw everything before it.
      if (!ends.has(endId)) await ended.promise;
      stop();
      return seen;
    },
  };
}
