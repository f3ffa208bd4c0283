import { describe, expect } from "vitest";
import type { DeliveryFlow, QueueFlow, TaskFlow } from "../../../../src/domain/tasks/queue-flow.ts";
import { taskError } from "../../../harness/calls/builders.ts";
import { endSubscription, publish, subscribe } from "../../events.ts";
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

    test("tell what a commit did to the deliveries of each subscription, and nothing of one that has ended", async (harness) => {
      const seen: Partial<DeliveryFlow>[] = [];
      harness.store.onDeliveryFlow((flows) => seen.push(...flows.map(withoutZeros)));
      for (const name of ["mail", "bills"]) await subscribe(harness, { name, queue: "shared" });
      await harness.enqueueAll([{ queue: "shared" }]);
      expect(seen).toEqual([]);
      await publish(harness, ["1"]);
      expect(seen.splice(0)).toEqual([
        { subscription: "mail", enqueued: 1 },
        { subscription: "bills", enqueued: 1 },
      ]);
      const plan = { queue: "shared", slots: [{ workerId: "w", n: 3 }], leaseUntilMs: null };
      const { tasks } = await harness.store.claim(plan, harness.now);
      expect(tasks).toHaveLength(3);
      expect(seen).toEqual([]);
      for (const task of tasks) await harness.settle(task, completed());
      expect(seen.splice(0)).toEqual([
        { subscription: "mail", completed: 1 },
        { subscription: "bills", completed: 1 },
      ]);
      await publish(harness, ["2"]);
      seen.length = 0;
      await endSubscription(harness, "mail");
      expect(seen).toEqual([]);
    });
  });
}

function withoutZeros<Flow extends TaskFlow>(flow: Flow): Partial<Flow> {
  return Object.fromEntries(Object.entries(flow).filter(([, value]) => value !== 0)) as Partial<Flow>;
}
