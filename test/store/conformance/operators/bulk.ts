import { describe, expect } from "vitest";
import type { BulkChange } from "../../../../src/domain/operators/operator-changes.ts";
import type { TaskFilter } from "../../../../src/domain/operators/task-filter.ts";
import type { TaskState } from "../../../../src/domain/tasks/task.ts";
import { newStep, newWorkflow, taskError, taskFilter } from "../../../harness/calls/builders.ts";
import { createdIds } from "../../answers.ts";
import { failed, leaseOf } from "../../outcomes.ts";
import { advanceOnce, listAll, listIds, runBatches } from "../../read-all.ts";
import { reachableStates, type StoreHarness, type StoreTest } from "../../store-harness.ts";

/** Two tasks in each reachable state. */
async function populate(harness: StoreHarness): Promise<Record<string, string[]>> {
  const ids: Record<string, string[]> = {};
  // Backwards, so that no task waits while another one is claimed.
  for (const state of reachableStates.toReversed()) {
    ids[state] = [];
    const count = state === "pending" ? 1 : 2;
    for (let index = 0; index < count; index++) ids[state].push(await harness.taskIn(state, { type: `type-${index}` }));
  }
  return ids;
}

async function view(harness: StoreHarness) {
  return harness.store.get(await listIds(harness.store));
}

/** Many failed tasks, more than any step takes. */
async function failMany(harness: StoreHarness, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    ids.push(...createdIds(await harness.enqueueAll(Array.from({ length: 500 }, () => ({})))));
    const { tasks } = await harness.claim(500);
    const outcome = failed({ terminal: true });
    await harness.store.settle(
      tasks.map((task) => ({ ...leaseOf(task), outcome })),
      harness.now,
    );
  }
  return ids;
}

function changeAll(harness: StoreHarness, change: BulkChange, filter: Partial<TaskFilter>, dryRun: boolean) {
  return runBatches((cursor) => harness.store.changeMatching(change, taskFilter(filter), cursor, dryRun, harness.now));
}

