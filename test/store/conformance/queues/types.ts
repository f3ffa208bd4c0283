import { describe, expect } from "vitest";
import { createdIds } from "../../answers.ts";
import { failed, leaseOf } from "../../outcomes.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";

const slots = (n: number) => [{ workerId: "w", n }];

async function claimTypes(harness: StoreHarness, types: readonly string[] | null, n: number) {
  const plan = { queue: "orders", slots: slots(n), leaseUntilMs: null, ...(types && { types }) };
  const { tasks, short } = await harness.store.claim(plan, harness.now);
  return { ids: tasks.map(({ id }) => id), tasks, short };
}

/** Claims of certain types. */
export function describeTypes(test: StoreTest): void {
  describe("claim of types", () => {
    test("hands out tasks of these types alone, in their order", async (harness) => {
      const kinds = ["a", "b", "c", "a", "b", "c"];
      const ids = createdIds(await harness.enqueueAll(kinds.map((type) => ({ type }))));
      expect(await claimTypes(harness, ["b", "c"], 3)).toMatchObject({ ids: [ids[1], ids[2], ids[4]], short: null });
      expect(await claimTypes(harness, ["b", "c"], 3)).toMatchObject({ ids: [ids[5]], short: "empty" });
      expect(await claimTypes(harness, ["b"], 1)).toMatchObject({ ids: [], short: "empty" });
      expect(await claimTypes(harness, ["a"], 5)).toMatchObject({ ids: [ids[0], ids[3]], short: "empty" });
    });

    test("keeps priority and age over what was passed over and what was not", async (harness) => {
      const first = createdIds(await harness.enqueueAll([{ type: "a" }, { type: "a", priority: 1 }, { type: "b" }]));
      expect((await claimTypes(harness, ["b"], 5)).ids).toEqual([first[2]]);
      // `a` is put aside by now; what comes after stands in line.
      const then = createdIds(
        await harness.enqueueAll([{ type: "a" }, { type: "c", priority: 2 }, { type: "a", priority: 1 }]),
      );
      const expected = [then[1], first[1], then[2], first[0], then[0]];
      expect((await claimTypes(harness, null, 2)).ids).toEqual(expected.slice(0, 2));
      expect((await claimTypes(harness, ["a", "c"], 2)).ids).toEqual(expected.slice(2, 4));
      expect(await claimTypes(harness, null, 2)).toMatchObject({ ids: expected.slice(4), short: "empty" });
    });

    test("tells of the types that were passed over, until they are taken", async (harness) => {
      await harness.enqueueAll([{ type: "a" }, { type: "a" }, { type: "b" }]);
      expect((await harness.store.getQueue("orders"))?.passedOver).toEqual([]);
      await claimTypes(harness, ["b"], 5);
      const queue = await harness.store.getQueue("orders");
      expect(queue).toMatchObject({ passedOver: [{ type: "a", count: 2 }], counts: { pending: 2 } });
      expect(queue?.nextPendingMs).not.toBeNull();
      await claimTypes(harness, ["a"], 5);
      expect(await harness.store.getQueue("orders")).toMatchObject({ passedOver: [], nextPendingMs: null });
    });

    test("finds its own behind thousands of others, and looks at those once", async (harness) => {
      await harness.enqueueAll(Array.from({ length: 5_000 }, () => ({ type: "other" })));
      const [mine] = createdIds(await harness.enqueueAll([{ type: "mine" }]));
      const found: string[] = [];
      for (let claims = 0; found.length === 0 && claims < 10; claims++) {
        const { ids, short } = await claimTypes(harness, ["mine"], 1);
        found.push(...ids);
        expect(short).toBe(ids.length === 0 ? "cut" : null);
      }
      expect(found).toEqual([mine]);
      const [next] = createdIds(await harness.enqueueAll([{ type: "mine" }]));
      expect(await claimTypes(harness, ["mine"], 1)).toMatchObject({ ids: [next], short: null });
      expect((await harness.store.getQueue("orders"))?.passedOver).toEqual([{ type: "other", count: 5_000 }]);
      expect((await claimTypes(harness, null, 5_001)).ids).toHaveLength(5_000);
    });

    test("puts what was passed over back into line when its attempt fails, and keeps it through a reopening", async (harness) => {
      const [a] = createdIds(await harness.enqueueAll([{ type: "a" }, { type: "b" }]));
      await claimTypes(harness, ["b"], 2);
      await harness.reopen();
      expect((await harness.store.getQueue("orders"))?.passedOver).toEqual([{ type: "a", count: 1 }]);
      const { tasks } = await claimTypes(harness, null, 1);
      expect(tasks).toMatchObject([{ id: a }]);
      for (const task of tasks) {
        await harness.store.settle([{ ...leaseOf(task), outcome: failed({ retryDelayMs: 0 }) }], harness.now);
      }
      expect((await harness.store.getQueue("orders"))?.passedOver).toEqual([]);
      expect((await claimTypes(harness, ["a"], 1)).ids).toEqual([a]);
    });

    test("fails what expired, also where it was passed over", async (harness) => {
      const [late] = createdIds(await harness.enqueueAll([{ type: "a", expireMs: harness.now + 10 }, { type: "b" }]));
      await claimTypes(harness, ["b"], 2);
      harness.tick(10);
      expect(await claimTypes(harness, ["a"], 1)).toMatchObject({ ids: [], short: "empty" });
      expect(await harness.task(late ?? "")).toMatchObject({ state: "failed", error: { type: "EXPIRED" } });
    });

    test("hands out tasks that are named, out of their turn, if they are ready and of the queue", async (harness) => {
      const ids = createdIds(await harness.enqueueAll(Array.from({ length: 4 }, () => ({}))));
      const elsewhere = createdIds(await harness.enqueueAll([{ queue: "other" }]));
      const [, late] = createdIds(await harness.enqueueAll([{}, { delayMs: 1_000 }]));
      const plan = { queue: "orders", slots: slots(9), leaseUntilMs: null };
      const named = [ids[2], late, ...elsewhere, "nothing", ids[0], ids[2]].map((id) => id ?? "");
      const { tasks } = await harness.store.claim({ ...plan, ids: named }, harness.now);
      expect(tasks.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
      expect((await harness.store.claim({ ...plan, ids: named }, harness.now)).tasks).toEqual([]);
      expect((await claimTypes(harness, null, 1)).ids).toEqual([ids[1]]);
    });

    test("says of a bound on what may run that it was that", async (harness) => {
      await harness.enqueueAll([{ type: "a" }, { type: "a" }]);
      await harness.store.updateQueue("orders", { maxRunning: 1 }, false, harness.now);
      expect(await claimTypes(harness, ["a"], 2)).toMatchObject({ short: "max_running" });
    });
  });
}
