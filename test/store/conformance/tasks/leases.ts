import { describe, expect } from "vitest";
import type { LeaseUpdate } from "../../../../src/store/store.ts";
import { taskError } from "../../../harness/calls/builders.ts";
import { completed, leaseOf } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";

const nothingNew = { leaseUntilMs: null, progress: null } as const;

/** What is kept of running attempts. */
export function describeLeases(test: StoreTest): void {
  describe("leases", () => {
    test("tells every lease, also when it was opened anew", async (lab) => {
      const stream = await lab.enqueue();
      await lab.claimOne({ workerId: "a" });
      lab.tick(5);
      const unary = await lab.enqueue({ queue: "returns", attemptTimeoutMs: 700 });
      await lab.claimOne({ queue: "returns", workerId: "b", leaseUntilMs: lab.now + 30_000 });
      await lab.enqueue();
      const expected = [
        {
          id: stream,
          queue: "orders",
          attempt: 1,
          workerId: "a",
          startMs: lab.now - 5,
          attemptTimeoutMs: null,
          leaseUntilMs: null,
        },
        {
          id: unary,
          queue: "returns",
          attempt: 1,
          workerId: "b",
          startMs: lab.now,
          attemptTimeoutMs: 700,
          leaseUntilMs: lab.now + 30_000,
        },
      ];
      const sorted = async () => (await lab.store.leases()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(await sorted()).toEqual(expected);
      await lab.reopen();
      expect(await sorted()).toEqual(expected);
    });

    test("tells none that ended", async (lab) => {
      for (const state of ["completed", "failed", "cancelled"] as const) {
        await lab.taskIn("running", { queue: state });
        await lab.taskIn(state, { queue: `${state}-already` });
      }
      const running = await lab.store.leases();
      expect(running).toHaveLength(3);
      await lab.store.cancel(
        running.map(({ id }) => id),
        taskError(),
        lab.now,
      );
      expect(await lab.store.leases()).toEqual([]);
    });

    test("stores the new end of a lease, and nothing else of the task", async (lab) => {
      const id = await lab.enqueue();
      const task = await lab.claimOne({ leaseUntilMs: lab.now + 1_000 });
      const before = await lab.read(id);
      const update: LeaseUpdate = { ...leaseOf(task, "unary"), leaseUntilMs: lab.now + 9_000, progress: null };
      expect(await lab.store.updateLeases([update], lab.tick(500))).toEqual(["updated"]);
      await lab.reopen();
      expect(await lab.store.leases()).toMatchObject([{ id, leaseUntilMs: update.leaseUntilMs }]);
      expect(await lab.read(id)).toEqual(before);
    });

    test("stores progress, and leaves the end of the lease as it was", async (lab) => {
      const id = await lab.enqueue();
      const leaseUntilMs = lab.now + 1_000;
      const task = await lab.claimOne({ leaseUntilMs });
      const progress = { fraction: 0.25, message: "a quarter" };
      const update = { ...leaseOf(task, "unary"), leaseUntilMs: null, progress };
      expect(await lab.store.updateLeases([update], lab.tick(500))).toEqual(["updated"]);
      expect((await lab.task(id)).progress).toEqual({ ...progress, updateMs: lab.now });
      expect(await lab.store.leases()).toMatchObject([{ id, leaseUntilMs }]);
      // Without news of progress the last one stands.
      const later = { ...leaseOf(task, "unary"), leaseUntilMs: leaseUntilMs + 1, progress: null };
      expect(await lab.store.updateLeases([later], lab.tick(500))).toEqual(["updated"]);
      expect((await lab.task(id)).progress).toEqual({ ...progress, updateMs: lab.now - 500 });
    });

    test("takes progress over a stream", async (lab) => {
      const id = await lab.enqueue();
      const progress = { fraction: 1, message: "" };
      const update = { ...leaseOf(await lab.claimOne()), leaseUntilMs: null, progress };
      expect(await lab.store.updateLeases([update], lab.now)).toEqual(["updated"]);
      expect((await lab.task(id)).progress).toMatchObject(progress);
      expect(await lab.store.leases()).toMatchObject([{ id, leaseUntilMs: null }]);
    });

    test("does not show the progress of an attempt to the next one", async (lab) => {
      const id = await lab.enqueue();
      const task = await lab.claimOne();
      await lab.store.updateLeases(
        [{ ...leaseOf(task), leaseUntilMs: null, progress: { fraction: 0.9, message: "nearly" } }],
        lab.now,
      );
      await lab.settle(task, { kind: "lease_lost" });
      await lab.claimOne();
      expect((await lab.task(id)).progress).toBeNull();
    });

    test("answers each who does not hold the lease, and changes nothing", async (lab) => {
      const id = await lab.enqueue();
      const held = leaseOf(await lab.claimOne({ leaseUntilMs: lab.now + 1_000 }), "unary");
      const before = [await lab.read(id), await lab.store.leases()];
      const news = { leaseUntilMs: lab.now + 60_000, progress: { fraction: 0.5, message: "stolen" } };
      const updates: LeaseUpdate[] = [
        { ...held, ...news, attempt: 0 },
        { ...held, ...news, attempt: 2 },
        { ...held, ...news, workerId: "thief" },
        { ...held, ...news, lease: "stream" },
        { ...held, ...news, id: "00000000000" },
        { ...held, ...news, id: "no id" },
      ];
      expect(await lab.store.updateLeases(updates, lab.now)).toEqual([
        "stale",
        "stale",
        "stale",
        "stale",
        "not_found",
        "not_found",
      ]);
      expect([await lab.read(id), await lab.store.leases()]).toEqual(before);
      expect(await lab.store.updateLeases([{ ...held, ...nothingNew }], lab.now)).toEqual(["updated"]);
    });

    test("answers stale once the attempt has ended", async (lab) => {
      const id = await lab.enqueue();
      const task = await lab.claimOne();
      const update = { ...leaseOf(task), ...nothingNew };
      await lab.settle(task, completed());
      expect(await lab.store.updateLeases([update], lab.now)).toEqual(["stale"]);
      const other = await lab.enqueue();
      const cancelled = { ...leaseOf(await lab.claimOne()), ...nothingNew };
      await lab.store.cancel([other], taskError(), lab.now);
      const before = await lab.read(id);
      expect(await lab.store.updateLeases([cancelled, update], lab.now)).toEqual(["stale", "stale"]);
      expect(await lab.read(id)).toEqual(before);
    });
  });
}
