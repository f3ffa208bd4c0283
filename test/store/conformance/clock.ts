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
      test(`shifts the spans that run by ${byMs} ms, and no time that a caller chose`, async (lab) => {
        const delayed = await lab.enqueue({ queue: "a", delayMs: 10_000, timeToLiveMs: 20_000 });
        const chosen = await lab.enqueue({ queue: "a", scheduleMs: startMs + 10_000, expireMs: startMs + 20_000 });
        const plain = await lab.enqueue({ queue: "a" });
        const retried = await lab.enqueue({ queue: "b", scheduleMs: startMs - 5_000 });
        await lab.settle(await lab.claimOne({ queue: "b" }), failed({ retryDelayMs: 2_000 }));
        await lab.store.shiftTimes(byMs);
        expect(await lab.task(delayed)).toMatchObject({
          scheduleMs: startMs + 10_000 + byMs,
          expireMs: startMs + 20_000 + byMs,
        });
        expect(await lab.task(chosen)).toMatchObject({ scheduleMs: startMs + 10_000, expireMs: startMs + 20_000 });
        expect(await lab.task(plain)).toMatchObject({ scheduleMs: null, expireMs: null });
        expect(await lab.task(retried)).toMatchObject({ scheduleMs: startMs + 2_000 + byMs });
        lab.tick(byMs);
        await lab.store.advance(lab.tick(1_999));
        expect((await lab.task(retried)).state).toBe("scheduled");
        await lab.store.advance(lab.tick(1));
        expect((await lab.task(retried)).state).toBe("pending");
      });
    }

    test("shifts how long a task waits for the worker that it is for", async (lab) => {
      const dispatch = { workerId: "gone", waitMs: 2_000 };
      const slots = [{ workerId: "w", n: 5 }];
      const waits = [
        await lab.enqueue({ dispatch }),
        await lab.enqueue({ dispatch, delayMs: 1_000 }),
        // What its producer chose stays, and the wait with it.
        await lab.enqueue({ dispatch, scheduleMs: startMs + 1_000 }),
      ];
      await lab.store.shiftTimes(hourMs);
      lab.tick(hourMs);
      expect((await lab.store.advance(lab.now)).nextMs).toBe(lab.now + 1_000);
      const next = async (ms: number) => {
        await lab.store.advance(lab.tick(ms));
        const { tasks } = await lab.store.claim({ queue: "orders", slots, leaseUntilMs: null }, lab.now);
        return tasks.map(({ id }) => id);
      };
      expect(await next(0)).toEqual([waits[2]]);
      expect(await next(1_999)).toEqual([]);
      expect(await next(1)).toEqual([waits[0]]);
      expect(await next(999)).toEqual([]);
      expect(await next(1)).toEqual([waits[1]]);
    });

    test("shifts what runs: its beginning, its time to live and its lease", async (lab) => {
      const id = await lab.enqueue({ timeToLiveMs: 20_000 });
      const other = await lab.enqueue({ queue: "hand" });
      await lab.claimOne();
      await lab.claimOne({ queue: "hand", leaseUntilMs: startMs + 5_000 });
      const workflow = await start(lab, newWorkflow([newStep("a", { service: "flow" })]));
      await lab.claimOne({ queue: "flow" });
      await lab.store.shiftTimes(-hourMs);
      expect(await lab.task(id)).toMatchObject({ startMs: startMs - hourMs, expireMs: startMs + 20_000 - hourMs });
      expect(await lab.store.leases()).toMatchObject([
        { id, startMs: startMs - hourMs, leaseUntilMs: null },
        { id: other, startMs: startMs - hourMs, leaseUntilMs: startMs + 5_000 - hourMs },
        {},
      ]);
      expect(await read(lab, workflow)).toMatchObject({ startMs: startMs - hourMs });
    });
  });

  describe("a clock that was set back", () => {
    test("gives what is created the time of the clock, and an id above all before", async (lab) => {
      expect(await lab.store.newestMs()).toBeNull();
      const ids = [await lab.enqueue()];
      expect(await lab.store.newestMs()).toBe(startMs);
      for (const backMs of [hourMs, 400 * dayMs, 2_000]) {
        const nowMs = lab.tick(-backMs);
        const [answer] = await lab.enqueueAll([{}]);
        if (answer?.status !== "created") throw new Error("not created");
        ids.push(answer.task.id);
        expect(answer.task.createMs).toBe(nowMs);
        expect((await lab.task(answer.task.id)).createMs).toBe(nowMs);
        const [published] = await lab.store.publish([newEvent({ id: `e${backMs}` })], nowMs);
        expect(published).toMatchObject({ status: "created", event: { publishMs: nowMs } });
        expect((await lab.store.getEvent(`e${backMs}`, null, 1))?.event.publishMs).toBe(nowMs);
        const workflow = await start(lab, newWorkflow([newStep("a"), newStep("b")]));
        expect((await read(lab, workflow)).createMs).toBe(nowMs);
        ids.push(workflow);
        await lab.reopen();
        expect(await lab.store.newestMs()).toBe(nowMs);
        expect((await read(lab, workflow)).createMs).toBe(nowMs);
      }
      expect(ids).toEqual([...new Set(ids)].sort());
    });

    test("lets retention go by the time of finishing", async (lab) => {
      lab.tick(400 * dayMs);
      const ahead = await lab.enqueue();
      await lab.settle(await lab.claimOne(), completed());
      const nowMs = lab.tick(-400 * dayMs);
      const ids: string[] = [];
      for (let n = 0; n < 3; n++) {
        ids.push(await lab.enqueue());
        await lab.settle(await lab.claimOne(), completed());
      }
      expect(await sweepRound(lab.store, nowMs + hourMs)).toMatchObject({ deleted: 0 });
      expect(await sweepRound(lab.store, nowMs + 100 * dayMs)).toMatchObject({ deleted: 3 });
      expect((await lab.store.get([ahead, ...ids])).map((found) => found?.task.id ?? null)).toEqual([
        ahead,
        null,
        null,
        null,
      ]);
    });

    test("ends no attempt before it began", async (lab) => {
      const id = await lab.enqueue({ maxAttempts: 3 });
      for (const outcome of [failed({ retryDelayMs: 0 }), completed()]) {
        const task = await lab.claimOne();
        lab.tick(-10_000);
        await lab.settle(task, outcome);
        await lab.store.advance(lab.tick(20_000));
      }
      const { task, attempts } = await lab.read(id);
      expect(task.finishMs).toBe(task.startMs);
      expect(attempts.map(({ startMs: fromMs, finishMs }) => (finishMs ?? 0) - fromMs)).toEqual([0, 0]);
    });

    test("undoes steps in the order of their completion all the same", async (lab) => {
      const undoable = (stepId: string) => newStep(stepId, { compensateWith: `undo-${stepId}` });
      await start(lab, newWorkflow([undoable("a"), undoable("b"), undoable("c"), newStep("d", { maxAttempts: 1 })]));
      const { tasks } = await lab.claim(4);
      for (const type of ["b", "c", "a"]) {
        lab.tick(-2_000);
        const mine = tasks.filter((task) => task.type === type);
        await lab.store.settle(
          mine.map((task) => ({ ...leaseOf(task), outcome: completed() })),
          lab.now,
        );
      }
      for (const task of tasks.filter(({ type }) => type === "d")) await lab.settle(task, failed({ terminal: true }));
      const undone: string[] = [];
      for (let n = 0; n < 3; n++) {
        const task = await lab.claimOne();
        undone.push(task.type);
        await lab.settle(task, completed());
      }
      expect(undone).toEqual(["undo-a", "undo-c", "undo-b"]);
    });
  });
}
