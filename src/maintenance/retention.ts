import type { Clock } from "../domain/clock.ts";
import type { Retries } from "../domain/retries.ts";
import { createService, type Service } from "../domain/service.ts";
import type { Store } from "../store/store.ts";

/** Deletes what has been kept long enough, in batches so small that other work goes on between them. */
export interface Retention extends Service {
  /** One whole round over everything; answers how much was deleted. Rejects only once it is stopped. */
  runOnce(): Promise<number>;
}

/** A round takes at most this share of the time: after a long one the next comes later. */
const dutyShare = 0.02;
/** The longest pause that a long round earns, in milliseconds: it was long perhaps only because the server stood still. */
const longestPauseMs = 3_600_000;

/** What retention needs. */
export interface RetentionOptions {
  readonly clock: Clock;
  readonly retries: Retries;
  /** Whether the clock is to be trusted with deletions. */
  readonly mayDelete: () => boolean;
  readonly intervalMs: number;
}

/** Creates the retention of what is named `what` in the log, by a verb of the store that deletes a bounded part. */
export function createRetention(
  what: string,
  sweep: Store["sweep"],
  { clock, retries, mayDelete, intervalMs }: RetentionOptions,
): Retention {
  let stopped = false;
  /** What the batches of the round under way took, without the pauses after those that failed, in milliseconds. */
  let busyMs = 0;
  let endTimer: () => void = () => undefined;
  let running: Promise<void> = Promise.resolve();

  async function takeBatch(cursor: string | null): ReturnType<Store["sweep"]> {
    const began = clock.monotonic();
    const batch = await sweep(cursor, clock.now());
    busyMs += clock.monotonic() - began;
    return batch;
  }

  async function runOnce(): Promise<number> {
    let deleted = 0;
    let cursor: string | null = null;
    do {
      const from: string | null = cursor;
      const batch: Awaited<ReturnType<Store["sweep"]>> = await retries.untilDone(
        `deleting ${what} that were kept long enough`,
        () => takeBatch(from),
      );
      deleted += batch.deleted;
      cursor = batch.nextCursor;
    } while (cursor !== null && !stopped && mayDelete());
    return deleted;
  }

  function schedule(delayMs: number): void {
    if (stopped) return;
    endTimer = clock.after(delayMs, () => {
      running = round();
    });
  }

  async function round(): Promise<void> {
    busyMs = 0;
    // Only the end of the server ends a round.
    if (mayDelete()) await runOnce().catch(() => undefined);
    const pauseMs = Math.min(busyMs / dutyShare, longestPauseMs);
    schedule(Math.max(intervalMs, pauseMs));
  }

  const service = createService({
    start: () => schedule(intervalMs),
    async stop() {
      stopped = true;
      endTimer();
      await running;
    },
  });

  return { ...service, runOnce };
}

/** How long workflows, events and audit entries are kept, in milliseconds. How long tasks are is their queue's setting. */
export interface RetentionTimes {
  readonly workflowRetentionMs: number;
  readonly eventRetentionMs: number;
  readonly auditRetentionMs: number;
}

/** Creates the retention of everything that a store keeps: tasks, workflows, events and audit entries. */
export function createRetentions(store: Store, times: RetentionTimes, options: RetentionOptions): Retention[] {
  const { workflowRetentionMs, eventRetentionMs, auditRetentionMs } = times;
  return [
    createRetention("tasks", (cursor, nowMs) => store.sweep(cursor, nowMs), options),
    createRetention(
      "workflows",
      (cursor, nowMs) => store.sweepWorkflows(cursor, nowMs - workflowRetentionMs, nowMs),
      options,
    ),
    createRetention("events", (cursor, nowMs) => store.sweepEvents(cursor, nowMs - eventRetentionMs), options),
    createRetention("audit entries", (cursor, nowMs) => store.sweepAudit(cursor, nowMs - auditRetentionMs), options),
  ];
}