/** What operators do to many tasks at once. */
export function describeBulk(test: StoreTest): void {
  describe("changeMatching: retry", () => {
    const retryAll = (harness: StoreHarness, filter: Partial<TaskFilter>, dryRun: boolean) =>
      changeAll(harness, { kind: "retry" }, filter, dryRun);

    test("puts FAILED and CANCELLED tasks back, and nothing else", async (harness) => {
      const ids = await populate(harness);
      harness.tick(5);
      const { count, sampleIds } = await retryAll(harness, {}, false);
      expect(count).toBe(4);
      const expected = [...(ids.failed ?? []), ...(ids.cancelled ?? [])];
      expect(sampleIds.toSorted()).toEqual(expected.toSorted());
      for (const id of expected) expect(await harness.task(id)).toMatchObject({ state: "pending", finishMs: null });
      expect((await harness.store.getQueue("orders"))?.counts).toMatchObject({
        scheduled: 2,
        pending: 5,
        running: 2,
        completed: 2,
        failed: 0,
        cancelled: 0,
      });
    });

    test("keeps to the filter", async (harness) => {
      const ids = await populate(harness);
      expect((await retryAll(harness, { states: ["pending", "scheduled", "running", "completed"] }, false)).count).toBe(
        0,
      );
      expect((await retryAll(harness, { states: ["failed"], queue: "returns" }, false)).count).toBe(0);
      expect(await retryAll(harness, { states: ["failed"], type: "type-1" }, false)).toEqual({
        count: 1,
        sampleIds: [ids.failed?.[1]],
      });
      expect(await listIds(harness.store, { states: ["failed"] })).toEqual([ids.failed?.[0]]);
      expect(await listIds(harness.store, { states: ["cancelled"] })).toHaveLength(2);
    });

    test("changes nothing in a dry run, and finds the same", async (harness) => {
      await populate(harness);
      const before = await view(harness);
      const dry = await retryAll(harness, { states: ["failed", "cancelled"] }, true);
      expect(await view(harness)).toEqual(before);
      expect(await retryAll(harness, { states: ["failed", "cancelled"] }, false)).toEqual(dry);
      expect(await retryAll(harness, { states: ["failed", "cancelled"] }, true)).toEqual({ count: 0, sampleIds: [] });
    });

    test("grants the fresh allowance that retry grants", async (harness) => {
      const id = await harness.taskIn("failed", { maxAttempts: 1 });
      await retryAll(harness, {}, false);
      expect(await harness.task(id)).toMatchObject({ attempt: 1, maxAttempts: 2 });
    });

    test("puts them back in the order of their creation, whatever the step", async (harness) => {
      const ids = await failMany(harness, 1_200);
      await retryAll(harness, {}, false);
      expect((await harness.claim(2_000)).tasks.map(({ id }) => id)).toEqual(ids);
    });

    test("says what it leaves as it is, and why, and counts the same in a dry run", async (harness) => {
      const ids: string[] = [];
      for (let index = 0; index < 3; index++) ids.push(await harness.taskIn("failed", { deduplicationKey: "key" }));
      const skipped = [{ reason: "DUPLICATE_TASK", count: 2, sampleIds: ids.slice(1) }];
      for (const dryRun of [true, false]) {
        const step = await harness.store.changeMatching(
          { kind: "retry" },
          taskFilter({ states: ["failed"] }),
          null,
          dryRun,
          harness.now,
        );
        expect(step).toMatchObject({ count: 1, sampleIds: [ids[0]], skipped });
      }
    });

    test("puts no task back beside an unfinished one with its key", async (harness) => {
      for (let index = 0; index < 3; index++) await harness.taskIn("failed", { deduplicationKey: "key" });
      await retryAll(harness, {}, false);
      expect(await listIds(harness.store, { states: ["pending"] })).toHaveLength(1);
      expect(await listIds(harness.store, { states: ["failed"] })).toHaveLength(2);
    });

    test("takes many in steps, each once, though some fail again meanwhile", async (harness) => {
      const ids = await failMany(harness, 1_500);
      expect((await retryAll(harness, { queue: "orders" }, true)).count).toBe(ids.length);
      const { count } = await runBatches(async (cursor) => {
        const step = await harness.store.changeMatching(
          { kind: "retry" },
          taskFilter({ queue: "orders" }),
          cursor,
          false,
          harness.now,
        );
        await harness.settle(await harness.claimOne(), failed({ terminal: true }));
        return step;
      });
      expect(count).toBe(ids.length);
    });
  });

  describe("changeMatching: cancel", () => {
    const cancelAll = (harness: StoreHarness, filter: Partial<TaskFilter>, dryRun = false) =>
      changeAll(harness, { kind: "cancel", error: taskError("enough") }, filter, dryRun);

    test("ends what is unfinished, and nothing else, and answers what ran", async (harness) => {
      const ids = await populate(harness);
      const unfinished = [...(ids.scheduled ?? []), ...(ids.pending ?? []), ...(ids.running ?? [])];
      const dry = await cancelAll(harness, {}, true);
      expect(dry.count).toBe(unfinished.length);
      const batch = await harness.store.changeMatching(
        { kind: "cancel", error: taskError("enough") },
        taskFilter({ queue: "orders" }),
        null,
        false,
        harness.now,
      );
      expect(batch).toMatchObject({ count: unfinished.length, sampleIds: dry.sampleIds, queues: ["orders"] });
      expect(batch.leases.map(({ taskId }) => taskId).sort()).toEqual(ids.running);
      expect(batch.leases.every(({ queue, attempt }) => queue === "orders" && attempt === 1)).toBe(true);
      for (const id of unfinished)
        expect(await harness.task(id)).toMatchObject({ state: "cancelled", error: { message: "enough" } });
      expect((await cancelAll(harness, {})).count).toBe(0);
    });

    test("keeps to the filter, and leaves what is finished whatever it says", async (harness) => {
      const ids = await populate(harness);
      expect((await cancelAll(harness, { states: ["completed", "failed"] })).count).toBe(0);
      expect((await cancelAll(harness, { states: ["scheduled"], type: "type-1" })).count).toBe(1);
      expect((await cancelAll(harness, { minAttempt: 1 })).count).toBe(2);
      expect(await listIds(harness.store, { states: ["scheduled"] })).toEqual([ids.scheduled?.[0]]);
      expect(await listIds(harness.store, { states: ["running"] })).toEqual([]);
    });

    test("takes many in steps, each once", async (harness) => {
      await harness.enqueueAll(Array.from({ length: 1_200 }, () => ({})));
      expect((await cancelAll(harness, {})).count).toBe(1_200);
      expect((await harness.store.getQueue("orders"))?.counts).toMatchObject({ pending: 0, cancelled: 1_200 });
    });

    test("counts steps that end with an earlier one of their workflow, and none that compensate", async (harness) => {
      const steps = [newStep("a"), newStep("b"), newStep("c", { dependsOn: [0, 1] })];
      await harness.store.startWorkflows([newWorkflow(steps)], harness.now);
      expect((await cancelAll(harness, {}, true)).count).toBe(3);
      expect((await cancelAll(harness, {})).count).toBe(3);
      expect(await listIds(harness.store, { states: ["blocked", "pending"] })).toEqual([]);
    });
  });

  describe("changeMatching", () => {
    test("counts the types of errors in a dry run, and only then", async (harness) => {
      for (const [type, count] of [
        ["SmtpError", 2],
        ["", 1],
        ["GatewayTimeout", 3],
      ] as const) {
        for (let index = 0; index < count; index++) {
          await harness.enqueue();
          const error = { ...taskError(), type };
          await harness.settle(await harness.claimOne(), failed({ error, terminal: true }));
        }
      }
      await harness.taskIn("pending");
      const change = (kind: "retry" | "delete", dryRun: boolean, filter: Partial<TaskFilter> = {}) =>
        harness.store.changeMatching({ kind }, taskFilter(filter), null, dryRun, harness.now);
      expect(new Map((await change("retry", true)).errorTypes)).toEqual(
        new Map([
          ["SmtpError", 2],
          ["", 1],
          ["GatewayTimeout", 3],
        ]),
      );
      expect(await change("delete", true, { errorType: "SmtpError" })).toMatchObject({
        count: 2,
        errorTypes: [["SmtpError", 2]],
      });
      expect((await change("delete", true, { states: ["pending"] })).errorTypes).toEqual([]);
      expect((await change("retry", false, { errorType: "GatewayTimeout" })).errorTypes).toEqual([]);
      expect(await listIds(harness.store, { states: ["failed"] })).toHaveLength(3);
    });
  });

  describe("delete", () => {
    test("forgets a task in any state, but for a running one", async (harness) => {
      const ids = await populate(harness);
      for (const [state, some] of Object.entries(ids)) {
        const answer = state === "running" ? "running" : "deleted";
        expect(await harness.store.delete(some, harness.now), state).toEqual(some.map(() => answer));
      }
      expect((await listIds(harness.store)).toSorted()).toEqual(ids.running);
    });

    test("forgets the task wholly", async (harness) => {
      const id = await harness.taskIn("failed");
      expect(await harness.store.delete([id, id, "00000000000", "no id"], harness.now)).toEqual([
        "deleted",
        "not_found",
        "not_found",
        "not_found",
      ]);
      expect(await harness.store.cancel([id], taskError(), harness.now)).toEqual([{ status: "not_found" }]);
      expect(await harness.store.retry([id], harness.now)).toEqual([{ status: "not_found" }]);
      await harness.reopen();
      expect(await harness.store.get([id])).toEqual([null]);
    });

    test("keeps a waiting task from being claimed or becoming due", async (harness) => {
      const ids = [await harness.taskIn("pending"), await harness.taskIn("scheduled", { timeToLiveMs: 7_200_000 })];
      await harness.store.delete(ids, harness.now);
      expect(await harness.claim(1)).toEqual({ tasks: [], short: "empty" });
      expect(await advanceOnce(harness.store, harness.now)).toEqual({ readyQueues: [], nextMs: null });
    });
  });

  describe("changeMatching: delete", () => {
    const purgeAll = (harness: StoreHarness, queue: string, states: readonly TaskState[], dryRun: boolean) =>
      changeAll(harness, { kind: "delete" }, { queue, states }, dryRun);

    test("deletes the tasks of a queue in one state, and nothing else", async (harness) => {
      const ids = await populate(harness);
      const left = new Set([...Object.values(ids).flat(), await harness.taskIn("failed", { queue: "returns" })]);
      for (const state of reachableStates.filter((reachable) => reachable !== "running")) {
        const { count, sampleIds } = await purgeAll(harness, "orders", [state], false);
        expect([count, sampleIds.toSorted()], state).toEqual([ids[state]?.length, ids[state]]);
        for (const id of ids[state] ?? []) left.delete(id);
        expect(new Set(await listIds(harness.store)), state).toEqual(left);
      }
      expect(left.size).toBe(3);
    });

    test("deletes in several states at once", async (harness) => {
      const ids = await populate(harness);
      await purgeAll(harness, "orders", ["blocked", "scheduled", "pending", "completed", "failed", "cancelled"], false);
      expect((await listIds(harness.store)).toSorted()).toEqual(ids.running);
    });

    test("deletes nothing when it is asked for running tasks", async (harness) => {
      const ids = await populate(harness);
      expect((await purgeAll(harness, "orders", ["running"], false)).count).toBe(0);
      expect(await listIds(harness.store)).toHaveLength(Object.values(ids).flat().length);
    });

    test("changes nothing in a dry run, and finds the same", async (harness) => {
      await populate(harness);
      const before = await view(harness);
      const dry = await purgeAll(harness, "orders", ["failed", "pending"], true);
      expect(await view(harness)).toEqual(before);
      expect(await purgeAll(harness, "orders", ["failed", "pending"], false)).toEqual(dry);
    });

    test("finds nothing in a queue that is not there", async (harness) => {
      expect(await purgeAll(harness, "unknown", ["failed"], false)).toEqual({ count: 0, sampleIds: [] });
    });

    test("takes many in steps", async (harness) => {
      const ids = await failMany(harness, 1_500);
      const pending = await harness.enqueue();
      expect((await purgeAll(harness, "orders", ["failed"], false)).count).toBe(ids.length);
      expect((await listAll(harness.store)).map(({ id }) => id)).toEqual([pending]);
      expect(await harness.store.getQueue("orders")).toMatchObject({ counts: { failed: 0, pending: 1 } });
    });
  });
}
