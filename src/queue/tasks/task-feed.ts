import { onAbort } from "../../async/signals.ts";
import type { Clock } from "../../domain/clock.ts";
import { changeMatches, type TaskFilter } from "../../domain/operators/task-filter.ts";
import { draining } from "../../domain/refusals/server.ts";
import { taskNotFound } from "../../domain/refusals/tasks.ts";
import { createFeed, type Feed } from "../../domain/service.ts";
import { isFinished, type Task, type TaskAttempt, type TaskChange } from "../../domain/tasks/task.ts";
import type { Store } from "../../store/store.ts";

/** A task as a reader sees it. */
export interface TaskRecord {
  readonly task: Task;
  readonly attempts: readonly TaskAttempt[];
}

/**
 * Follows tasks by what the store tells of its commits. Nothing here asks the database whether something changed. Its stop ends
 * all waiting.
 */
export interface TaskFeed extends Feed {
  /**
   * Waits until the task is finished, at most `timeoutMs`, and answers how it stands.
   *
   * @throws SitqError TASK_NOT_FOUND, also if the task is deleted meanwhile; DRAINING if the feed stops
   */
  awaitTask(id: string, timeoutMs: number, signal: AbortSignal): Promise<TaskRecord>;
  /** Tells `sink` every change that matches, until the answered function is called. From its return on nothing is missed. */
  watch(
    filter: TaskFilter,
    ids: ReadonlySet<string> | null,
    sink: (changes: readonly TaskChange[]) => void,
  ): () => void;
}

/** Creates the feed of a store. */
export function createTaskFeed(store: Store, clock: Clock): TaskFeed {
  const waiting = new Map<string, Set<() => void>>();
  let unsubscribe: (() => void) | null = null;
  const feed = createFeed();

  function onChanges(changes: readonly TaskChange[]): void {
    for (const { id, state } of changes) {
      if (state !== null && !isFinished(state)) continue;
      for (const wake of waiting.get(id) ?? []) wake();
    }
  }

  /** Fulfilled when the task is finished or deleted, the time is up, or a signal ends the wait. */
  function change(id: string, timeoutMs: number, signal: AbortSignal) {
    const done = Promise.withResolvers<void>();
    const wake = () => done.resolve();
    const endTimer = clock.after(timeoutMs, wake);
    const releases = [signal, feed.stopped].map((each) => onAbort(each, wake));
    const others = waiting.get(id) ?? new Set();
    waiting.set(id, others.add(wake));
    // One subscription, however many wait.
    unsubscribe ??= store.subscribe(onChanges);
    return {
      happened: done.promise,
      forget() {
        endTimer();
        for (const release of releases) release();
        others.delete(wake);
        if (others.size === 0) waiting.delete(id);
        if (waiting.size > 0) return;
        unsubscribe?.();
        unsubscribe = null;
      },
    };
  }

  async function read(id: string): Promise<TaskRecord> {
    const [found] = await store.get([id]);
    if (!found) throw taskNotFound(id);
    return found;
  }

  return {
    ...feed,

    async awaitTask(id, timeoutMs, signal) {
      // Listening comes before reading: what happens in between is not missed.
      const next = change(id, timeoutMs, signal);
      try {
        const found = await read(id);
        if (isFinished(found.task.state) || timeoutMs === 0) return found;
        await next.happened;
      } finally {
        next.forget();
      }
      if (feed.stopped.aborted) throw draining();
      return read(id);
    },

    watch(filter, ids, sink) {
      return store.subscribe((changes) => {
        const matching = changes.filter((each) => (ids === null || ids.has(each.id)) && changeMatches(filter, each));
        if (matching.length > 0) sink(matching);
      });
    },
  };
}
