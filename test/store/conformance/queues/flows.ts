import { describe, expect } from "vitest";
import type { QueueFlow } from "../../../../src/domain/tasks/queue-flow.ts";
import { taskError } from "../../../harness/calls/builders.ts";
import { completed, failed } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";

/** What commits tell of the tasks of queues. */
export function describeFlows(test: StoreTest): void {
  describe("flows", () => {
    test("tell after each commit what it did to the tasks of a queue, and nothing of calls that changed nothing", async (harness) => {
      const seen: Partial<QueueFlow>[] = [];
      harness.store.onFlow((flows) => seen.push(...flows.map(withoutZeros)));
      const plan = { queue: "orders", slots: [{ workerId: "w", n: 2 }], leaseUntilMs: null };

      const [repeated] = await harness.enqueueAll([{ requestId: "a" }, { requestId: "b" }, {}]);
      expect(seen.splice(0)).toEqual([{ queue: "orders", enqueued: 3 }]);
      // The second repeats the first, so the batch is looked at again, item by item.
      await harness.enqueueAll([{ requestId: "a" }, { requestId: "c" }]);
      expect(repeated?.status).toBe("created");
      expect(seen.splice(0)).toEqual([{ queue: "orders", enqueued: 1 }]);
      await harness.enqueueAll([{ requestId: "a" }]);
      expect(seen.splice(0)).toEqual([]);

      const { tasks } = await harness.store.claim(plan, harness.now);
      expect(seen.splice(0)).toEqual([]);
      const [first, second] = tasks;
      if (first === undefined || second === undefined) throw new Error("two were claimed");
      await harness.settle(first, completed());
      expect(seen.splice(0)).toEqual([{ queue: "orders", completed: 1 }]);
      // It is tried again later: it has not ended.
      await harness.settle(second, failed({ retryDelayMs: 1_000 }));
      expect(seen.splice(0)).toEqual([]);
      await harness.store.cancel([second.id], taskError(), harness.now);
      expect(seen.splice(0)).toEqual([{ queue: "orders", cancelled: 1 }]);
      await harness.store.listQueues(null, 10);
      expect(seen).toEqual([]);
    });
  });
}

function withoutZeros(flow: QueueFlow): Partial<QueueFlow> {
  return Object.fromEntries(Object.entries(flow).filter(([, value]) => value !== 0));
}
