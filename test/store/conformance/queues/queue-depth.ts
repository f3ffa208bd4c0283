import { describe, expect } from "vitest";
import { createdIds } from "../../answers.ts";
import { listIds } from "../../read-all.ts";
import { reachableStates, type StoreTest } from "../../store-harness.ts";

/** How many unfinished tasks a queue takes. */
export function describeQueueDepth(test: StoreTest): void {
  describe("queue depth", () => {
    test("refuses what a queue's own bound does not admit, also within one call", async (lab) => {
      await lab.store.updateQueue("orders", { maxDepth: 2 }, true, lab.now);
      const answers = await lab.enqueueAll([{}, {}, {}, { queue: "returns" }]);
      expect(answers.map(({ status }) => status)).toEqual(["created", "created", "queue_full", "created"]);
      expect(answers[2]).toEqual({ status: "queue_full", depth: 2 });
      expect(await listIds(lab.store, { queue: "orders" })).toHaveLength(2);
    });

    test(
      "refuses what the server's bound does not admit",
      async (lab) => {
        expect((await lab.enqueueAll([{}, {}, {}])).map(({ status }) => status)).toEqual([
          "created",
          "created",
          "queue_full",
        ]);
        await lab.reopen();
        expect(await lab.enqueueAll([{}])).toEqual([{ status: "queue_full", depth: 2 }]);
      },
      { maxQueueDepth: 2 },
    );

    test(
      "lets a queue's own bound stand in for the server's",
      async (lab) => {
        await lab.store.updateQueue("orders", { maxDepth: 3 }, true, lab.now);
        expect(createdIds(await lab.enqueueAll([{}, {}, {}]))).toHaveLength(3);
        await lab.store.updateQueue("orders", { maxDepth: 0 }, false, lab.now);
        expect(await lab.enqueueAll([{}])).toMatchObject([{ status: "queue_full" }]);
      },
      { maxQueueDepth: 2 },
    );

    for (const state of reachableStates) {
      const counts = state === "scheduled" || state === "pending" || state === "running";
      test(`${counts ? "counts" : "does not count"} a ${state} task`, async (lab) => {
        await lab.store.updateQueue("orders", { maxDepth: 1 }, true, lab.now);
        await lab.taskIn(state);
        expect(await lab.enqueueAll([{}])).toMatchObject([{ status: counts ? "queue_full" : "created" }]);
      });
    }

    test("answers the existing task of a key though the queue is full", async (lab) => {
      await lab.store.updateQueue("orders", { maxDepth: 1 }, true, lab.now);
      const id = await lab.enqueue({ deduplicationKey: "key" });
      expect(await lab.enqueueAll([{ deduplicationKey: "key" }])).toMatchObject([{ status: "existing", task: { id } }]);
    });

    test("lets a task replace another in a full queue, which holds no more for it", async (lab) => {
      await lab.store.updateQueue("orders", { maxDepth: 1 }, true, lab.now);
      const id = await lab.enqueue({ deduplicationKey: "key" });
      await lab.enqueue({ deduplicationKey: "key", duplicatePolicy: "replace" });
      expect((await lab.task(id)).state).toBe("cancelled");
    });

    test("never cancels a task for one that it then refuses", async (lab) => {
      const id = await lab.enqueue({ deduplicationKey: "key" });
      await lab.enqueueAll([{}, {}, {}]);
      await lab.store.updateQueue("orders", { maxDepth: 2 }, false, lab.now);
      const [answer] = await lab.enqueueAll([{ deduplicationKey: "key", duplicatePolicy: "replace" }]);
      expect([answer?.status, (await lab.task(id)).state]).toBeOneOf([
        ["queue_full", "pending"],
        ["created", "cancelled"],
      ]);
    });

    test("keeps what a lower bound finds", async (lab) => {
      const ids = createdIds(await lab.enqueueAll([{}, {}, {}]));
      await lab.store.updateQueue("orders", { maxDepth: 1 }, false, lab.now);
      expect((await lab.claim(5)).tasks.map(({ id }) => id)).toEqual(ids);
    });
  });
}
