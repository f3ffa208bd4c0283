/** What clients of servers do, as plain data. */

import fc from "fast-check";
import type { NewTask } from "../../../../src/domain/tasks/task.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { completed, failed, leaseLost, type Outcome, released } from "../../outcomes.ts";

/** One call; numbers choose among what there is. */
export type Action =
  | { readonly kind: "enqueue"; readonly tasks: readonly NewTask[] }
  | { readonly kind: "claim"; readonly queue: string; readonly n: number; readonly types?: readonly string[] }
  | { readonly kind: "settle"; readonly which: number; readonly outcome: Outcome }
  | { readonly kind: "forge" | "cancel" | "retry" | "delete"; readonly which: number }
  | { readonly kind: "publish"; readonly subjects: readonly string[] }
  | { readonly kind: "start_workflow" }
  | { readonly kind: "cancel_workflow"; readonly which: number; readonly compensate: boolean }
  | { readonly kind: "retry_workflow"; readonly which: number }
  | { readonly kind: "advance" };

/** The queues that the clients use: of tasks, of tasks of which few may run at once, of deliveries in order, and of steps. */
export const queues = { plain: "plain", limited: "limited", deliveries: "deliveries", steps: "steps" } as const;

const which = fc.nat(1_000);

const task: fc.Arbitrary<NewTask> = fc
  .record({
    queue: fc.constantFrom(queues.plain, queues.plain, queues.limited),
    type: fc.constantFrom("x", "x", "y"),
    priority: fc.constantFrom(0, 0, 1),
    delayMs: fc.constantFrom(null, null, null, 4),
    timeToLiveMs: fc.constantFrom(null, null, null, null, 31),
    maxAttempts: fc.constantFrom(2, 3),
    requestId: fc.option(fc.constantFrom("r", "s", "t", "u"), { freq: 3 }),
    deduplicationKey: fc.option(fc.constantFrom("k", "l"), { freq: 3 }),
    duplicatePolicy: fc.constantFrom("return_existing", "replace", "refuse"),
  })
  .map((fields) =>
    newTask({
      ...fields,
      // A request is repeated with what it asked for at first.
      ...(fields.requestId === null ? {} : { queue: queues.plain, type: "x", priority: 0, deduplicationKey: null }),
      retryPolicy: { initialBackoffMs: 4, multiplier: 2, maxBackoffMs: 12, jitter: 0 },
    }),
  );

const outcome: fc.Arbitrary<Outcome> = fc.constantFrom(
  completed("done"),
  completed("done"),
  completed("done"),
  failed({ retryDelayMs: 4 }),
  failed({ terminal: true }),
  released(),
  leaseLost,
);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("enqueue" as const),
      tasks: fc.array(task, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record(
      {
        kind: fc.constant("claim" as const),
        queue: fc.constantFrom(...Object.values(queues)),
        n: fc.integer({ min: 1, max: 4 }),
        types: fc.constant(["x"]),
      },
      { requiredKeys: ["kind", "queue", "n"] },
    ),
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("settle" as const), which, outcome }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("forge", "cancel", "cancel", "retry", "delete"), which }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("publish" as const),
      subjects: fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("start_workflow" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("cancel_workflow" as const), which, compensate: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("retry_workflow" as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("advance" as const) }) },
);

/** What one client does, one call after the other. */
export const lives: fc.Arbitrary<Action[]> = fc.array(action, { minLength: 10, maxLength: 40, size: "max" });
