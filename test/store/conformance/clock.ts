import { describe, expect } from "vitest";
import { newEvent, newStep, newWorkflow } from "../../harness/calls/builders.ts";
import { completed, failed, leaseOf } from "../outcomes.ts";
import { sweepRound } from "../read-all.ts";
import { type StoreTest, startMs } from "../store-harness.ts";
import { read, start } from "../workflow-calls.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What a clock that is set does to what is stored. */
export function describeClock(test: StoreTest): void {
  describe("shiftTimes", () => {
    for (const byMs of [hourMs, -hourMs]) {
      test(`shifts the spans that run by ${byMs} ms, and no time that a caller chose`, async (harness) => {
        const delayed = await harness.enqueue({ queue: "a", delayMs: 10_000, timeToLiveMs: 20_000 });
        const chosen = await harness.enqueue({ queue: "a", scheduleMs: startMs + 10_000, expireMs: startMs + 20_000 });
        const plain = await harness.enqueue({ queue: "a" });
        const retried = await harness.enqueue({ queue: "b", scheduleMs: startMs - 5_000 });
        await harness.settle(await harness.claimOne({ queue: "b" }), failed({ retryDelayMs: 2_000 }));
        await harness.store.shiftTimes(byMs);
        expect(await harness.task(delayed)).toMatchObject({
          scheduleMs: startMs + 10_000 + byMs,
          expireMs: startMs + 20_000 + byMs,
        });
        expect(await harness.task(chosen)).toMatchObject({ scheduleMs: startMs + 10_000, expireMs: startMs + 20_000 });
        expect(await harness.task(plain)).toMatchObject({ scheduleMs: null, expireMs: null });
        expect(await harness.task(retried)).toMatchObject({ scheduleMs: startMs + 2_000 + byMs });
        harness.tick(byMs);
        await harness.store.advance(harness.tick(1_999));
        expect((await harness.task(retried)).state).toBe("scheduled");
        await harness.store.advance(harness.tick(1));
        expect((await harness.task(retried)).state).toBe("pending");
      });
    }

    test("shifts how long a task waits for the worker that it is for", async (harness) => {
      const dispatch = { workerId: "gone", waitMs: 2_000 };
      const slots = [{ workerId: "w", n: 5 }];
      const waits = [
        await harness.enqueue({ dispatch }),
        await harness.enqueue({ dispatch, delayMs: 1_000 }),
        // What its producer chose stays, and the wait with it.
        await harness.enqueue({ dispatch, scheduleMs: startMs + 1_000 }),
      ];
      await harness.store.shiftTimes(hourMs);
      harness.tick(hourMs);
      expect((await harness.store.advance(harness.now)).nextMs).toBe(harness.now + 1_000);
      const next = async (ms: number) => {
        await harness.store.advance(harness.tick(ms));
        const { tasks } = await harness.store.claim({ queue: "orders", slots, leaseUntilMs: null }, harness.now);
        return tasks.map(({ id }) => id);
      };
      expect(await next(0)).toEqual([waits[2]]);
      expect(await next(1_999)).toEqual([]);
      expect(await next(1)).toEqual([waits[0]]);
      expect(await next(999)).toEqual([]);
      expect(await next(1)).toEqual([waits[1]]);
    });

    test("shifts what runs: its beginning, its time to live and its lease", async (harness) => {
      const id = await harness.enqueue({ timeToLiveMs: 20_000 });
      const other = await harness.enqueue({ queue: "hand" });
      await harness.claimOne();
      await harness.claimOne({ queue: "hand", leaseUntilMs: startMs + 5_000 });
      const workflow = await start(harness, newWorkflow([newStep("a", { service: "flow" })]));
      await harness.claimOne({ queue: "flow" });
      await harness.store.shiftTimes(-hourMs);
      expect(await harness.task(id)).toMatchObject({ startMs: startMs - hourMs, expireMs: startMs + 20_000 - hourMs });
      expect(await harness.store.leases()).toMatchObject([
        { taskId: id, startMs: startMs - hourMs, leaseUntilMs: null },
        { taskId: other, startMs: startMs - hourMs, leaseUntilMs: startMs + 5_000 - hourMs },
        {},
      ]);
      expect(await read(harness, workflow)).toMatchObject({ startMs: startMs - hourMs });
    });
  });

  describe("a clock that was set back", () => {
    test("gives what is created the time of the clock, and an id above all before", async (harness) => {
      expect(await harness.store.newestMs()).toBeNull();
      const ids = [await harness.enqueue()];
      expect(await harness.store.newestMs()).toBe(startMs);
      for (const backMs of [hourMs, 400 * dayMs, 2_000]) {
        const nowMs = harness.tick(-backMs);
        const [answer] = await harness.enqueueAll([{}]);
        if (answer?.status !== "created") throw new Error("not created");
        ids.push(answer.task.id);
        expect(answer.task.createMs).toBe(nowMs);
        expect((await harness.task(answer.task.id)).createMs).toBe(nowMs);
        const [published] = await harness.store.publish([newEvent({ id: `e${backMs}` })], nowMs);
        expect(published).toMatchObject({ status: "created", event: { publishMs: nowMs } });
        expect((await harness.store.getEvent(`e${backMs}`, null, 1))?.event.publishMs).toBe(nowMs);
        const workflow = await start(harness, newWorkflow([newStep("a"), newStep("b")]));
        expect((await read(harness, workflow)).createMs).toBe(nowMs);
        ids.push(workflow);
        await harness.reopen();
        expect(await harness.store.newestMs()).toBe(nowMs);
        expect((await read(harness, workflow)).createMs).toBe(nowMs);
      }
      expect(ids).toEqual([...new Set(ids)].sort());
    });

    test("lets retention go by the time of finishing", async (harness) => {
      harness.tick(400 * dayMs);
      const ahead = await harness.enqueue();
      await harness.settle(await harness.claimOne(), completed());
      const nowMs = harness.tick(-400 * dayMs);
      const ids: string[] = [];
      for (let n = 0; n < 3; n++) {
        ids.push(await harness.enqueue());
        await harness.settle(await harness.claimOne(), completed());
      }
      expect(await sweepRound(harness.store, nowMs + hourMs)).toMatchObject({ deleted: 0 });
      expect(await sweepRound(harness.store, nowMs + 100 * dayMs)).toMatchObject({ deleted: 3 });
      expect((await harness.store.get([ahead, ...ids])).map((found) => found?.task.id ?? null)).toEqual([
        ahead,
        null,
        null,
        null,
      ]);
    });

    test("ends no attempt before it began", async (harness) => {
      const id = await harness.enqueue({ maxAttempts: 3 });
      for (const outcome of [failed({ retryDelayMs: 0 }), completed()]) {
        const task = await harness.claimOne();
        harness.tick(-10_000);
        await harness.settle(task, outcome);
        await harness.store.advance(harness.tick(20_000));
      }
      const { task, attempts } = await harness.read(id);
      expect(task.finishMs).toBe(task.startMs);
      expect(attempts.map(({ startMs: fromMs, finishMs }) => (finishMs ?? 0) - fromMs)).toEqual([0, 0]);
    });

    test("undoes steps in the order of their completion all the same", async (harness) => {
      const undoable = (stepId: string) => newStep(stepId, { compensateWith: `undo-${stepId}` });
      await start(
        harness,
        newWorkflow([undoable("a"), undoable("b"), undoable("c"), newStep("d", { maxAttempts: 1 })]),
      );
      const { tasks } = await harness.claim(4);
      for (const type of ["b", "c", "a"]) {
        harness.tick(-2_000);
        const mine = tasks.filter((task) => task.type === type);
        await harness.store.settle(
          mine.map((task) => ({ ...leaseOf(task), outcome: completed() })),
          harness.now,
        );
      }
      for (const task of tasks.filter(({ type }) => type === "d"))
        await harness.settle(task, failed({ terminal: true }));
      const undone: string[] = [];
      for (let n = 0; n < 3; n++) {
        const task = await harness.claimOne();
        undone.push(task.type);
        await harness.settle(task, completed());
      }
      expect(undone).toEqual(["undo-a", "undo-c", "undo-b"]);
    });
  });
}
