import { describe, expect } from "vitest";
import type { Settlement } from "../../../../src/domain/tasks/outcome.ts";
import { taskError } from "../../../harness/calls/builders.ts";
import {
  completed,
  everyOutcome,
  failed,
  leaseLost,
  leaseOf,
  type Outcome,
  released,
  text,
  timedOut,
} from "../../outcomes.ts";
import { advanceAll, listAll } from "../../read-all.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";

/** Everything that a repeat must not change. */
async function everything(harness: StoreHarness) {
  const tasks = await listAll(harness.store);
  return {
    found: await harness.store.get(tasks.map(({ id }) => id)),
    queues: await harness.store.listQueues(null, 100),
  };
}

/** What does not hold the lease of task, attempt 2, worker and stream. */
const notTheHolder: readonly [string, Partial<Settlement>][] = [
  ["an older attempt", { attempt: 1 }],
  ["an attempt that is yet to come", { attempt: 3 }],
  ["attempt 0", { attempt: 0 }],
  ["a negative attempt", { attempt: -1 }],
  ["another worker", { workerId: "thief" }],
  ["no worker", { workerId: "" }],
  ["the other kind of lease", { leaseKind: "unary" }],
];

/** Who may settle, and what a second settlement does. */
export function describeFencing(test: StoreTest): void {
  describe("fencing", () => {
    test("answers whoever does not hold the lease stale, whatever the outcome, and changes nothing", async (harness) => {
      const id = await harness.enqueue();
      await harness.settle(await harness.claimOne({ workerId: "before" }), failed({ retryDelayMs: 0 }));
      const task = await harness.claimOne({ workerId: "holder" });
      const before = await everything(harness);
      harness.tick(5);
      for (const [who, changes] of notTheHolder) {
        for (const outcome of everyOutcome) {
          const answer = await harness.settle(task, outcome, changes);
          expect(answer, `${outcome.kind} by ${who}`).toEqual({ status: "stale", state: "running" });
        }
      }
      expect(await everything(harness)).toEqual(before);
      expect(await harness.settle(task, completed())).toMatchObject({ status: "settled", state: "completed" });
      expect((await harness.task(id)).state).toBe("completed");
    });

    test("answers who holds a unary lease, and speaks as a stream, stale", async (harness) => {
      await harness.enqueue();
      const task = await harness.claimOne({ leaseUntilMs: harness.now + 1_000 });
      expect(await harness.settle(task, completed(), { leaseKind: "stream" })).toEqual({
        status: "stale",
        state: "running",
      });
      expect(await harness.settle(task, completed(), { leaseKind: "unary" })).toMatchObject({ status: "settled" });
    });

    test("lets a unary lease be settled until the server ends it, however late", async (harness) => {
      await harness.enqueue();
      const task = await harness.claimOne({ leaseUntilMs: harness.now + 1_000 });
      harness.tick(5_000);
      expect(await harness.settle(task, completed(), { leaseKind: "unary" })).toMatchObject({ status: "settled" });
    });

    for (const outcome of everyOutcome) {
      test(`answers a repeat of ${outcome.kind} settled again, and changes nothing`, async (harness) => {
        await harness.enqueue();
        const task = await harness.claimOne();
        const first = await harness.settle(task, outcome);
        const before = await everything(harness);
        harness.tick(50);
        expect(await harness.settle(task, outcome)).toEqual(first);
        expect(await everything(harness)).toEqual(before);
      });

      test(`answers a repeat of ${outcome.kind} settled, also when it was opened anew`, async (harness) => {
        await harness.enqueue();
        const task = await harness.claimOne();
        const first = await harness.settle(task, outcome);
        await harness.reopen();
        const before = await everything(harness);
        expect(await harness.settle(task, outcome)).toEqual(first);
        expect(await everything(harness)).toEqual(before);
      });

      test(`answers every other outcome after ${outcome.kind} stale, and changes nothing`, async (harness) => {
        await harness.enqueue();
        const task = await harness.claimOne();
        const first = await harness.settle(task, outcome);
        if (first.status !== "settled") throw new Error(first.status);
        const before = await everything(harness);
        for (const other of everyOutcome.filter(({ kind }) => kind !== outcome.kind)) {
          expect(await harness.settle(task, other), other.kind).toEqual({ status: "stale", state: first.state });
        }
        expect(await everything(harness)).toEqual(before);
      });
    }

    test("keeps the first result when completed comes again with another", async (harness) => {
      const id = await harness.enqueue();
      const task = await harness.claimOne();
      await harness.settle(task, completed("first"));
      await harness.settle(task, completed("second"));
      expect(text((await harness.task(id)).result)).toBe("first");
    });

    for (const outcome of [failed({ retryDelayMs: 0 }), leaseLost, timedOut(0), released()] as const) {
      test(`answers a repeat of ${outcome.kind} settled while another worker holds the task, which it leaves alone`, async (harness) => {
        const id = await harness.enqueue({ retryPolicy: { initialBackoffMs: 0, jitter: 0 } });
        const task = await harness.claimOne({ workerId: "first" });
        await harness.settle(task, outcome);
        await advanceAll(harness.store, harness.now);
        const again = await harness.claimOne({ workerId: "second" });
        expect(again.id).toBe(id);
        const before = await everything(harness);
        harness.tick(5);
        expect(await harness.settle(task, outcome)).toMatchObject({
          status: "settled",
          state: "running",
          scheduleMs: null,
        });
        expect(await harness.settle(task, completed("zombie"))).toEqual({ status: "stale", state: "running" });
        expect(await everything(harness)).toEqual(before);
        expect(await harness.settle(again, completed("rightful"))).toMatchObject({ status: "settled" });
        expect(text((await harness.task(id)).result)).toBe("rightful");
      });
    }

    test("answers a zombie stale after its lease was lost and the task completed elsewhere", async (harness) => {
      const id = await harness.enqueue();
      const zombie = await harness.claimOne({ workerId: "zombie" });
      await harness.settle(zombie, leaseLost);
      await harness.settle(await harness.claimOne({ workerId: "other" }), completed("other"));
      const outcomes: Outcome[] = [completed("zombie"), failed(), released(), timedOut()];
      for (const outcome of outcomes) {
        expect(await harness.settle(zombie, outcome)).toEqual({ status: "stale", state: "completed" });
      }
      expect(text((await harness.task(id)).result)).toBe("other");
    });

    test("answers outcomes of a cancelled attempt stale", async (harness) => {
      const id = await harness.enqueue();
      const task = await harness.claimOne();
      await harness.store.cancel([id], taskError(), harness.now);
      const before = await everything(harness);
      for (const outcome of everyOutcome) {
        expect(await harness.settle(task, outcome)).toEqual({ status: "stale", state: "cancelled" });
      }
      expect(await everything(harness)).toEqual(before);
    });

    test("answers outcomes of an attempt from before an operator's retry stale", async (harness) => {
      const id = await harness.enqueue();
      const task = await harness.claimOne();
      await harness.store.cancel([id], taskError(), harness.now);
      await harness.store.retry([id], harness.now);
      expect(await harness.settle(task, completed())).toEqual({ status: "stale", state: "pending" });
      expect((await harness.claimOne()).attempt).toBe(2);
      expect(await harness.settle(task, completed())).toEqual({ status: "stale", state: "running" });
    });

    test("answers what is not there not_found: unknown, deleted, malformed", async (harness) => {
      const deleted = await harness.taskIn("completed");
      await harness.store.delete([deleted], harness.now);
      for (const id of [deleted, "00000000000", "zzzzzzzzzzz", "", "1", "no id", "💥", `${deleted}0`, "'; --", "a\0"]) {
        for (const outcome of everyOutcome) {
          const settlement = { taskId: id, attempt: 1, workerId: "w", leaseKind: "stream", outcome } as const;
          expect(await harness.store.settle([settlement], harness.now), id).toEqual([{ status: "not_found" }]);
        }
      }
    });

    test("answers nobody settled for a task that was never claimed", async (harness) => {
      const id = await harness.enqueue();
      for (const outcome of everyOutcome) {
        for (const attempt of [0, 1]) {
          const settlement = { taskId: id, attempt, workerId: "", leaseKind: "stream", outcome } as const;
          expect(await harness.store.settle([settlement], harness.now)).toEqual([
            { status: "stale", state: "pending" },
          ]);
        }
      }
    });

    test("applies an outcome that comes twice in one call once", async (harness) => {
      await harness.enqueue({ maxAttempts: 2 });
      const settlement = { ...leaseOf(await harness.claimOne()), outcome: failed({ retryDelayMs: 0 }) };
      const answers = await harness.store.settle([settlement, settlement], harness.now);
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[0]).toMatchObject({ status: "settled", state: "pending" });
      expect(await harness.claimOne()).toMatchObject({ attempt: 2 });
    });
  });
}
