import { describe, expect } from "vitest";
import { createdIds } from "../../answers.ts";
import { failed, leaseOf } from "../../outcomes.ts";
import type { Lab, StoreTest } from "../../store-harness.ts";

const slots = (n: number) => [{ workerId: "w", n }];

async function claimTypes(lab: Lab, types: readonly string[] | null, n: number) {
  const plan = { queue: "orders", slots: slots(n), leaseUntilMs: null, ...(types && { types }) };
  const { tasks, short } = await lab.store.claim(plan, lab.now);
  return { ids: tasks.map(({ id }) => id), tasks, short };
}

/** Claims of certain types. */
export function describeTypes(test: StoreTest): void {
  describe("claim of types", () => {
    test("hands out tasks of these types alone, in their order", async (lab) => {
      const kinds = ["a", "b", "c", "a", "b", "c"];
      const ids = createdIds(await lab.enqueueAll(kinds.map((type) => ({ type }))));
      expect(await claimTypes(lab, ["b", "c"], 3)).toMatchObject({ ids: [ids[1], ids[2], ids[4]], short: null });
      expect(await claimTypes(lab, ["b", "c"], 3)).toMatchObject({ ids: [ids[5]], short: "empty" });
      expect(await claimTypes(lab, ["b"], 1)).toMatchObject({ ids: [], short: "empty" });
      expect(await claimTypes(lab, ["a"], 5)).toMatchObject({ ids: [ids[0], ids[3]], short: "empty" });
    });

    test("keeps priority and age over what was passed over and what was not", async (lab) => {
      const first = createdIds(await lab.enqueueAll([{ type: "a" }, { type: "a", priority: 1 }, { type: "b" }]));
      expect((await claimTypes(lab, ["b"], 5)).ids).toEqual([first[2]]);
      // `a` is put aside by now; what comes after stands in line.
      const then = createdIds(
        await lab.enqueueAll([{ type: "a" }, { type: "c", priority: 2 }, { type: "a", priority: 1 }]),
      );
      const expected = [then[1], first[1], then[2], first[0], then[0]];
      expect((await claimTypes(lab, null, 2)).ids).toEqual(expected.slice(0, 2));
      expect((await claimTypes(lab, ["a", "c"], 2)).ids).toEqual(expected.slice(2, 4));
      expect(await claimTypes(lab, null, 2)).toMatchObject({ ids: expected.slice(4), short: "empty" });
    });

    test("tells of the types that were passed over, until they are taken", async (lab) => {
      await lab.enqueueAll([{ type: "a" }, { type: "a" }, { type: "b" }]);
      expect((await lab.store.getQueue("orders"))?.passedOver).toEqual([]);
      await claimTypes(lab, ["b"], 5);
      const queue = await lab.store.getQueue("orders");
      expect(queue).toMatchObject({ passedOver: [{ type: "a", count: 2 }], counts: { pending: 2 } });
      expect(queue?.nextPendingMs).not.toBeNull();
      await claimTypes(lab, ["a"], 5);
      expect(await lab.store.getQueue("orders")).toMatchObject({ passedOver: [], nextPendingMs: null });
    });

    test("finds its own behind thousands of others, and looks at those once", async (lab) => {
      await lab.enqueueAll(Array.from({ length: 5_000 }, () => ({ type: "other" })));
      const [mine] = createdIds(await lab.enqueueAll([{ type: "mine" }]));
      const found: string[] = [];
      for (let claims = 0; found.length === 0 && claims < 10; claims++) {
        const { ids, short } = await claimTypes(lab, ["mine"], 1);
        found.push(...ids);
        expect(short).toBe(ids.length === 0 ? "cut" : null);
      }
      expect(found).toEqual([mine]);
      const [next] = createdIds(await lab.enqueueAll([{ type: "mine" }]));
      expect(await claimTypes(lab, ["mine"], 1)).toMatchObject({ ids: [next], short: null });
      expect((await lab.store.getQueue("orders"))?.passedOver).toEqual([{ type: "other", count: 5_000 }]);
      expect((await claimTypes(lab, null, 5_001)).ids).toHaveLength(5_000);
    });

    test("puts what was passed over back into line when its attempt fails, and keeps it through a reopening", async (lab) => {
      const [a] = createdIds(await lab.enqueueAll([{ type: "a" }, { type: "b" }]));
      await claimTypes(lab, ["b"], 2);
      await lab.reopen();
      expect((await lab.store.getQueue("orders"))?.passedOver).toEqual([{ type: "a", count: 1 }]);
      const { tasks } = await claimTypes(lab, null, 1);
      expect(tasks).toMatchObject([{ id: a }]);
      for (const task of tasks) {
        await lab.store.settle([{ ...leaseOf(task), outcome: failed({ retryDelayMs: 0 }) }], lab.now);
      }
      expect((await lab.store.getQueue("orders"))?.passedOver).toEqual([]);
      expect((await claimTypes(lab, ["a"], 1)).ids).toEqual([a]);
    });

    test("fails what expired, also where it was passed over", async (lab) => {
      const [late] = createdIds(await lab.enqueueAll([{ type: "a", expireMs: lab.now + 10 }, { type: "b" }]));
      await claimTypes(lab, ["b"], 2);
      lab.tick(10);
      expect(await claimTypes(lab, ["a"], 1)).toMatchObject({ ids: [], short: "empty" });
      expect(await lab.task(late ?? "")).toMatchObject({ state: "failed", error: { type: "EXPIRED" } });
    });

    test("hands out tasks that are named, out of their turn, if they are ready and of the queue", async (lab) => {
      const ids = createdIds(await lab.enqueueAll(Array.from({ length: 4 }, () => ({}))));
      const elsewhere = createdIds(await lab.enqueueAll([{ queue: "other" }]));
      const [, late] = createdIds(await lab.enqueueAll([{}, { delayMs: 1_000 }]));
      const plan = { queue: "orders", slots: slots(9), leaseUntilMs: null };
      const named = [ids[2], late, ...elsewhere, "nothing", ids[0], ids[2]].map((id) => id ?? "");
      const { tasks } = await lab.store.claim({ ...plan, ids: named }, lab.now);
      expect(tasks.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
      expect((await lab.store.claim({ ...plan, ids: named }, lab.now)).tasks).toEqual([]);
      expect((await claimTypes(lab, null, 1)).ids).toEqual([ids[1]]);
    });

    test("says of a bound on what may run that it was that", async (lab) => {
      await lab.enqueueAll([{ type: "a" }, { type: "a" }]);
      await lab.store.updateQueue("orders", { maxRunning: 1 }, false, lab.now);
      expect(await claimTypes(lab, ["a"], 2)).toMatchObject({ short: "max_running" });
    });
  });
}
