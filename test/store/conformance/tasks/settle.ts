import { describe, expect } from "vitest";
import { serverErrors } from "../../../../src/domain/tasks/task.ts";
import { taskError } from "../../../harness/calls/builders.ts";
import { createdIds } from "../../answers.ts";
import {
  bytes,
  completed,
  failed,
  leaseLost,
  leaseOf,
  notArrived,
  type Outcome,
  released,
  text,
  timedOut,
} from "../../outcomes.ts";
import { advanceAll } from "../../read-all.ts";
import type { StoreTest } from "../../store-harness.ts";

/** The retry policy of these tests: the middle of the jitter is the delay itself. */
const retryPolicy = { initialBackoffMs: 100, maxBackoffMs: 350, multiplier: 2, jitter: 0.5 };

/** What each outcome does. */
export function describeSettle(test: StoreTest): void {
  describe("settle", () => {
    test("completed stores the result", async (harness) => {
      const id = await harness.enqueue();
      const task = await harness.claimOne();
      harness.tick(7);
      expect(await harness.settle(task, completed("done"))).toEqual({
        status: "settled",
        queue: "orders",
        state: "completed",
        scheduleMs: null,
      });
      const { task: after, attempts } = await harness.read(id);
      expect(text(after.result)).toBe("done");
      expect(after).toMatchObject({ state: "completed", attempt: 1, finishMs: harness.now, error: null });
      expect(attempts).toEqual([
        {
          attempt: 1,
          workerId: task.workerId,
          startMs: harness.now - 7,
          finishMs: harness.now,
          outcome: "completed",
          error: null,
        },
      ]);
    });

    test("completed may have no result", async (harness) => {
      const id = await harness.enqueue();
      await harness.settle(await harness.claimOne(), completed(null));
      expect((await harness.task(id)).result).toBeNull();
    });

    test("keeps a result byte for byte", async (harness) => {
      const id = await harness.enqueue();
      const result = bytes("xx").subarray(0, 0);
      const everyByte = Uint8Array.from({ length: 1_024 }, (_, index) => index);
      await harness.settle(await harness.claimOne(), { kind: "completed", result: everyByte.subarray(100, 600) });
      expect(Buffer.from((await harness.task(id)).result ?? result)).toEqual(Buffer.from(everyByte.subarray(100, 600)));
    });

    test("failed is put off by the policy, with the random that was handed in", async (harness) => {
      const id = await harness.enqueue({ retryPolicy, maxAttempts: 9 });
      const delays: number[] = [];
      for (const random of [0, 0.5, 0.75, 0.5]) {
        const answer = await harness.settle(await harness.claimOne(), failed({ random }));
        if (answer.status !== "settled" || answer.scheduleMs === null) throw new Error(JSON.stringify(answer));
        expect(answer).toEqual({
          status: "settled",
          queue: "orders",
          state: "scheduled",
          scheduleMs: answer.scheduleMs,
        });
        expect(await harness.task(id)).toMatchObject({
          state: "scheduled",
          scheduleMs: answer.scheduleMs,
          finishMs: null,
        });
        delays.push(answer.scheduleMs - harness.now);
        harness.tick(answer.scheduleMs - harness.now);
        await advanceAll(harness.store, harness.now);
      }
      // 100, 200, 400 and 800, of which no more than 350, moved by the jitter.
      expect(delays).toEqual([50, 200, 437.5, 350].map(Math.round));
    });

    test("failed waits for what the queue says if the task does not", async (harness) => {
      await harness.store.updateQueue(
        "orders",
        { retryPolicy: { initialBackoffMs: 40, jitter: 0 } },
        true,
        harness.now,
      );
      await harness.enqueue();
      expect(await harness.settle(await harness.claimOne(), failed())).toMatchObject({ scheduleMs: harness.now + 40 });
    });

    test("failed keeps the worker's error, with the task and in its history", async (harness) => {
      const id = await harness.enqueue();
      const task = await harness.claimOne();
      harness.tick(3);
      await harness.settle(task, failed({ error: taskError("no paper") }));
      expect(await harness.read(id)).toMatchObject({
        task: { state: "scheduled", attempt: 1, error: taskError("no paper"), workerId: task.workerId },
        attempts: [
          {
            attempt: 1,
            startMs: harness.now - 3,
            finishMs: harness.now,
            outcome: "failed",
            error: taskError("no paper"),
          },
        ],
      });
    });

    test("failed waits as long as the worker says", async (harness) => {
      const id = await harness.enqueue();
      expect(await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 12_345 }))).toMatchObject({
        state: "scheduled",
        scheduleMs: harness.now + 12_345,
      });
      harness.tick(12_345);
      await advanceAll(harness.store, harness.now);
      expect(await harness.claimOne()).toMatchObject({ id, attempt: 2 });
    });

    test("failed with no delay is offered again at once", async (harness) => {
      const id = await harness.enqueue();
      expect(await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 0 }))).toMatchObject({
        state: "pending",
        scheduleMs: null,
      });
      expect(await harness.claimOne()).toMatchObject({ id, attempt: 2 });
    });

    test("failed and terminal is not tried again, whatever the delay", async (harness) => {
      const id = await harness.enqueue();
      const outcome = failed({ terminal: true, retryDelayMs: 5, error: taskError("no such address") });
      expect(await harness.settle(await harness.claimOne(), outcome)).toMatchObject({
        state: "failed",
        scheduleMs: null,
      });
      expect(await harness.read(id)).toMatchObject({
        task: { state: "failed", attempt: 1, finishMs: harness.now, error: taskError("no such address") },
        attempts: [{ attempt: 1, outcome: "failed" }],
      });
    });

    test("not_arrived burns no attempt the first time, and then is a lost lease", async (harness) => {
      const [id = ""] = createdIds(await harness.enqueueAll([{ maxAttempts: 2 }]));
      for (const [attempt, state, spent] of [
        [1, "pending", 0],
        [1, "pending", 1],
        [2, "pending", 1],
        [2, "failed", 2],
      ] as const) {
        const task = await harness.claimOne();
        expect(task.attempt).toBe(attempt);
        expect(await harness.settle(task, notArrived)).toMatchObject({ status: "settled", state });
        expect((await harness.read(id)).task.attempt).toBe(spent);
      }
      expect((await harness.read(id)).attempts.map(({ outcome }) => outcome)).toEqual([
        "released",
        "lease_lost",
        "released",
        "lease_lost",
      ]);
    });

    test("released burns no attempt, at once or later", async (harness) => {
      const id = await harness.enqueue({ maxAttempts: 1 });
      const task = await harness.claimOne();
      expect(task.attempt).toBe(1);
      expect(await harness.settle(task, released())).toMatchObject({ state: "pending", scheduleMs: null });
      expect(await harness.task(id)).toMatchObject({ state: "pending", attempt: 0, finishMs: null, error: null });
      expect(await harness.settle(await harness.claimOne(), released(500))).toMatchObject({
        state: "scheduled",
        scheduleMs: harness.now + 500,
      });
      harness.tick(500);
      await advanceAll(harness.store, harness.now);
      expect(await harness.claimOne()).toMatchObject({ id, attempt: 1 });
    });

    test("released again and again holds the task back, longer each time, until it has run", async (harness) => {
      const id = await harness.enqueue({ maxAttempts: 1 });
      const pauseAfter = async (outcome: Outcome, ranForMs = 0) => {
        const task = await harness.claimOne();
        expect(task).toMatchObject({ id, attempt: 1 });
        harness.tick(ranForMs);
        const answer = await harness.settle(task, outcome);
        const pauseMs = answer.status === "settled" && answer.scheduleMs !== null ? answer.scheduleMs - harness.now : 0;
        harness.tick(pauseMs);
        await advanceAll(harness.store, harness.now);
        return pauseMs;
      };
      const pauses: number[] = [];
      for (let round = 0; round < 12; round++) pauses.push(await pauseAfter(released()));
      expect(pauses).toEqual([0, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000]);
      // What the worker asks for counts where it is longer.
      expect(await pauseAfter(released(90_000))).toBe(90_000);
      expect(await pauseAfter(released(5), 999)).toBe(60_000);
      expect(await pauseAfter(released(5), 1_000)).toBe(5);
      expect(await pauseAfter(released())).toBe(0);
      expect(await pauseAfter(released())).toBe(100);
    });

    test("released for a reason says it, and without a handler is held back from the first time on", async (harness) => {
      const id = await harness.enqueue();
      const pauses: number[] = [];
      for (let round = 0; round < 10; round++) {
        const answer = await harness.settle(await harness.claimOne({ workerId: "w" }), released(null, "NO_HANDLER"));
        if (answer.status !== "settled" || answer.scheduleMs === null) expect.unreachable("not held back");
        pauses.push(answer.scheduleMs - harness.now);
        harness.tick(answer.scheduleMs - harness.now);
        await advanceAll(harness.store, harness.now);
      }
      const s = 1_000;
      expect(pauses).toEqual([s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 64 * s, 128 * s, 256 * s, 300 * s]);
      const error = { type: "NO_HANDLER", message: "The worker w does not handle order.ship." };
      expect(await harness.task(id)).toMatchObject({ state: "pending", attempt: 0, error });
      expect((await harness.read(id))?.attempts.at(-1)).toMatchObject({ outcome: "released", error });
    });

    test("completed again with another result leaves the first one, and says so", async (harness) => {
      const id = await harness.enqueue();
      const task = await harness.claimOne();
      await harness.settle(task, completed("one"));
      expect(await harness.settle(task, completed("one"))).toMatchObject({ status: "settled" });
      expect(await harness.settle(task, completed("two"))).toEqual({ status: "already_settled" });
      expect(await harness.settle(task, completed())).toEqual({ status: "already_settled" });
      expect(await harness.settle(task, failed())).toMatchObject({ status: "stale" });
      expect(text((await harness.task(id)).result)).toBe("one");
    });

    test("unsent is as if it had not been handed out", async (harness) => {
      const id = await harness.enqueue();
      for (let round = 0; round < 3; round++) {
        expect(await harness.settle(await harness.claimOne(), { kind: "unsent" })).toMatchObject({ state: "pending" });
      }
      expect(await harness.read(id)).toMatchObject({ task: { state: "pending", attempt: 0 }, attempts: [] });
    });

    test("lease_lost is offered again at once, with the next attempt", async (harness) => {
      const id = await harness.enqueue();
      const task = await harness.claimOne({ workerId: "a" });
      harness.tick(9);
      expect(await harness.settle(task, leaseLost)).toMatchObject({ state: "pending", scheduleMs: null });
      expect(await harness.read(id)).toMatchObject({
        task: { attempt: 1, error: serverErrors.leaseLost, finishMs: null },
        attempts: [
          { attempt: 1, workerId: "a", outcome: "lease_lost", finishMs: harness.now, error: serverErrors.leaseLost },
        ],
      });
      expect(await harness.claimOne({ workerId: "b" })).toMatchObject({ id, attempt: 2 });
    });

    test("lease_lost leaves the task naming the worker that held its newest attempt", async (harness) => {
      const id = await harness.enqueue();
      const task = await harness.claimOne({ workerId: "a" });
      harness.tick(9);
      await harness.settle(task, leaseLost);
      expect(await harness.task(id)).toMatchObject({ attempt: 1, workerId: "a", startMs: harness.now - 9 });
    });

    test("timed_out is put off by the policy", async (harness) => {
      const id = await harness.enqueue({ retryPolicy });
      const task = await harness.claimOne();
      expect(await harness.settle(task, timedOut(0))).toMatchObject({
        state: "scheduled",
        scheduleMs: harness.now + 50,
      });
      expect(await harness.read(id)).toMatchObject({
        task: { attempt: 1, error: serverErrors.attemptTimeout },
        attempts: [{ attempt: 1, outcome: "timed_out", error: serverErrors.attemptTimeout }],
      });
    });

    for (const [name, outcome, type] of [
      ["failed", failed({ retryDelayMs: 0 }), "PrinterError"],
      ["lease_lost", leaseLost, "LEASE_LOST"],
      ["timed_out", timedOut(0), "ATTEMPT_TIMEOUT"],
    ] as const) {
      test(`lets a task run exactly max_attempts times when it ends ${name}`, async (harness) => {
        const id = await harness.enqueue({ maxAttempts: 3, retryPolicy: { initialBackoffMs: 0, jitter: 0 } });
        for (const attempt of [1, 2, 3]) {
          await advanceAll(harness.store, harness.now);
          const task = await harness.claimOne();
          expect(task).toMatchObject({ id, attempt, maxAttempts: 3 });
          harness.tick(5);
          expect(await harness.settle(task, outcome)).toMatchObject({ state: attempt < 3 ? "pending" : "failed" });
        }
        await advanceAll(harness.store, harness.tick(86_400_000));
        expect(await harness.claim(1)).toEqual({ tasks: [], short: "empty" });
        expect(await harness.task(id)).toMatchObject({ state: "failed", attempt: 3, error: { type } });
      });
    }

    test("a completed task still tells why an earlier attempt failed", async (harness) => {
      const id = await harness.enqueue();
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 0 }));
      await harness.settle(await harness.claimOne(), completed());
      expect(await harness.read(id)).toMatchObject({
        task: { state: "completed", attempt: 2, error: taskError() },
        attempts: [
          { attempt: 1, outcome: "failed" },
          { attempt: 2, outcome: "completed" },
        ],
      });
    });

    for (const [name, outcome] of [
      ["failed", failed({ retryDelayMs: 0 })],
      ["lease_lost", leaseLost],
      ["timed_out", timedOut()],
    ] as const) {
      test(`does not try a task again that ended ${name} after its expire_time`, async (harness) => {
        const id = await harness.enqueue({ timeToLiveMs: 50 });
        const task = await harness.claimOne();
        harness.tick(51);
        expect(await harness.settle(task, outcome)).toMatchObject({ status: "settled" });
        await advanceAll(harness.store, harness.tick(86_400_000));
        expect((await harness.claim(1)).tasks).toEqual([]);
        expect(await harness.task(id)).toMatchObject({ state: "failed", attempt: 1 });
      });
    }

    test("does not try a task again whose next time is after its expire_time", async (harness) => {
      const id = await harness.enqueue({ timeToLiveMs: 50 });
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 100 }));
      await advanceAll(harness.store, harness.tick(100));
      expect((await harness.claim(1)).tasks).toEqual([]);
      expect((await harness.task(id)).state).toBe("failed");
    });

    test("takes several in one call, in order", async (harness) => {
      const ids = createdIds(await harness.enqueueAll([{}, {}, {}]));
      const { tasks } = await harness.claim(3);
      const [a, b, c] = tasks.map((task) => leaseOf(task));
      if (a === undefined || b === undefined || c === undefined) throw new Error("not three");
      const answers = await harness.store.settle(
        [
          { ...c, outcome: completed("c") },
          { ...a, outcome: released() },
          { ...a, outcome: completed("too late") },
          { ...a, taskId: "00000000000", outcome: completed() },
          { ...b, outcome: failed({ terminal: true }) },
          { ...c, outcome: completed("c") },
        ],
        harness.now,
      );
      expect(answers).toEqual([
        { status: "settled", queue: "orders", state: "completed", scheduleMs: null },
        { status: "settled", queue: "orders", state: "pending", scheduleMs: null },
        { status: "stale", state: "pending" },
        { status: "not_found" },
        { status: "settled", queue: "orders", state: "failed", scheduleMs: null },
        { status: "settled", queue: "orders", state: "completed", scheduleMs: null },
      ]);
      expect(await Promise.all(ids.map(async (id) => (await harness.task(id)).state))).toEqual([
        "pending",
        "failed",
        "completed",
      ]);
    });
  });
}
