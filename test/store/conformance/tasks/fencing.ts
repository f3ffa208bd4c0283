import { describe, expect } from "vitest";
import type { Settlement } from "../../../../src/store/store.ts";
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
import type { Lab, StoreTest } from "../../store-harness.ts";

/** Everything that a repeat must not change. */
async function everything(lab: Lab) {
  const tasks = await listAll(lab.store);
  return { found: await lab.store.get(tasks.map(({ id }) => id)), queues: await lab.store.listQueues(null, 100) };
}

/** What does not hold the lease of task, attempt 2, worker and stream. */
const notTheHolder: readonly [string, Partial<Settlement>][] = [
  ["an older attempt", { attempt: 1 }],
  ["an attempt that is yet to come", { attempt: 3 }],
  ["attempt 0", { attempt: 0 }],
  ["a negative attempt", { attempt: -1 }],
  ["another worker", { workerId: "thief" }],
  ["no worker", { workerId: "" }],
  ["the other kind of lease", { lease: "unary" }],
];

/** Who may settle, and what a second settlement does. */
export function describeFencing(test: StoreTest): void {
  describe("fencing", () => {
    test("answers whoever does not hold the lease stale, whatever the outcome, and changes nothing", async (lab) => {
      const id = await lab.enqueue();
      await lab.settle(await lab.claimOne({ workerId: "before" }), failed({ retryDelayMs: 0 }));
      const task = await lab.claimOne({ workerId: "holder" });
      const before = await everything(lab);
      lab.tick(5);
      for (const [who, changes] of notTheHolder) {
        for (const outcome of everyOutcome) {
          const answer = await lab.settle(task, outcome, changes);
          expect(answer, `${outcome.kind} by ${who}`).toEqual({ status: "stale", state: "running" });
        }
      }
      expect(await everything(lab)).toEqual(before);
      expect(await lab.settle(task, completed())).toMatchObject({ status: "settled", state: "completed" });
      expect((await lab.task(id)).state).toBe("completed");
    });

    test("answers who holds a unary lease, and speaks as a stream, stale", async (lab) => {
      await lab.enqueue();
      const task = await lab.claimOne({ leaseUntilMs: lab.now + 1_000 });
      expect(await lab.settle(task, completed(), { lease: "stream" })).toEqual({ status: "stale", state: "running" });
      expect(await lab.settle(task, completed(), { lease: "unary" })).toMatchObject({ status: "settled" });
    });

    test("lets a unary lease be settled until the server ends it, however late", async (lab) => {
      await lab.enqueue();
      const task = await lab.claimOne({ leaseUntilMs: lab.now + 1_000 });
      lab.tick(5_000);
      expect(await lab.settle(task, completed(), { lease: "unary" })).toMatchObject({ status: "settled" });
    });

    for (const outcome of everyOutcome) {
      test(`answers a repeat of ${outcome.kind} settled again, and changes nothing`, async (lab) => {
        await lab.enqueue();
        const task = await lab.claimOne();
        const first = await lab.settle(task, outcome);
        const before = await everything(lab);
        lab.tick(50);
        expect(await lab.settle(task, outcome)).toEqual(first);
        expect(await everything(lab)).toEqual(before);
      });

      test(`answers a repeat of ${outcome.kind} settled, also when it was opened anew`, async (lab) => {
        await lab.enqueue();
        const task = await lab.claimOne();
        const first = await lab.settle(task, outcome);
        await lab.reopen();
        const before = await everything(lab);
        expect(await lab.settle(task, outcome)).toEqual(first);
        expect(await everything(lab)).toEqual(before);
      });

      test(`answers every other outcome after ${outcome.kind} stale, and changes nothing`, async (lab) => {
        await lab.enqueue();
        const task = await lab.claimOne();
        const first = await lab.settle(task, outcome);
        if (first.status !== "settled") throw new Error(first.status);
        const before = await everything(lab);
        for (const other of everyOutcome.filter(({ kind }) => kind !== outcome.kind)) {
          expect(await lab.settle(task, other), other.kind).toEqual({ status: "stale", state: first.state });
        }
        expect(await everything(lab)).toEqual(before);
      });
    }

    test("keeps the first result when completed comes again with another", async (lab) => {
      const id = await lab.enqueue();
      const task = await lab.claimOne();
      await lab.settle(task, completed("first"));
      await lab.settle(task, completed("second"));
      expect(text((await lab.task(id)).result)).toBe("first");
    });

    for (const outcome of [failed({ retryDelayMs: 0 }), leaseLost, timedOut(0), released()] as const) {
      test(`answers a repeat of ${outcome.kind} settled while another worker holds the task, which it leaves alone`, async (lab) => {
        const id = await lab.enqueue({ retryPolicy: { initialBackoffMs: 0, jitter: 0 } });
        const task = await lab.claimOne({ workerId: "first" });
        await lab.settle(task, outcome);
        await advanceAll(lab.store, lab.now);
        const again = await lab.claimOne({ workerId: "second" });
        expect(again.id).toBe(id);
        const before = await everything(lab);
        lab.tick(5);
        expect(await lab.settle(task, outcome)).toMatchObject({
          status: "settled",
          state: "running",
          scheduleMs: null,
        });
        expect(await lab.settle(task, completed("zombie"))).toEqual({ status: "stale", state: "running" });
        expect(await everything(lab)).toEqual(before);
        expect(await lab.settle(again, completed("rightful"))).toMatchObject({ status: "settled" });
        expect(text((await lab.task(id)).result)).toBe("rightful");
      });
    }

    test("answers a zombie stale after its lease was lost and the task completed elsewhere", async (lab) => {
      const id = await lab.enqueue();
      const zombie = await lab.claimOne({ workerId: "zombie" });
      await lab.settle(zombie, leaseLost);
      await lab.settle(await lab.claimOne({ workerId: "other" }), completed("other"));
      const outcomes: Outcome[] = [completed("zombie"), failed(), released(), timedOut()];
      for (const outcome of outcomes) {
        expect(await lab.settle(zombie, outcome)).toEqual({ status: "stale", state: "completed" });
      }
      expect(text((await lab.task(id)).result)).toBe("other");
    });

    test("answers outcomes of a cancelled attempt stale", async (lab) => {
      const id = await lab.enqueue();
      const task = await lab.claimOne();
      await lab.store.cancel([id], taskError(), lab.now);
      const before = await everything(lab);
      for (const outcome of everyOutcome) {
        expect(await lab.settle(task, outcome)).toEqual({ status: "stale", state: "cancelled" });
      }
      expect(await everything(lab)).toEqual(before);
    });

    test("answers outcomes of an attempt from before an operator's retry stale", async (lab) => {
      const id = await lab.enqueue();
      const task = await lab.claimOne();
      await lab.store.cancel([id], taskError(), lab.now);
      await lab.store.retry([id], lab.now);
      expect(await lab.settle(task, completed())).toEqual({ status: "stale", state: "pending" });
      expect((await lab.claimOne()).attempt).toBe(2);
      expect(await lab.settle(task, completed())).toEqual({ status: "stale", state: "running" });
    });

    test("answers what is not there not_found: unknown, deleted, malformed", async (lab) => {
      const deleted = await lab.taskIn("completed");
      await lab.store.delete([deleted], lab.now);
      for (const id of [deleted, "00000000000", "zzzzzzzzzzz", "", "1", "no id", "💥", `${deleted}0`, "'; --", "a\0"]) {
        for (const outcome of everyOutcome) {
          const settlement = { id, attempt: 1, workerId: "w", lease: "stream", outcome } as const;
          expect(await lab.store.settle([settlement], lab.now), id).toEqual([{ status: "not_found" }]);
        }
      }
    });

    test("answers nobody settled for a task that was never claimed", async (lab) => {
      const id = await lab.enqueue();
      for (const outcome of everyOutcome) {
        for (const attempt of [0, 1]) {
          const settlement = { id, attempt, workerId: "", lease: "stream", outcome } as const;
          expect(await lab.store.settle([settlement], lab.now)).toEqual([{ status: "stale", state: "pending" }]);
        }
      }
    });

    test("applies an outcome that comes twice in one call once", async (lab) => {
      await lab.enqueue({ maxAttempts: 2 });
      const settlement = { ...leaseOf(await lab.claimOne()), outcome: failed({ retryDelayMs: 0 }) };
      const answers = await lab.store.settle([settlement, settlement], lab.now);
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[0]).toMatchObject({ status: "settled", state: "pending" });
      expect(await lab.claimOne()).toMatchObject({ attempt: 2 });
    });
  });
}
