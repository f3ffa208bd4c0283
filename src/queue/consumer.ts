import type { Candidate, Share } from "../domain/balancing.ts";
import type { ClaimedTask } from "../domain/task.ts";

/** Somebody who takes tasks as they come, by its worker's id: a worker's stream, or one who waits in ClaimTasks. */
export interface Consumer extends Candidate {
  readonly queues: readonly string[];
  /** How long the leases are that only ExtendLease prolongs, in milliseconds; `null`: its stream keeps them alive. */
  readonly leaseMs: number | null;
  /** Counts `n` more as promised. */
  reserve(n: number): void;
  /** Takes a promise of `reserved` back, and the tasks that came of it, if any. Durable by now. */
  deliver(tasks: readonly ClaimedTask[], reserved: number): void;
}

/** Hands each its part of a claim: one consumer can have several shares, and one worker several consumers. */
export function deliver(
  shares: readonly Share<Consumer>[],
  tasks: readonly ClaimedTask[],
  onShort: (consumer: Consumer, missing: number) => void,
): void {
  const byWorker = Map.groupBy(tasks, ({ workerId }) => workerId);
  const parts = new Map<Consumer, { tasks: ClaimedTask[]; reserved: number }>();
  for (const { candidate, n } of shares) {
    const part = parts.get(candidate) ?? { tasks: [], reserved: 0 };
    part.tasks.push(...(byWorker.get(candidate.id)?.splice(0, n) ?? []));
    part.reserved += n;
    parts.set(candidate, part);
  }
  for (const [consumer, part] of parts) {
    if (part.tasks.length < part.reserved) onShort(consumer, part.reserved - part.tasks.length);
    consumer.deliver(part.tasks, part.reserved);
  }
}
