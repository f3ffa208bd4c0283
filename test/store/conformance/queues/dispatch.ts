import { describe, expect } from "vitest";
import type { ClaimedTask } from "../../../../src/domain/tasks/task.ts";
import { createdIds } from "../../answers.ts";
import { failed } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";

/** Tasks that say how they are dispatched. */
export function describeDispatch(test: StoreTest): void {
  describe("dispatch", () => {
    const plan = { queue: "orders", slots: [{ workerId: "w", n: 5 }], leaseUntilMs: null };

    test("keeps such tasks in lanes of their own, which the claims of others tell of", async (harness) => {
      const wishes = [{ strategy: "sticky" }, { workerId: "w", waitMs: 10 }, null] as const;
      const ids = createdIds(await harness.enqueueAll(wishes.map((dispatch) => ({ dispatch }))));
      const first = await harness.store.claim(plan, harness.now);
      expect(first.tasks.map(({ id }) => id)).toEqual([ids[2]]);
      expect(first.lanes?.toSorted()).toEqual(["by:sticky", "worker:w"]);
      await harness.reopen();
      const claimed: ClaimedTask[] = [];
      for (const lane of first.lanes ?? []) {
        const { tasks, lanes } = await harness.store.claim({ ...plan, lane }, harness.now);
        expect(lanes).toBeUndefined();
        claimed.push(...tasks);
      }
      expect(claimed.map(({ id }) => id).toSorted()).toEqual(ids.slice(0, 2).toSorted());
      // A strategy is for every attempt, a worker for the first one.
      for (const task of claimed) await harness.settle(task, failed({ retryDelayMs: 0 }));
      const { tasks, lanes } = await harness.store.claim(plan, harness.now);
      expect(tasks.map(({ id }) => id)).toEqual([ids[1]]);
      expect(lanes).toContain("by:sticky");
    });

    test("counts the wait for a worker from a retry that brings the task forward", async (harness) => {
      const id = await harness.enqueue({ dispatch: { workerId: "gone", waitMs: 1_000 }, delayMs: 60_000 });
      await harness.store.retry([id], harness.tick(10));
      expect(await harness.store.advance(harness.now)).toEqual({ nextMs: harness.now + 1_000 });
      await harness.store.advance(harness.tick(1_000));
      expect((await harness.store.claim(plan, harness.now)).tasks.map((task) => task.id)).toEqual([id]);
    });

    test("puts a task in line when it has waited long enough for its worker", async (harness) => {
      const [id, later] = createdIds(
        await harness.enqueueAll([
          { dispatch: { workerId: "gone", waitMs: 1_000 } },
          { dispatch: { workerId: "gone", waitMs: 1_000 }, delayMs: 500 },
        ]),
      );
      harness.tick(999);
      expect(await harness.store.advance(harness.now)).toEqual({ nextMs: harness.now + 1 });
      expect((await harness.store.claim(plan, harness.now)).tasks).toEqual([]);
      harness.tick(1);
      expect(await harness.store.advance(harness.now)).toEqual({ nextMs: harness.now + 500 });
      expect((await harness.store.claim(plan, harness.now)).tasks.map((task) => task.id)).toEqual([id]);
      harness.tick(500);
      expect(await harness.store.advance(harness.now)).toEqual({ nextMs: null });
      expect((await harness.store.claim(plan, harness.now)).tasks.map((task) => task.id)).toEqual([later]);
    });
  });
}
