import type { Batch, SkippedTasks, SkipReason } from "../../store/task-store.ts";

/** How many tasks one operation touched, and which it left as they are. */
export type BatchTotal = Pick<Batch, "count" | "sampleIds" | "skipped" | "errorTypes">;

/** How many examples an answer holds. */
const sampleSize = 10;
/** How many types of errors are counted: further ones are left out. */
const mostErrorTypes = 1_000;

/** Runs batches until nothing is left, or the caller is gone. */
export async function inBatches(
  signal: AbortSignal,
  run: (behindId: string | null) => Promise<Batch>,
): Promise<BatchTotal> {
  let count = 0;
  let sampleIds: readonly string[] = [];
  let behindId: string | null = null;
  const skipped = new Map<SkipReason, SkippedTasks>();
  const errorTypes = new Map<string, number>();
  const keys = new Set<string>();

  function skip({ reason, count: more, sampleIds: samples }: SkippedTasks): void {
    const before = skipped.get(reason) ?? { count: 0, sampleIds: [] };
    const all = [...before.sampleIds, ...samples].slice(0, sampleSize);
    skipped.set(reason, { reason, count: before.count + more, sampleIds: all });
  }

  do {
    const done: Batch = await run(behindId);
    // What an earlier batch of a dry run would have put back stands in the way of these.
    const repeated = done.keys.filter((key) => keys.has(key)).length;
    for (const key of done.keys) keys.add(key);
    count += done.count - repeated;
    if (sampleIds.length === 0) sampleIds = done.sampleIds;
    done.skipped.forEach(skip);
    if (repeated > 0) skip({ reason: "DUPLICATE_TASK", count: repeated, sampleIds: [] });
    for (const [type, more] of done.errorTypes) {
      const before = errorTypes.get(type);
      if (before !== undefined || errorTypes.size < mostErrorTypes) errorTypes.set(type, (before ?? 0) + more);
    }
    behindId = done.nextId;
  } while (behindId !== null && !signal.aborted);
  const mostFirst = [...errorTypes].sort(([, a], [, b]) => b - a);
  return { count, sampleIds, skipped: [...skipped.values()], errorTypes: mostFirst };
}
