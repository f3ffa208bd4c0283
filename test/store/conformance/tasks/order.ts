import { describe, expect } from "vitest";
import { createdIds } from "../../answers.ts";
import { failed, leaseLost, released } from "../../outcomes.ts";
import { advanceAll } from "../../read-all.ts";
import { release, type StoreTest } from "../../store-harness.ts";

/** Who is next: priority, then how long it has been ready. */
export function describeOrder(test: StoreTest): void {
  describe("order", () => {
    test("is priority first, then first in, first out", async (lab) => {
      const priorities = [0, 5, -1_000, 5, 0, 1_000, -3];
      const ids = createdIds(await lab.enqueueAll(priorities.map((priority) => ({ priority }))));
      const { tasks } = await lab.claim(10);
      expect(tasks.map(({ id }) => ids.indexOf(id))).toEqual([5, 1, 3, 0, 4, 6, 2]);
    });

    test("is kept over several claims, calls and openings", async (lab) => {
      const ids: string[] = [];
      for (let batch = 0; batch < 5; batch++) {
        ids.push(...createdIds(await lab.enqueueAll([{}, {}, {}])));
        lab.tick(batch % 2);
      }
      await lab.reopen();
      const claimed: string[] = [];
      for (const n of [1, 4, 2, 8]) claimed.push(...(await lab.claim(n)).tasks.map(({ id }) => id));
      expect(claimed).toEqual(ids);
    });

    test("gives a task that waited the place of the time when it was due", async (lab) => {
      const due20 = await lab.enqueue({ delayMs: 20 });
      const due10 = await lab.enqueue({ delayMs: 10 });
      lab.tick(5);
      const at5 = await lab.enqueue();
      lab.tick(10);
      const at15 = await lab.enqueue();
      lab.tick(10);
      const at25 = await lab.enqueue();
      await advanceAll(lab.store, lab.now);
      expect((await lab.claim(9)).tasks.map(({ id }) => id)).toEqual([at5, due10, at15, due20, at25]);
    });

    test("lets priority go before time also among those that waited", async (lab) => {
      const low = await lab.enqueue({ delayMs: 10 });
      const high = await lab.enqueue({ delayMs: 20, priority: 1 });
      lab.tick(30);
      await advanceAll(lab.store, lab.now);
      expect((await lab.claim(2)).tasks.map(({ id }) => id)).toEqual([high, low]);
    });

    test("gives a retry the place of the time when it was due, not its old one", async (lab) => {
      const retried = await lab.enqueue();
      await lab.settle(await lab.claimOne(), failed({ retryDelayMs: 10 }));
      lab.tick(5);
      const before = await lab.enqueue();
      lab.tick(10);
      const after = await lab.enqueue();
      await advanceAll(lab.store, lab.now);
      expect((await lab.claim(3)).tasks.map(({ id }) => id)).toEqual([before, retried, after]);
    });

    test("gives a released task its old place", async (lab) => {
      const first = await lab.enqueue();
      const task = await lab.claimOne();
      lab.tick(5);
      const second = await lab.enqueue();
      await release(lab, task);
      expect((await lab.claim(2)).tasks.map(({ id }) => id)).toEqual([first, second]);
    });

    test("gives a retry that was released its place of the retry", async (lab) => {
      const retried = await lab.enqueue();
      await lab.settle(await lab.claimOne(), failed({ retryDelayMs: 10 }));
      lab.tick(5);
      const before = await lab.enqueue();
      lab.tick(10);
      await advanceAll(lab.store, lab.now);
      const { tasks } = await lab.claim(2);
      const after = await lab.enqueue();
      for (const task of tasks.toReversed()) await release(lab, task);
      expect((await lab.claim(3)).tasks.map(({ id }) => id)).toEqual([before, retried, after]);
    });

    test("gives a task that was released for a while the place of the time when it is due", async (lab) => {
      const put = await lab.enqueue();
      await lab.settle(await lab.claimOne(), released(10));
      lab.tick(5);
      const before = await lab.enqueue();
      lab.tick(10);
      const after = await lab.enqueue();
      await advanceAll(lab.store, lab.now);
      expect((await lab.claim(3)).tasks.map(({ id }) => id)).toEqual([before, put, after]);
    });

    test("gives a task whose lease was lost a place before those that came after it was handed out", async (lab) => {
      const lost = await lab.enqueue();
      const task = await lab.claimOne();
      lab.tick(5);
      await lab.settle(task, leaseLost);
      lab.tick(5);
      const after = await lab.enqueue();
      expect((await lab.claim(2)).tasks.map(({ id }) => id)).toEqual([lost, after]);
    });

    test("puts what an operator retries at the end of the line", async (lab) => {
      const put = await lab.taskIn("failed");
      lab.tick(5);
      const waiting = await lab.enqueue();
      lab.tick(5);
      await lab.store.retry([put], lab.now);
      lab.tick(5);
      const after = await lab.enqueue();
      expect((await lab.claim(3)).tasks.map(({ id }) => id)).toEqual([waiting, put, after]);
    });
  });
}
