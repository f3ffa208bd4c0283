import { describe, expect } from "vitest";
import type { TaskFilter } from "../../../../src/domain/operators/task-filter.ts";
import { type TaskState, taskStates } from "../../../../src/domain/tasks/task.ts";
import { taskFilter } from "../../../harness/calls/builders.ts";
import { createdIds } from "../../answers.ts";
import { bytes, completed, text } from "../../outcomes.ts";
import { listAll, listIds } from "../../read-all.ts";
import { reachableStates, type StoreHarness, type StoreTest, startMs } from "../../store-harness.ts";

const minuteMs = 60_000;

/** Tasks in each reachable state in each of two queues, of two types and with two correlation ids, a minute apart. */
async function populate(harness: StoreHarness) {
  for (const queue of ["orders", "returns"]) {
    // Backwards, so that no task waits while another one is claimed.
    for (const [index, state] of reachableStates.toReversed().entries()) {
      await harness.taskIn(state, {
        queue,
        type: index % 2 === 0 ? "ship" : "bill",
        correlationId: ["alpha", "beta", null][index % 3] ?? null,
      });
      harness.tick(minuteMs);
    }
  }
  return listAll(harness.store);
}

/** Filters of one field and of several. */
const filters: readonly Partial<TaskFilter>[] = [
  {},
  { queue: "orders" },
  { queue: "unknown" },
  { type: "ship" },
  { type: "shi" },
  { correlationId: "alpha" },
  { correlationId: "gamma" },
  ...taskStates.map((state) => ({ states: [state] })),
  { states: ["failed", "cancelled"] },
  { states: ["pending", "scheduled", "blocked"] },
  { states: ["completed", "running", "failed"] },
  { createdAfterMs: startMs + 3 * minuteMs },
  { createdBeforeMs: startMs + 3 * minuteMs },
  { createdAfterMs: startMs + 3 * minuteMs, createdBeforeMs: startMs + 6 * minuteMs },
  { createdAfterMs: startMs + 3 * minuteMs + 1, createdBeforeMs: startMs + 6 * minuteMs + 1 },
  { createdAfterMs: startMs + 6 * minuteMs, createdBeforeMs: startMs + 3 * minuteMs },
  { createdAfterMs: startMs + 365 * 86_400_000 },
  { createdBeforeMs: 0 },
  { queue: "orders", states: ["failed"] },
  { queue: "orders", states: ["cancelled"] },
  { queue: "orders", states: ["running"] },
  { queue: "returns", states: ["failed", "cancelled"], type: "bill" },
  { type: "bill", states: ["failed", "pending"], correlationId: "beta" },
  { correlationId: "alpha", queue: "orders", type: "bill" },
  { correlationId: "alpha", states: ["running"], createdAfterMs: startMs + 5 * minuteMs },
  { queue: "returns", states: ["failed"], createdAfterMs: startMs + 5 * minuteMs, type: "ship" },
];

