import { describe, expect } from "vitest";
import { createdIds } from "../../answers.ts";
import { listIds } from "../../read-all.ts";
import { reachableStates, type StoreTest } from "../../store-harness.ts";

/** How many unfinished tasks a queue takes. */
export function describeQueueDepth(test: StoreTest): void {
  describe("queue depth", () => {
    test("refuses what a queue's own bound does not admit, also within one call", async (harness) => {
      await harness.store.updateQueue("orders", { maxDepth: 2 }, true, harness.now);
      const answers = await harness.enqueueAll([{}, {}, {}, { queue: "returns" }]);
      expect(answers.map(({ status }) => status)).toEqual(["created", "created", "queue_full", "created"]);
      expect(answers[2]).toEqual({ status: "queue_full", depth: 2 });
      expect(await listIds(harness.store, { queue: "orders" })).toHaveLength(2);
    });

    test(
      "refuses what the server's bound does not admit",
      async (harness) => {
        expect((await harness.enqueueAll([{}, {}, {}])).map(({ status }) => status)).toEqual([
          "created",
          "created",
          "queue_full",
        ]);
        await harness.reopen();
        expect(await harness.enqueueAll([{}])).toEqual([{ status: "queue_full", depth: 2 }]);
      },
      { maxQueueDepth: 2 },
    );

    test(
      "lets a queue's own bound stand in for the server's",
      async (harness) => {
        await harness.store.updateQueue("orders", { maxDepth: 3 }, true, harness.now);
        expect(createdIds(await harness.enqueueAll([{}, {}, {}]))).toHaveLength(3);
        await harness.store.updateQueue("orders", { maxDepth: 0 }, false, harness.now);
        expect(await harness.enqueueAll([{}])).toMatchObject([{ status: "queue_full" }]);
      },
      { maxQueueDepth: 2 },
    );

    for (const state of reachableStates) {
      const counts = state === "scheduled" || state === "pending" || state === "running";
      test(`${counts ? "counts" : "does not count"} a ${state} task`, async (harness) => {
        await harness.store.updateQueue("orders", { maxDepth: 1 }, true, harness.now);
        await harness.taskIn(state);
        expect(await harness.enqueueAll([{}])).toMatchObject([{ status: counts ? "queue_full" : "created" }]);
      });
    }

    test("answers the existing task of a key though the queue is full", async (harness) => {
      await harness.store.updateQueue("orders", { maxDepth: 1 }, true, harness.now);
      const id = await harness.enqueue({ deduplicationKey: "key" });
      expect(await harness.enqueueAll([{ deduplicationKey: "key" }])).toMatchObject([
        { status: "existing", task: { id } },
      ]);
    });

    test("lets a task replace another in a full queue, which holds no more for it", async (harness) => {
      await harness.store.updateQueue("orders", { maxDepth: 1 }, true, harness.now);
      const id = await harness.enqueue({ deduplicationKey: "key" });
      await harness.enqueue({ deduplicationKey: "key", duplicatePolicy: "replace" });
      expect((await harness.task(id)).state).toBe("cancelled");
    });

    test("never cancels a task for one that it then refuses", async (harness) => {
      const id = await harness.enqueue({ deduplicationKey: "key" });
      await harness.enqueueAll([{}, {}, {}]);
      await harness.store.updateQueue("orders", { maxDepth: 2 }, false, harness.now);
      const [answer] = await harness.enqueueAll([{ deduplicationKey: "key", duplicatePolicy: "replace" }]);
      expect([answer?.status, (await harness.task(id)).state]).toBeOneOf([
        ["queue_full", "pending"],
        ["created", "cancelled"],
      ]);
    });

    test("keeps what a lower bound finds", async (harness) => {
      const ids = createdIds(await harness.enqueueAll([{}, {}, {}]));
      await harness.store.updateQueue("orders", { maxDepth: 1 }, false, harness.now);
      expect((await harness.claim(5)).tasks.map(({ id }) => id)).toEqual(ids);
    });
  });
}
