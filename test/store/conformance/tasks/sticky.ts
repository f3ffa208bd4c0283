import { describe, expect } from "vitest";
import { createStickiness } from "../../../../src/domain/balancing/stickiness.ts";
import type { ClaimPlan, StickyPlan } from "../../../../src/store/claim-plan.ts";
import { createdIds } from "../../answers.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";

/** Correlation ids that stick to each of two workers. */
const keys = Array.from({ length: 20 }, (_, index) => `order-${index}`);
const stickiness = createStickiness(["a", "b"]);
const [ofA, ofB] = [0, 1].map((at) => keys.filter((key) => stickiness.indexFor(key, () => true) === at)) as [
  [string, ...string[]],
  [string, ...string[]],
];

/** A claim for one worker, beside another one that is elsewhere and has room for so many. */
function planOf(own: string, other: string, room: number, changes: Partial<ClaimPlan & StickyPlan> = {}): ClaimPlan {
  const { most = 100, ...plan } = changes;
  const elsewhere = [{ workerId: other, n: room, types: null }];
  return {
    queue: "orders",
    slots: [{ workerId: own, n: 100 }],
    leaseUntilMs: null,
    sticky: { most, elsewhere },
    ...plan,
  };
}

async function claim(harness: StoreHarness, plan: ClaimPlan) {
  const { tasks, short, left } = await harness.store.claim(plan, harness.now);
  for (const { id, workerId } of tasks) expect((await harness.task(id)).workerId).toBe(workerId);
  return { ids: tasks.map(({ id }) => id), keys: tasks.map(({ correlationId }) => correlationId), short, left };
}

/** What claims leave to workers that are connected to other servers. */
export function describeSticky(test: StoreTest): void {
  describe("a sticky claim beside workers elsewhere", () => {
    const enqueue = async (harness: StoreHarness, correlationIds: readonly (string | null)[], task: object = {}) =>
      createdIds(await harness.enqueueAll(correlationIds.map((correlationId) => ({ ...task, correlationId }))));

    test("takes what sticks to its own workers, in order, and leaves the rest", async (harness) => {
      await enqueue(harness, [...keys, ...keys]);
      const first = await claim(harness, planOf("a", "b", 100));
      const inLine = [...keys, ...keys];
      expect(first).toMatchObject({ keys: inLine.filter((key) => ofA.includes(key)), short: "empty", left: true });
      expect(await claim(harness, planOf("a", "b", 100))).toMatchObject({ keys: [], short: "empty", left: true });
      const second = await claim(harness, planOf("b", "a", 100));
      expect(second.keys).toEqual(inLine.filter((key) => ofB.includes(key)));
      expect([second.short, second.left]).toEqual(["empty", undefined]);
    });

    test("looks behind what others have room for", async (harness) => {
      await enqueue(harness, Array(1_500).fill(ofB[0]));
      const [id] = await enqueue(harness, [ofA[0]]);
      expect(await claim(harness, planOf("a", "b", 2_000, { most: 1 }))).toMatchObject({ ids: [id], short: null });
    });

    test("takes what others have no room for", async (harness) => {
      const ids = await enqueue(harness, Array(5).fill(ofB[0]));
      expect(await claim(harness, planOf("a", "b", 2))).toMatchObject({
        ids: ids.slice(2),
        short: "empty",
        left: true,
      });
      const full = await claim(harness, planOf("a", "b", 0));
      expect([full.ids, full.left]).toEqual([ids.slice(0, 2), undefined]);
    });

    test("leaves nothing that sticks to nobody, or is of a type that the others do not take", async (harness) => {
      const ids = await enqueue(harness, [null, ofB[0]]);
      const elsewhere = [{ workerId: "b", n: 100, types: ["order.cancel"] }];
      const plan = planOf("a", "b", 0, {});
      const found = await claim(harness, { ...plan, sticky: { most: 100, elsewhere } });
      expect([found.ids, found.left]).toEqual([ids, undefined]);
      const [cancel, ship] = [
        await enqueue(harness, [ofB[0]], { type: "order.cancel" }),
        await enqueue(harness, [ofA[0]]),
      ];
      const some = await claim(harness, { ...plan, sticky: { most: 100, elsewhere } });
      expect(some).toMatchObject({ ids: ship, left: true });
      expect((await harness.task(cancel[0] ?? "")).state).toBe("pending");
    });

    test("does so among tasks of its types", async (harness) => {
      await enqueue(harness, [...keys, ...keys], { type: "order.cancel" });
      await enqueue(harness, keys);
      const types = ["order.ship"];
      const first = await claim(harness, planOf("a", "b", 100, { types }));
      expect(first).toMatchObject({ keys: ofA, short: "empty", left: true });
      // What is of other types was put aside on the way.
      const second = await claim(harness, planOf("b", "a", 100, { types: ["order.cancel", "order.ship"] }));
      expect(second.keys.toSorted()).toEqual([...ofB, ...ofB, ...ofB].toSorted());
      const third = await claim(harness, planOf("a", "b", 100, { types: ["order.cancel"] }));
      expect(third.keys).toEqual([...ofA, ...ofA]);
      expect(third.left).toBeUndefined();
    });

    test("does so in the lane of tasks that want it", async (harness) => {
      await enqueue(harness, keys, { dispatch: { strategy: "sticky" } });
      const lane = "by:sticky";
      const first = await claim(harness, planOf("a", "b", 100, { lane }));
      expect(first).toMatchObject({ keys: ofA, short: "empty", left: true });
      expect((await claim(harness, planOf("b", "a", 100, { lane, types: ["order.ship"] }))).keys).toEqual(ofB);
    });

    test("fails on the way what is too late, and leaves what others want in its place", async (harness) => {
      await enqueue(harness, [ofA[0]], { expireMs: harness.now + 10 });
      const ids = await enqueue(harness, [ofB[0], ofA[0], ofB[0], ofA[0]]);
      harness.tick(10);
      const found = await claim(harness, planOf("a", "b", 100, { most: 1 }));
      expect(found).toMatchObject({ ids: [ids[1]], short: null });
      expect((await claim(harness, planOf("b", "a", 100))).ids).toEqual([ids[0], ids[2]]);
      expect((await harness.claim(9)).tasks.map(({ id }) => id)).toEqual([ids[3]]);
    });
  });
}
