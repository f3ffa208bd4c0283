import { describe, expect } from "vitest";
import type { ClaimedTask } from "../../../../src/domain/tasks/task.ts";
import { createdIds } from "../../answers.ts";
import { failed } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";

/** Tasks that say how they are dispatched. */
export function describeDispatch(test: StoreTest): void {
  describe("dispatch", () => {
    const plan = { queue: "orders", slots: [{ workerId: "w", n: 5 }], leaseUntilMs: null };

    test("keeps such tasks in lanes of their own, which the claims of others tell of", async (lab) => {
      const wishes = [{ strategy: "sticky" }, { workerId: "w", waitMs: 10 }, null] as const;
      const ids = createdIds(await lab.enqueueAll(wishes.map((dispatch) => ({ dispatch }))));
      const first = await lab.store.claim(plan, lab.now);
      expect(first.tasks.map(({ id }) => id)).toEqual([ids[2]]);
      expect(first.lanes?.toSorted()).toEqual(["by:sticky", "worker:w"]);
      await lab.reopen();
      const claimed: ClaimedTask[] = [];
      for (const lane of first.lanes ?? []) {
        const { tasks, lanes } = await lab.store.claim({ ...plan, lane }, lab.now);
        expect(lanes).toBeUndefined();
        claimed.push(...tasks);
      }
      expect(claimed.map(({ id }) => id).toSorted()).toEqual(ids.slice(0, 2).toSorted());
      // A strategy is for every attempt, a worker for the first one.
      for (const task of claimed) await lab.settle(task, failed({ retryDelayMs: 0 }));
      const { tasks, lanes } = await lab.store.claim(plan, lab.now);
      expect(tasks.map(({ id }) => id)).toEqual([ids[1]]);
      expect(lanes).toContain("by:sticky");
    });

    test("counts the wait for a worker from a retry that brings the task forward", async (lab) => {
      const id = await lab.enqueue({ dispatch: { workerId: "gone", waitMs: 1_000 }, delayMs: 60_000 });
      await lab.store.retry([id], lab.tick(10));
      expect(await lab.store.advance(lab.now)).toEqual({ nextMs: lab.now + 1_000 });
      await lab.store.advance(lab.tick(1_000));
      expect((await lab.store.claim(plan, lab.now)).tasks.map((task) => task.id)).toEqual([id]);
    });

    test("puts a task in line when it has waited long enough for its worker", async (lab) => {
      const [id, later] = createdIds(
        await lab.enqueueAll([
          { dispatch: { workerId: "gone", waitMs: 1_000 } },
          { dispatch: { workerId: "gone", waitMs: 1_000 }, delayMs: 500 },
        ]),
      );
      lab.tick(999);
      expect(await lab.store.advance(lab.now)).toEqual({ nextMs: lab.now + 1 });
      expect((await lab.store.claim(plan, lab.now)).tasks).toEqual([]);
      lab.tick(1);
      expect(await lab.store.advance(lab.now)).toEqual({ nextMs: lab.now + 500 });
      expect((await lab.store.claim(plan, lab.now)).tasks.map((task) => task.id)).toEqual([id]);
      lab.tick(500);
      expect(await lab.store.advance(lab.now)).toEqual({ nextMs: null });
      expect((await lab.store.claim(plan, lab.now)).tasks.map((task) => task.id)).toEqual([later]);
    });
  });
}
