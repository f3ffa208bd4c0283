import { describe, expect } from "vitest";
import type { TaskState } from "../../../../src/domain/tasks/task.ts";
import { taskError, taskFilter } from "../../../harness/calls/builders.ts";
import { createdIds } from "../../answers.ts";
import { failed, leaseOf } from "../../outcomes.ts";
import { advanceOnce, listAll, listIds, takeSteps } from "../../read-all.ts";
import { type Lab, reachableStates, type StoreTest } from "../../store-harness.ts";

/** Two tasks in each reachable state. */
async function populate(lab: Lab): Promise<Record<string, string[]>> {
  const ids: Record<string, string[]> = {};
  // Backwards, so that no task waits while another one is claimed.
  for (const state of reachableStates.toReversed()) {
    ids[state] = [];
    const count = state === "pending" ? 1 : 2;
    for (let index = 0; index < count; index++) ids[state].push(await lab.taskIn(state, { type: `type-${index}` }));
  }
  return ids;
}

async function view(lab: Lab) {
  return lab.store.get(await listIds(lab.store));
}

/** Many failed tasks, more than any step takes. */
async function failMany(lab: Lab, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    ids.push(...createdIds(await lab.enqueueAll(Array.from({ length: 500 }, () => ({})))));
    const { tasks } = await lab.claim(500);
    const outcome = failed({ terminal: true });
    await lab.store.settle(
      tasks.map((task) => ({ ...leaseOf(task), outcome })),
      lab.now,
    );
  }
  return ids;
}

