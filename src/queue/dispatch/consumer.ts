import type { Candidate, Share } from "../../domain/balancing/balancing.ts";
import type { ClaimedTask } from "../../domain/tasks/task.ts";
import type { LateTask } from "./task-claimer.ts";

/** Takes tasks as they come, under its worker's id: a worker's stream, or a claim that waits in ClaimTasks. */
export interface Consumer extends Candidate {
  readonly queues: readonly string[];
  /** The types that it handles; `null`: all. */
  readonly types: TypeSet | null;
  /** How long the leases are that only ExtendLease prolongs, in milliseconds; `null`: its stream keeps them alive. */
  readonly leaseMs: number | null;
  /** What is claimed ahead of its room; `null`: nothing is. */
  readonly ahead: Ahead | null;
  /** It takes nothing new any more. */
  readonly draining: boolean;
  /** Counts `n` more as promised. */
  reserve(n: number): void;
  /** Takes a promise of `reserved` back, and the tasks that came of it, if any. It does not keep the list. */
  deliver(tasks: readonly ClaimedTask[], reserved: number): void;
}

/** Tasks that are claimed for a consumer before it has room for them. */
export interface Ahead {
  /** How many there are to be. */
  readonly wanted: number;
  /** Gives all that there are back to their queues. */
  giveBack(): void;
}

/** Gives back what is claimed ahead for consumers. */
export function giveBackAhead(consumers: Iterable<Consumer>): void {
  for (const { ahead } of consumers) ahead?.giveBack();
}

/** Types of tasks that some workers handle. */
export interface TypeSet {
  /** The same for the same types. */
  readonly key: string;
  readonly types: readonly string[];
  has(type: string): boolean;
}

/** The types of a worker; `null`, which is all, where it names none. */
export function typeSet(types: readonly string[]): TypeSet | null {
  if (types.length === 0) return null;
  const set = new Set(types);
  const sorted = [...set].sort();
  return { key: sorted.join(" "), types: sorted, has: (type) => set.has(type) };
}

/** What a claim found. */
interface Found {
  readonly tasks: readonly ClaimedTask[];
  readonly late: readonly LateTask[];
}

/** What a claim found for one of its consumers. */
interface Part extends Found {
  readonly consumer: Consumer;
  readonly reserved: number;
}

/**
 * Delivers to each consumer its part of a claim: one consumer can have several shares, and one worker several consumers. Resolves
 * when the late tasks are delivered too.
 */
export async function deliver(
  shares: readonly Share<Consumer>[],
  found: Found,
  onShort: (consumer: Consumer, missing: number) => void,
): Promise<void> {
  const lateOnes: Promise<void>[] = [];
  for (const { consumer, tasks, late, reserved } of partsOf(shares, found)) {
    const missing = reserved - tasks.length - late.length;
    if (missing > 0) onShort(consumer, missing);
    consumer.deliver(tasks, reserved - late.length);
    lateOnes.push(...late.map((each) => deliverLate(consumer, each, onShort)));
  }
  await Promise.all(lateOnes);
}

function partsOf(shares: readonly Share<Consumer>[], { tasks, late }: Found): Iterable<Part> {
  const [only] = shares;
  if (only !== undefined && shares.length === 1) {
    return [{ consumer: only.candidate, tasks, late, reserved: only.n }];
  }
  const byWorker = Map.groupBy(tasks, ({ workerId }) => workerId);
  const lateByWorker = Map.groupBy(late, ({ workerId }) => workerId);
  const parts = new Map<Consumer, { consumer: Consumer; tasks: ClaimedTask[]; late: LateTask[]; reserved: number }>();
  for (const { candidate: consumer, n } of shares) {
    const part = parts.get(consumer) ?? { consumer, tasks: [], late: [], reserved: 0 };
    const own = byWorker.get(consumer.id)?.splice(0, n) ?? [];
    part.tasks.push(...own);
    part.late.push(...(lateByWorker.get(consumer.id)?.splice(0, n - own.length) ?? []));
    part.reserved += n;
    parts.set(consumer, part);
  }
  return parts.values();
}

async function deliverLate(
  consumer: Consumer,
  { ready }: LateTask,
  onShort: (consumer: Consumer, missing: number) => void,
): Promise<void> {
  const task = await ready;
  if (task === null) onShort(consumer, 1);
  consumer.deliver(task === null ? [] : [task], 1);
}
