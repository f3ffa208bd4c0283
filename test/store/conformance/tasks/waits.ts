import { describe, expect } from "vitest";
import type { StoredWait } from "../../../../src/domain/waits/wait-facts.ts";
import { newEvent, newStep, newSubscription, newWorkflow } from "../../../harness/calls/builders.ts";
import { createdIds } from "../../answers.ts";
import { completed, failed, released } from "../../outcomes.ts";
import { defaultWorker, reachableStates, type StoreHarness, type StoreTest, startMs } from "../../store-harness.ts";
import { read, start, stepTask } from "../../workflow-calls.ts";

async function waitOf({ store }: StoreHarness, id: string): Promise<StoredWait> {
  const [wait] = await store.readWaits([id]);
  if (wait == null) throw new Error(`no task ${id}`);
  return wait;
}

/** Their places, the ids in the order in which they come first. */
async function places({ store }: StoreHarness, ids: readonly string[]): Promise<(number | null)[]> {
  return (await store.readWaits(ids)).map((wait) => wait?.ahead ?? null);
}

/** What is stored of why tasks wait. */
export function describeWaits(test: StoreTest): void {
  describe("waits", () => {
    test("tell how a task stands in each state, and since when", async (harness) => {
      for (const state of reachableStates) {
        harness.tick(1_000);
        const id = await harness.taskIn(state, { queue: state });
        const sinceMs = harness.now;
        harness.tick(1_000);
        expect(await waitOf(harness, id), state).toMatchObject({
          id,
          queue: state,
          type: "order.ship",
          state,
          sinceMs,
        });
      }
      expect(await harness.store.readWaits(["0zzzzzzzzzz", "no id"])).toEqual([null, null]);
    });

    test("tell how the newest attempt ended of a task that is due later", async (harness) => {
      const id = await harness.enqueue({ maxAttempts: 3 });
      const task = await harness.claimOne();
      harness.tick(500);
      await harness.settle(task, failed({ retryDelayMs: 60_000 }));
      expect(await waitOf(harness, id)).toMatchObject({
        state: "scheduled",
        attempt: 1,
        maxAttempts: 3,
        workerId: defaultWorker,
        errorType: "PrinterError",
        sinceMs: startMs + 500,
        dueMs: startMs + 60_500,
        lastOutcome: "failed",
      });

      const other = await harness.enqueue({ queue: "other" });
      await harness.settle(await harness.claimOne({ queue: "other" }), released(5_000));
      expect(await waitOf(harness, other)).toMatchObject({
        attempt: 0,
        lastOutcome: "released",
        dueMs: harness.now + 5_000,
      });
      const fresh = await harness.enqueue({ delayMs: 1_000 });
      expect(await waitOf(harness, fresh)).toMatchObject({ attempt: 0, lastOutcome: null, sinceMs: harness.now });
    });

    test("tell what its queue allows, with what was handed out this moment", async (harness) => {
      const [, second = ""] = createdIds(await harness.enqueueAll([{}, {}]));
      await harness.store.updateQueue("orders", { paused: false, maxRunning: 1 }, false, harness.now);
      await harness.claimOne();
      expect((await waitOf(harness, second)).limits).toEqual({ paused: false, maxRunning: 1, running: 1 });
      await harness.store.updateQueue("orders", { paused: true }, false, harness.now);
      expect((await waitOf(harness, second)).limits.paused).toBe(true);
    });

    test("count the places of tasks as claims hand them out", async (harness) => {
      const ids = createdIds(
        await harness.enqueueAll(
          Array.from({ length: 40 }, (_, index) => ({ priority: [3, 0, 7, 0, -2][index % 5] ?? 0 })),
        ),
      );
      // Some come later, and one waits beside the line.
      harness.tick(10);
      ids.push(...createdIds(await harness.enqueueAll([{ priority: 3 }, { priority: 9 }, { queue: "other" }])));
      const shuffled = ids.toSorted((a, b) => (a.slice(-1) + a < b.slice(-1) + b ? -1 : 1));
      const found = await places(harness, shuffled);
      const { tasks } = await harness.claim(100);
      const order = tasks.map(({ id }) => id);
      expect(found).toEqual(shuffled.map((id) => (order.includes(id) ? order.indexOf(id) : 0)));
      expect(await places(harness, order)).toEqual(order.map(() => null));
    });

    test("count tasks of the same type that were put aside, and not those of others", async (harness) => {
      const ids = createdIds(await harness.enqueueAll([{ type: "a" }, { type: "b" }, { type: "b" }]));
      const plan = { queue: "orders", slots: [{ workerId: "w", n: 1 }], leaseUntilMs: null };
      // Nothing of this type is there: all is put aside.
      await harness.store.claim({ ...plan, types: ["c"] }, harness.now);
      const late = createdIds(await harness.enqueueAll([{ type: "b" }, { type: "a" }, { type: "d" }]));
      expect(await places(harness, [...ids, ...late])).toEqual([0, 0, 1, 2, 2, 2]);
    });

    test("count tasks of one strategy among themselves, and those for one worker not at all", async (harness) => {
      const sticky = { strategy: "sticky" } as const;
      const reserved = { workerId: "w", waitMs: 1_000 };
      const ids = createdIds(
        await harness.enqueueAll([{}, { dispatch: sticky }, { dispatch: reserved }, { dispatch: sticky }, {}]),
      );
      expect(await places(harness, ids)).toEqual([0, 0, null, 1, 1]);
      const [, , forOne = ""] = ids;
      expect(await waitOf(harness, forOne)).toMatchObject({ reservedFor: { workerId: "w", untilMs: startMs + 1_000 } });
    });

    test("count no further than 10,000", async (harness) => {
      const many = Array.from({ length: 1_000 }, () => ({}));
      for (let batch = 0; batch < 10; batch++) await harness.enqueueAll(many);
      const ids = createdIds(await harness.enqueueAll([{}, {}]));
      expect(await places(harness, ids)).toEqual([10_000, null]);
    });

    test("name the steps that a step waits for, or the execution of its workflow", async (harness) => {
      const steps = [newStep("a"), newStep("b"), newStep("c", { dependsOn: [0, 1] })];
      const id = await start(harness, newWorkflow(steps));
      const c = (await stepTask(harness, id, "c")).id;
      const [a, b] = (await read(harness, id)).steps.map(({ task }) => task.id);
      expect(await waitOf(harness, c)).toMatchObject({
        state: "blocked",
        sinceMs: startMs,
        blockedBy: { kind: "steps", stepIds: ["a", "b"], taskIds: [a, b] },
      });
      await harness.settle(await harness.claimOne(), completed());
      expect((await waitOf(harness, c)).blockedBy).toEqual({ kind: "steps", stepIds: ["b"], taskIds: [b] });

      const stored = await start(harness, newWorkflow(steps, { awaitsExecution: true }));
      const root = (await stepTask(harness, stored, "a")).id;
      expect((await waitOf(harness, root)).blockedBy).toEqual({ kind: "execution" });
    });

    test("of workflows are those of the first step, or compensation, that could go on", async (harness) => {
      const steps = [newStep("a", { compensateWith: "undo-a" }), newStep("b", { dependsOn: [0] })];
      const id = await start(harness, newWorkflow(steps));
      const waits = async (...ids: string[]) => harness.store.readWorkflowWaits(ids);
      const taskOf = async (stepId: string) => (await stepTask(harness, id, stepId)).id;
      expect(await waits(id, "0zzzzzzzzzz")).toEqual([
        { stepId: "a", isCompensation: false, taskId: await taskOf("a") },
        null,
      ]);
      const a = await harness.claimOne();
      expect(await waits(id)).toEqual([null]);
      await harness.settle(a, completed());
      expect(await waits(id)).toEqual([{ stepId: "b", isCompensation: false, taskId: await taskOf("b") }]);
      await harness.settle(await harness.claimOne(), failed({ terminal: true }));
      const undoing = (await read(harness, id)).steps[0]?.compensation?.id;
      expect(await waits(id)).toEqual([{ stepId: "a", isCompensation: true, taskId: undoing }]);
      await harness.settle(await harness.claimOne(), completed());
      expect(await waits(id)).toEqual([null]);

      const stored = await start(harness, newWorkflow(steps, { awaitsExecution: true }));
      expect(await waits(stored)).toMatchObject([{ stepId: "a", isCompensation: false }]);
    });

    test("name the earlier deliveries of the key that a delivery waits for", async (harness) => {
      await harness.store.createSubscription(newSubscription({ orderingKey: "subject" }), { kind: "now" }, harness.now);
      const subjects = ["a", "b", "a", "a", "b"];
      await harness.store.publish(
        subjects.map((subject, index) => newEvent({ id: String(index), subject })),
        harness.now,
      );
      const report = async (id: string) => (await harness.store.getEvent(id, null, 10))?.deliveries[0]?.task.id ?? "";
      const ids = await Promise.all(subjects.map((_, index) => report(String(index))));
      expect((await waitOf(harness, ids[3] ?? "")).blockedBy).toEqual({
        kind: "deliveries",
        taskIds: [ids[0], ids[2]],
      });
      expect((await waitOf(harness, ids[4] ?? "")).blockedBy).toEqual({ kind: "deliveries", taskIds: [ids[1]] });
      expect((await waitOf(harness, ids[0] ?? "")).blockedBy).toBeNull();
    });
  });
}
