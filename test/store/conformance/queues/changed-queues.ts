import { describe, expect } from "vitest";
import { completed } from "../../outcomes.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";

/** What changes of queues, for overviews. */
export function describeChangedQueues(test: StoreTest): void {
  describe("changed queues", () => {
    test("are all at first, and then those alone that may have changed", async (harness) => {
      await harness.enqueueAll([{ queue: "a" }, { queue: "b" }, { queue: "b", priority: 9 }]);
      const first = await read(harness, 0);
      expect(first.names).toEqual(["a", "b"]);
      expect((await read(harness, first.revision)).names).toEqual([]);
      await harness.enqueue({ queue: "a" });
      const second = await read(harness, first.revision);
      expect(second.names).toEqual(["a"]);
      await harness.store.updateQueue("b", { paused: true, maxRunning: 3, maxDepth: 9 }, false, harness.now);
      const third = await read(harness, second.revision);
      expect(third.queues).toMatchObject([{ name: "b", paused: true, maxRunning: 3, maxDepth: 9 }]);
    });

    test("count what is handed out, though it is not written yet, and what waits longest of all priorities", async (harness) => {
      await harness.enqueueAll([{ queue: "a", priority: 1 }, { queue: "a" }]);
      const waitingMs = harness.now;
      harness.tick(1_000);
      await harness.enqueue({ queue: "a", priority: 5 });
      const first = await read(harness, 0);
      expect(first.queues).toMatchObject([{ counts: { pending: 3, running: 0 }, oldestReadyMs: waitingMs }]);
      const task = await harness.claimOne({ queue: "a" });
      const second = await read(harness, first.revision);
      expect(second.queues).toMatchObject([{ counts: { pending: 2, running: 1 }, oldestReadyMs: waitingMs }]);
      await harness.settle(task, completed());
      const third = await read(harness, second.revision);
      expect(third.queues).toMatchObject([{ counts: { pending: 2, running: 0, completed: 1 } }]);
      expect((await read(harness, third.revision)).names).toEqual([]);
    });

    test("are read page by page", async (harness) => {
      await harness.enqueueAll(Array.from({ length: 7 }, (_, n) => ({ queue: `q${n}` })));
      const seen: string[] = [];
      let since = 0;
      for (let isAll = false, isFirstPage = true; !isAll; isFirstPage = false) {
        const page = await harness.store.changedQueues({ since, isFirstPage, limit: 3 }, harness.now);
        seen.push(...page.queues.map(({ name }) => name));
        ({ revision: since, isAll } = page);
      }
      expect(seen.sort()).toEqual(Array.from({ length: 7 }, (_, n) => `q${n}`));
    });
  });
}

async function read({ store, now }: StoreHarness, since: number) {
  const { queues, revision } = await store.changedQueues({ since, isFirstPage: true, limit: 100 }, now);
  return { queues, revision, names: queues.map(({ name }) => name).sort() };
}
