/** Random sequences of what can be done with a store, as plain data: fast-check prints and shrinks them. */

import fc from "fast-check";
import type { NewTask } from "../../src/domain/tasks/task.ts";
import { newTask, taskError } from "../harness/calls/builders.ts";
import { completed, failed, leaseLost, type Outcome, released, timedOut } from "./outcomes.ts";

/** Names one of what there is by its number, modulo how many there are. */
type Pick = number;

/** Which lease a settlement speaks of, and how it may be wrong about it. */
export interface LeaseChoice {
  /** One of those that run now, or one of all that ever were. */
  readonly of: "running" | "ever";
  readonly pick: Pick;
  readonly wrong: "attempt" | "worker" | "kind" | "id" | null;
}

/** One step. Queues, tasks and leases are named by numbers that make sense in every state. */
export type Command =
  | { readonly kind: "enqueue"; readonly tasks: readonly NewTask[] }
  | {
      readonly kind: "claim";
      readonly queue: string;
      readonly slots: readonly { readonly workerId: string; readonly n: number }[];
      readonly unary: boolean;
    }
  | { readonly kind: "settle"; readonly items: readonly { readonly lease: LeaseChoice; readonly outcome: Outcome }[] }
  | { readonly kind: "update_leases" | "take_up"; readonly leases: readonly LeaseChoice[] }
  | { readonly kind: "cancel" | "retry" | "delete"; readonly picks: readonly Pick[] }
  | { readonly kind: "bulk"; readonly change: "cancel" | "retry" | "delete"; readonly queue: string }
  | { readonly kind: "advance" }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "pause"; readonly queue: string; readonly paused: boolean }
  | { readonly kind: "reopen" | "crash" };

/** The queues that the commands speak of. */
export const modelQueues = ["a", "b"] as const;

const queue = fc.constantFrom(...modelQueues);
const pick = fc.nat(1_000);

/** Times are even and spans of life odd, so that nothing hangs on what happens in the very millisecond of an expiry. */
const evenMs = fc.integer({ min: 0, max: 20 }).map((n) => 2 * n);
/** A release for no time at all may mean its old place in line or a new one: the contract does not say. */
const laterMs = evenMs.map((ms) => ms + 2);
const oddMs = fc.integer({ min: 2, max: 30 }).map((n) => 2 * n + 1);

/** A value once in so many times, else `null`. */
function onceIn<T>(times: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: times - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
}

const plainTask = fc
  .record({
    queue,
    type: fc.constantFrom("x", "y"),
    priority: fc.constantFrom(0, 0, 0, 1, -1),
    delayMs: onceIn(3, evenMs),
    timeToLiveMs: onceIn(3, oddMs),
    maxAttempts: fc.constantFrom(null, 1, 2, 3),
    deduplicationKey: onceIn(3, fc.constantFrom("k", "l")),
    duplicatePolicy: fc.constantFrom("return_existing", "replace", "refuse"),
  })
  .map((fields) =>
    newTask({ ...fields, retryPolicy: { initialBackoffMs: 4, multiplier: 2, maxBackoffMs: 12, jitter: 0 } }),
  );

/** With few ids and few contents, so that they meet again. */
const repeatableTask = fc
  .record({ requestId: fc.constantFrom("r", "s", "t"), type: fc.constantFrom("x", "x", "y"), queue })
  .map((fields) => newTask({ ...fields, maxAttempts: 2 }));

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(completed(null), completed("done")) },
  { weight: 2, arbitrary: fc.constant(failed({ error: taskError() })) },
  { weight: 1, arbitrary: evenMs.map((retryDelayMs) => failed({ retryDelayMs })) },
  { weight: 1, arbitrary: fc.constant(failed({ terminal: true })) },
  {
    weight: 2,
    arbitrary: fc.tuple(onceIn(2, laterMs), onceIn(3, fc.constant("NO_HANDLER"))).map((args) => released(...args)),
  },
  { weight: 2, arbitrary: fc.constant(leaseLost) },
  { weight: 1, arbitrary: fc.constant(timedOut()) },
);

const leaseChoice: fc.Arbitrary<LeaseChoice> = fc.record({
  of: fc.constantFrom("running", "running", "ever"),
  pick,
  wrong: fc.constantFrom(null, null, null, null, null, null, "attempt", "worker", "kind", "id"),
});

const slots = fc.array(fc.record({ workerId: fc.constantFrom("v", "w"), n: fc.integer({ min: 1, max: 3 }) }), {
  minLength: 1,
  maxLength: 3,
});

const several = { minLength: 1, maxLength: 3 };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("enqueue" as const),
      tasks: fc.array(fc.oneof({ weight: 3, arbitrary: plainTask }, { weight: 1, arbitrary: repeatableTask }), several),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("claim" as const), queue, slots, unary: fc.boolean() }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      items: fc.array(fc.record({ lease: leaseChoice, outcome }), several),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("update_leases" as const, "take_up" as const),
      leases: fc.array(leaseChoice, several),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("cancel" as const, "retry" as const, "retry" as const, "delete" as const),
      picks: fc.array(pick, several),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("bulk" as const),
      change: fc.constantFrom("cancel" as const, "retry" as const, "retry" as const, "delete" as const),
      queue,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("advance" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: evenMs }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("pause" as const),
      queue,
      paused: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
  },
);

/** Up to `most` commands, and sometimes the store is opened anew or crashes among them: once at most, since that takes long. */
export function commands(most: number): fc.Arbitrary<Command[]> {
  return fc
    .tuple(
      fc.array(command, { minLength: 1, maxLength: most, size: "max" }),
      onceIn(3, fc.record({ at: fc.nat(most), kind: fc.constantFrom("reopen", "crash", "crash") })),
    )
    .map(([list, end]) =>
      end === null ? list : [...list.slice(0, end.at), { kind: end.kind }, ...list.slice(end.at)],
    );
}