/** What is seen of many tasks. */
export function describeList(test: StoreTest): void {
  describe("list", () => {
    test("finds what each filter means, newest first, in pages of any size", async (harness) => {
      const tasks = await populate(harness);
      expect(tasks).toHaveLength(2 * reachableStates.length);
      for (const part of filters) {
        const filter = taskFilter(part);
        const expected = tasks.filter((task) => matches(filter, task)).map(({ id }) => id);
        for (const limit of [1, 2, 5, 100]) {
          const found = await listAll(harness.store, filter, { limit });
          expect(
            found.map(({ id }) => id),
            `${JSON.stringify(part)} by ${limit}`,
          ).toEqual(expected);
        }
      }
    });

    test("answers whole tasks or tasks without what can be large", async (harness) => {
      const id = await harness.enqueue({ payload: bytes("payload"), headers: '{"a":"1"}' });
      await harness.settle(await harness.claimOne(), completed("result"));
      const whole = await harness.task(id);
      expect(text(whole.result)).toBe("result");
      expect(await listAll(harness.store, taskFilter(), { full: true })).toEqual([whole]);
      expect(await listAll(harness.store, taskFilter(), { full: false })).toEqual([
        { ...whole, payload: null, headers: null, result: null },
      ]);
    });

    test("is stable while tasks come, go and change", async (harness) => {
      const ids = createdIds(await harness.enqueueAll(Array.from({ length: 20 }, () => ({}))));
      const gone = ids.slice(3, 6);
      const found = await listAll(harness.store, taskFilter(), {
        limit: 3,
        async between() {
          await harness.store.delete(gone, harness.now);
          await harness.enqueue({ priority: 1 });
          await harness.claim(2);
        },
      });
      expect(found.map(({ id }) => id)).toEqual(ids.filter((id) => !gone.includes(id)).toReversed());
    });

    test("goes on below an id whose task is gone", async (harness) => {
      const ids = createdIds(await harness.enqueueAll([{}, {}, {}, {}]));
      const page = await harness.store.list({
        filter: taskFilter(),
        cursor: null,
        limit: 2,
        full: false,
        maxBytes: 1e6,
      });
      await harness.store.delete(ids.slice(2), harness.now);
      const query = { filter: taskFilter(), cursor: page.nextCursor, limit: 2, full: false, maxBytes: 1e6 };
      expect((await harness.store.list(query)).tasks.map(({ id }) => id)).toEqual(ids.slice(0, 2).toReversed());
    });

    test("ends a page of whole tasks before it passes maxBytes, and still gets to the end", async (harness) => {
      const payload = new Uint8Array(40_000).fill(7);
      const ids = createdIds(await harness.enqueueAll(Array.from({ length: 12 }, () => ({ payload }))));
      const query = { filter: taskFilter(), limit: 100, maxBytes: 100_000, cursor: null };
      const page = await harness.store.list({ ...query, full: true });
      expect(page.tasks.length).toBeGreaterThan(0);
      expect(page.tasks.length).toBeLessThanOrEqual(2);
      expect(page.nextCursor).not.toBeNull();
      const found = await listAll(harness.store, taskFilter(), { full: true, maxBytes: 100_000 });
      expect(found.map(({ id }) => id)).toEqual(ids.toReversed());
    });

    test("shows a task that is larger than maxBytes by itself", async (harness) => {
      const payload = new Uint8Array(50_000);
      const ids = createdIds(await harness.enqueueAll([{ payload }, { payload }, {}]));
      const found = await listAll(harness.store, taskFilter(), { full: true, maxBytes: 10_000 });
      expect(found.map(({ id }) => id)).toEqual(ids.toReversed());
      expect(found.map((task) => task.payload?.length ?? 0)).toEqual([0, 50_000, 50_000]);
    });

    test("counts results and headers against maxBytes too", async (harness) => {
      const headers = JSON.stringify({ long: "x".repeat(20_000) });
      await harness.enqueueAll([{ headers }, { headers }]);
      for (const task of (await harness.claim(2)).tasks) await harness.settle(task, completed("y".repeat(20_000)));
      const query = { filter: taskFilter(), limit: 10, maxBytes: 50_000, cursor: null };
      expect((await harness.store.list({ ...query, full: true })).tasks).toHaveLength(1);
      expect((await harness.store.list({ ...query, full: false })).tasks).toHaveLength(2);
    });

    test("says that the last page is the last, also when it is full", async (harness) => {
      await harness.enqueueAll([{}, {}]);
      const query = { filter: taskFilter(), cursor: null, full: false, maxBytes: 1e6 };
      expect((await harness.store.list({ ...query, limit: 2 })).nextCursor).toBeNull();
      expect((await harness.store.list({ ...query, limit: 1 })).nextCursor).not.toBeNull();
      expect(await listIds(harness.store, { queue: "unknown" })).toEqual([]);
    });

    test("finds a few among many, in however many pages", async (harness) => {
      const wanted: string[] = [];
      for (let batch = 0; batch < 6; batch++) {
        const tasks = Array.from({ length: 1_000 }, (_, index) => ({
          type: batch % 2 === 0 && index === 500 ? "rare" : "many",
        }));
        const ids = createdIds(await harness.enqueueAll(tasks));
        if (batch % 2 === 0) wanted.push(ids[500] ?? "");
      }
      expect(await listIds(harness.store, { type: "rare" })).toEqual(wanted.toReversed());
    });
  });
}

function matches(
  filter: TaskFilter,
  task: { queue: string; type: string; state: TaskState; correlationId: string | null; createMs: number },
): boolean {
  return (
    (filter.queue === null || filter.queue === task.queue) &&
    (filter.type === null || filter.type === task.type) &&
    (filter.states.length === 0 || filter.states.includes(task.state)) &&
    (filter.correlationId === null || filter.correlationId === task.correlationId) &&
    (filter.createdAfterMs === null || filter.createdAfterMs <= task.createMs) &&
    (filter.createdBeforeMs === null || task.createMs < filter.createdBeforeMs)
  );
}