/** What operators do to many tasks at once. */
export function describeBulk(test: StoreTest): void {
  describe("retryMatching", () => {
    const retryAll = (lab: Lab, filter: Parameters<typeof taskFilter>[0], dryRun: boolean) =>
      takeSteps((beforeId) => lab.store.retryMatching(taskFilter(filter), beforeId, dryRun, lab.now));

    test("puts FAILED and CANCELLED tasks back, and nothing else", async (lab) => {
      const ids = await populate(lab);
      lab.tick(5);
      const { count, sampleIds } = await retryAll(lab, {}, false);
      expect(count).toBe(4);
      const expected = [...(ids.failed ?? []), ...(ids.cancelled ?? [])];
      expect(sampleIds.toSorted()).toEqual(expected.toSorted());
      for (const id of expected) expect(await lab.task(id)).toMatchObject({ state: "pending", finishMs: null });
      expect((await lab.store.getQueue("orders"))?.counts).toMatchObject({
        scheduled: 2,
        pending: 5,
        running: 2,
        completed: 2,
        failed: 0,
        cancelled: 0,
      });
    });

    test("keeps to the filter", async (lab) => {
      const ids = await populate(lab);
      expect((await retryAll(lab, { states: ["pending", "scheduled", "running", "completed"] }, false)).count).toBe(0);
      expect((await retryAll(lab, { states: ["failed"], queue: "returns" }, false)).count).toBe(0);
      expect(await retryAll(lab, { states: ["failed"], type: "type-1" }, false)).toEqual({
        count: 1,
        sampleIds: [ids.failed?.[1]],
      });
      expect(await listIds(lab.store, { states: ["failed"] })).toEqual([ids.failed?.[0]]);
      expect(await listIds(lab.store, { states: ["cancelled"] })).toHaveLength(2);
    });

    test("changes nothing in a dry run, and finds the same", async (lab) => {
      await populate(lab);
      const before = await view(lab);
      const dry = await retryAll(lab, { states: ["failed", "cancelled"] }, true);
      expect(await view(lab)).toEqual(before);
      expect(await retryAll(lab, { states: ["failed", "cancelled"] }, false)).toEqual(dry);
      expect(await retryAll(lab, { states: ["failed", "cancelled"] }, true)).toEqual({ count: 0, sampleIds: [] });
    });

    test("grants the fresh allowance that retry grants", async (lab) => {
      const id = await lab.taskIn("failed", { maxAttempts: 1 });
      await retryAll(lab, {}, false);
      expect(await lab.task(id)).toMatchObject({ attempt: 1, maxAttempts: 2 });
    });

    test("puts them back in the order of their creation, whatever the step", async (lab) => {
      const ids = await failMany(lab, 1_200);
      await retryAll(lab, {}, false);
      expect((await lab.claim(2_000)).tasks.map(({ id }) => id)).toEqual(ids);
    });

    test("says what it leaves as it is, and why, and counts the same in a dry run", async (lab) => {
      const ids: string[] = [];
      for (let index = 0; index < 3; index++) ids.push(await lab.taskIn("failed", { deduplicationKey: "key" }));
      const skipped = [{ reason: "DUPLICATE_TASK", count: 2, sampleIds: ids.slice(1) }];
      for (const dryRun of [true, false]) {
        const step = await lab.store.retryMatching(taskFilter({ states: ["failed"] }), null, dryRun, lab.now);
        expect(step).toMatchObject({ count: 1, sampleIds: [ids[0]], skipped });
      }
    });

    test("puts no task back beside an unfinished one with its key", async (lab) => {
      for (let index = 0; index < 3; index++) await lab.taskIn("failed", { deduplicationKey: "key" });
      await retryAll(lab, {}, false);
      expect(await listIds(lab.store, { states: ["pending"] })).toHaveLength(1);
      expect(await listIds(lab.store, { states: ["failed"] })).toHaveLength(2);
    });

    test("takes many in steps, each once, though some fail again meanwhile", async (lab) => {
      const ids = await failMany(lab, 1_500);
      expect((await retryAll(lab, { queue: "orders" }, true)).count).toBe(ids.length);
      const { count } = await takeSteps(async (beforeId) => {
        const step = await lab.store.retryMatching(taskFilter({ queue: "orders" }), beforeId, false, lab.now);
        await lab.settle(await lab.claimOne(), failed({ terminal: true }));
        return step;
      });
      expect(count).toBe(ids.length);
    });
  });

  describe("delete", () => {
    test("forgets a task in any state, but for a running one", async (lab) => {
      const ids = await populate(lab);
      for (const [state, some] of Object.entries(ids)) {
        const answer = state === "running" ? "running" : "deleted";
        expect(await lab.store.delete(some, lab.now), state).toEqual(some.map(() => answer));
      }
      expect((await listIds(lab.store)).toSorted()).toEqual(ids.running);
    });

    test("forgets the task wholly", async (lab) => {
      const id = await lab.taskIn("failed");
      expect(await lab.store.delete([id, id, "00000000000", "no id"], lab.now)).toEqual([
        "deleted",
        "not_found",
        "not_found",
        "not_found",
      ]);
      expect(await lab.store.cancel([id], taskError(), lab.now)).toEqual([{ status: "not_found" }]);
      expect(await lab.store.retry([id], lab.now)).toEqual([{ status: "not_found" }]);
      await lab.reopen();
      expect(await lab.store.get([id])).toEqual([null]);
    });

    test("keeps a waiting task from being claimed or becoming due", async (lab) => {
      const ids = [await lab.taskIn("pending"), await lab.taskIn("scheduled", { timeToLiveMs: 7_200_000 })];
      await lab.store.delete(ids, lab.now);
      expect(await lab.claim(1)).toEqual({ tasks: [], short: "empty" });
      expect(await advanceOnce(lab.store, lab.now)).toEqual({ readyQueues: [], nextMs: null });
    });
  });

  describe("purge", () => {
    const purgeAll = (lab: Lab, queue: string, states: readonly TaskState[], dryRun: boolean) =>
      takeSteps((beforeId) => lab.store.purge(queue, states, beforeId, dryRun, lab.now));

    test("deletes the tasks of a queue in one state, and nothing else", async (lab) => {
      const ids = await populate(lab);
      const left = new Set([...Object.values(ids).flat(), await lab.taskIn("failed", { queue: "returns" })]);
      for (const state of reachableStates.filter((reachable) => reachable !== "running")) {
        const { count, sampleIds } = await purgeAll(lab, "orders", [state], false);
        expect([count, sampleIds.toSorted()], state).toEqual([ids[state]?.length, ids[state]]);
        for (const id of ids[state] ?? []) left.delete(id);
        expect(new Set(await listIds(lab.store)), state).toEqual(left);
      }
      expect(left.size).toBe(3);
    });

    test("deletes in several states at once", async (lab) => {
      const ids = await populate(lab);
      await purgeAll(lab, "orders", ["blocked", "scheduled", "pending", "completed", "failed", "cancelled"], false);
      expect((await listIds(lab.store)).toSorted()).toEqual(ids.running);
    });

    test("deletes nothing when it is asked for running tasks", async (lab) => {
      const ids = await populate(lab);
      expect((await purgeAll(lab, "orders", ["running"], false)).count).toBe(0);
      expect(await listIds(lab.store)).toHaveLength(Object.values(ids).flat().length);
    });

    test("changes nothing in a dry run, and finds the same", async (lab) => {
      await populate(lab);
      const before = await view(lab);
      const dry = await purgeAll(lab, "orders", ["failed", "pending"], true);
      expect(await view(lab)).toEqual(before);
      expect(await purgeAll(lab, "orders", ["failed", "pending"], false)).toEqual(dry);
    });

    test("finds nothing in a queue that is not there", async (lab) => {
      expect(await purgeAll(lab, "unknown", ["failed"], false)).toEqual({ count: 0, sampleIds: [] });
    });

    test("takes many in steps", async (lab) => {
      const ids = await failMany(lab, 1_500);
      const pending = await lab.enqueue();
      expect((await purgeAll(lab, "orders", ["failed"], false)).count).toBe(ids.length);
      expect((await listAll(lab.store)).map(({ id }) => id)).toEqual([pending]);
      expect(await lab.store.getQueue("orders")).toMatchObject({ counts: { failed: 0, pending: 1 } });
    });
  });
}
