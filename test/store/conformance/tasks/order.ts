import { describe, expect } from "vitest";
import { createdIds } from "../../answers.ts";
import { failed, leaseLost, released } from "../../outcomes.ts";
import { advanceAll } from "../../read-all.ts";
import { release, type StoreTest } from "../../store-harness.ts";

/** Who is next: priority, then how long it has been ready. */
export function describeOrder(test: StoreTest): void {
  describe("order", () => {
    test("is priority first, then first in, first out", async (harness) => {
      const priorities = [0, 5, -1_000, 5, 0, 1_000, -3];
      const ids = createdIds(await harness.enqueueAll(priorities.map((priority) => ({ priority }))));
      const { tasks } = await harness.claim(10);
      expect(tasks.map(({ id }) => ids.indexOf(id))).toEqual([5, 1, 3, 0, 4, 6, 2]);
    });

    test("is kept over several claims, calls and openings", async (harness) => {
      const ids: string[] = [];
      for (let batch = 0; batch < 5; batch++) {
        ids.push(...createdIds(await harness.enqueueAll([{}, {}, {}])));
        harness.tick(batch % 2);
      }
      await harness.reopen();
      const claimed: string[] = [];
      for (const n of [1, 4, 2, 8]) claimed.push(...(await harness.claim(n)).tasks.map(({ id }) => id));
      expect(claimed).toEqual(ids);
    });

    test("gives a task that waited the place of the time when it was due", async (harness) => {
      const due20 = await harness.enqueue({ delayMs: 20 });
      const due10 = await harness.enqueue({ delayMs: 10 });
      harness.tick(5);
      const at5 = await harness.enqueue();
      harness.tick(10);
      const at15 = await harness.enqueue();
      harness.tick(10);
      const at25 = await harness.enqueue();
      await advanceAll(harness.store, harness.now);
      expect((await harness.claim(9)).tasks.map(({ id }) => id)).toEqual([at5, due10, at15, due20, at25]);
    });

    test("lets priority go before time also among those that waited", async (harness) => {
      const low = await harness.enqueue({ delayMs: 10 });
      const high = await harness.enqueue({ delayMs: 20, priority: 1 });
      harness.tick(30);
      await advanceAll(harness.store, harness.now);
      expect((await harness.claim(2)).tasks.map(({ id }) => id)).toEqual([high, low]);
    });

    test("gives a retry the place of the time when it was due, not its old one", async (harness) => {
      const retried = await harness.enqueue();
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 10 }));
      harness.tick(5);
      const before = await harness.enqueue();
      harness.tick(10);
      const after = await harness.enqueue();
      await advanceAll(harness.store, harness.now);
      expect((await harness.claim(3)).tasks.map(({ id }) => id)).toEqual([before, retried, after]);
    });

    test("gives a released task its old place", async (harness) => {
      const first = await harness.enqueue();
      const task = await harness.claimOne();
      harness.tick(5);
      const second = await harness.enqueue();
      await release(harness, task);
      expect((await harness.claim(2)).tasks.map(({ id }) => id)).toEqual([first, second]);
    });

    test("gives a retry that was released its place of the retry", async (harness) => {
      const retried = await harness.enqueue();
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 10 }));
      harness.tick(5);
      const before = await harness.enqueue();
      harness.tick(10);
      await advanceAll(harness.store, harness.now);
      const { tasks } = await harness.claim(2);
      const after = await harness.enqueue();
      for (const task of tasks.toReversed()) await release(harness, task);
      expect((await harness.claim(3)).tasks.map(({ id }) => id)).toEqual([before, retried, after]);
    });

    test("gives a task that was released for a while the place of the time when it is due", async (harness) => {
      const put = await harness.enqueue();
      await harness.settle(await harness.claimOne(), released(10));
      harness.tick(5);
      const before = await harness.enqueue();
      harness.tick(10);
      const after = await harness.enqueue();
      await advanceAll(harness.store, harness.now);
      expect((await harness.claim(3)).tasks.map(({ id }) => id)).toEqual([before, put, after]);
    });

    test("gives a task whose lease was lost a place before those that came after it was handed out", async (harness) => {
      const lost = await harness.enqueue();
      const task = await harness.claimOne();
      harness.tick(5);
      await harness.settle(task, leaseLost);
      harness.tick(5);
      const after = await harness.enqueue();
      expect((await harness.claim(2)).tasks.map(({ id }) => id)).toEqual([lost, after]);
    });

    test("puts what an operator retries at the end of the line", async (harness) => {
      const put = await harness.taskIn("failed");
      harness.tick(5);
      const waiting = await harness.enqueue();
      harness.tick(5);
      await harness.store.retry([put], harness.now);
      harness.tick(5);
      const after = await harness.enqueue();
      expect((await harness.claim(3)).tasks.map(({ id }) => id)).toEqual([waiting, put, after]);
    });
  });
}
