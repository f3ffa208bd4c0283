import { describe, expect } from "vitest";
import { newStep, newWorkflow, taskFilter } from "../../../harness/calls/builders.ts";
import { createdIds } from "../../answers.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";

/** The ids in the order in which they are handed out. */
async function claimedIds(harness: StoreHarness, queue = "orders"): Promise<string[]> {
  const plan = { queue, slots: [{ workerId: "w", n: 10 }], leaseUntilMs: null };
  return (await harness.store.claim(plan, harness.now)).tasks.map(({ id }) => id);
}

/** What operators change of a task that waits. */
export function describeUpdate(test: StoreTest): void {
  describe("update", () => {
    test("puts a task before others by its priority, and its repeat still finds it", async (harness) => {
      const ids = createdIds(await harness.enqueueAll([{}, {}, { requestId: "a" }]));
      // What is claimed moves the front of the line past what comes before.
      expect(await harness.store.update(ids[2] ?? "", { priority: 7 }, harness.now)).toMatchObject({
        status: "updated",
        task: { id: ids[2], priority: 7, state: "pending" },
      });
      expect(await harness.enqueueAll([{ requestId: "a" }])).toMatchObject([
        { status: "existing", task: { id: ids[2] } },
      ]);
      expect(await harness.enqueueAll([{ requestId: "a", priority: 7 }])).toMatchObject([
        { status: "request_id_reused" },
      ]);
      await harness.reopen();
      expect(await claimedIds(harness)).toEqual([ids[2], ids[0], ids[1]]);
    });

    test("moves a task to another queue with its counts, and keeps its place in time", async (harness) => {
      const [moved, stays] = createdIds(await harness.enqueueAll([{ requestId: "a" }, {}]));
      harness.tick(5);
      const other = await harness.enqueue({ queue: "others" });
      expect(await claimedIds(harness, "nothing")).toEqual([]);
      expect(await harness.store.update(moved ?? "", { queue: "others" }, harness.now)).toMatchObject({
        task: { queue: "others", state: "pending" },
      });
      expect((await harness.store.getQueue("orders"))?.counts).toMatchObject({ pending: 1 });
      expect((await harness.store.getQueue("others"))?.counts).toMatchObject({ pending: 2 });
      expect(await harness.enqueueAll([{ requestId: "a" }])).toMatchObject([
        { status: "existing", task: { id: moved } },
      ]);
      await harness.reopen();
      expect(await claimedIds(harness, "others")).toEqual([moved, other]);
      expect(await claimedIds(harness)).toEqual([stays]);
    });

    test("sets a time and takes it away again", async (harness) => {
      const id = await harness.enqueue({});
      await harness.store.update(id, { scheduleMs: harness.now + 1_000 }, harness.now);
      expect(await harness.task(id)).toMatchObject({ state: "scheduled", scheduleMs: harness.now + 1_000 });
      expect(await claimedIds(harness)).toEqual([]);
      expect(await harness.store.advance(harness.now)).toEqual({ nextMs: harness.now + 1_000 });
      await harness.store.update(id, { scheduleMs: harness.now }, harness.now);
      expect(await harness.task(id)).toMatchObject({ state: "pending", scheduleMs: null });
      expect((await harness.store.getQueue("orders"))?.counts).toMatchObject({ pending: 1, scheduled: 0 });
      expect(await claimedIds(harness)).toEqual([id]);
    });

    test("tells the dispatcher what may be claimed now", async (harness) => {
      const ready: string[] = [];
      harness.store.onReady((queue) => ready.push(queue));
      const id = await harness.enqueue({ delayMs: 60_000 });
      await harness.store.update(id, { scheduleMs: harness.now, queue: "others" }, harness.now);
      expect(ready).toEqual(["others"]);
    });

    test("refuses what may not be changed so, and changes nothing", async (harness) => {
      const update = (id: string, changes: Parameters<StoreHarness["store"]["update"]>[1]) =>
        harness.store.update(id, changes, harness.now);
      expect(await update("x", {})).toEqual({ status: "not_found" });
      expect(await update(await harness.taskIn("running"), { priority: 1 })).toEqual({ status: "running" });
      expect(await update(await harness.taskIn("failed"), { priority: 1 })).toEqual({
        status: "finished",
        state: "failed",
      });

      await harness.store.startWorkflows([newWorkflow([newStep("a"), newStep("b", { dependsOn: [0] })])], harness.now);
      const steps = (
        await harness.store.list({ filter: taskFilter(), cursor: null, limit: 10, full: false, maxBytes: 1 })
      ).tasks;
      const [first] = steps.filter(({ state, origin }) => state === "pending" && origin?.kind === "step");
      const [blocked] = steps.filter(({ state }) => state === "blocked");
      expect(await update(first?.id ?? "", { queue: "others" })).toEqual({ status: "in_workflow" });
      expect(await update(blocked?.id ?? "", { scheduleMs: harness.now })).toEqual({ status: "blocked" });
      expect(await update(blocked?.id ?? "", { priority: 3 })).toMatchObject({
        status: "updated",
        task: { priority: 3 },
      });

      const key = { deduplicationKey: "k" };
      const [mine, theirs] = createdIds(await harness.enqueueAll([{ ...key }, { ...key, queue: "others" }]));
      expect(await update(mine ?? "", { queue: "others" })).toEqual({ status: "duplicate", id: theirs });
      expect(await harness.task(mine ?? "")).toMatchObject({ queue: "orders", state: "pending" });
      await harness.store.updateQueue("full", { maxDepth: 1 }, true, harness.now);
      await harness.enqueue({ queue: "full" });
      expect(await update(mine ?? "", { queue: "full" })).toEqual({ status: "queue_full", depth: 1 });
    });
  });
}
