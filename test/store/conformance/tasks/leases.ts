import { describe, expect } from "vitest";
import type { LeaseUpdate } from "../../../../src/store/task-store.ts";
import { taskError } from "../../../harness/calls/builders.ts";
import { completed, leaseOf } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";

const nothingNew = { leaseUntilMs: null, progress: null } as const;

/** What is kept of running attempts. */
export function describeLeases(test: StoreTest): void {
  describe("leases", () => {
    test("tells every lease, also when it was opened anew", async (harness) => {
      const stream = await harness.enqueue();
      await harness.claimOne({ workerId: "a" });
      harness.tick(5);
      const unary = await harness.enqueue({ queue: "returns", attemptTimeoutMs: 700 });
      await harness.claimOne({ queue: "returns", workerId: "b", leaseUntilMs: harness.now + 30_000 });
      await harness.enqueue();
      const expected = [
        {
          taskId: stream,
          queue: "orders",
          attempt: 1,
          workerId: "a",
          leaseKind: "stream",
          startMs: harness.now - 5,
          attemptTimeoutMs: null,
          leaseUntilMs: null,
        },
        {
          taskId: unary,
          queue: "returns",
          attempt: 1,
          workerId: "b",
          leaseKind: "unary",
          startMs: harness.now,
          attemptTimeoutMs: 700,
          leaseUntilMs: harness.now + 30_000,
        },
      ];
      const sorted = async () => (await harness.store.leases()).toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1));
      expect(await sorted()).toEqual(expected);
      await harness.reopen();
      expect(await sorted()).toEqual(expected);
    });

    test("tells none that ended", async (harness) => {
      for (const state of ["completed", "failed", "cancelled"] as const) {
        await harness.taskIn("running", { queue: state });
        await harness.taskIn(state, { queue: `${state}-already` });
      }
      const running = await harness.store.leases();
      expect(running).toHaveLength(3);
      await harness.store.cancel(
        running.map(({ taskId }) => taskId),
        taskError(),
        harness.now,
      );
      expect(await harness.store.leases()).toEqual([]);
    });

    test("stores the new end of a lease, and nothing else of the task", async (harness) => {
      const id = await harness.enqueue();
      const task = await harness.claimOne({ leaseUntilMs: harness.now + 1_000 });
      const before = await harness.read(id);
      const update: LeaseUpdate = { ...leaseOf(task, "unary"), leaseUntilMs: harness.now + 9_000, progress: null };
      expect(await harness.store.updateLeases([update], harness.tick(500))).toEqual(["updated"]);
      await harness.reopen();
      expect(await harness.store.leases()).toMatchObject([{ taskId: id, leaseUntilMs: update.leaseUntilMs }]);
      expect(await harness.read(id)).toEqual(before);
    });

    test("stores progress, and leaves the end of the lease as it was", async (harness) => {
      const id = await harness.enqueue();
      const leaseUntilMs = harness.now + 1_000;
      const task = await harness.claimOne({ leaseUntilMs });
      const progress = { fraction: 0.25, message: "a quarter" };
      const update = { ...leaseOf(task, "unary"), leaseUntilMs: null, progress };
      expect(await harness.store.updateLeases([update], harness.tick(500))).toEqual(["updated"]);
      expect((await harness.task(id)).progress).toEqual({ ...progress, updateMs: harness.now });
      expect(await harness.store.leases()).toMatchObject([{ taskId: id, leaseUntilMs }]);
      // Without news of progress the last one stands.
      const later = { ...leaseOf(task, "unary"), leaseUntilMs: leaseUntilMs + 1, progress: null };
      expect(await harness.store.updateLeases([later], harness.tick(500))).toEqual(["updated"]);
      expect((await harness.task(id)).progress).toEqual({ ...progress, updateMs: harness.now - 500 });
    });

    test("takes progress over a stream", async (harness) => {
      const id = await harness.enqueue();
      const progress = { fraction: 1, message: "" };
      const update = { ...leaseOf(await harness.claimOne()), leaseUntilMs: null, progress };
      expect(await harness.store.updateLeases([update], harness.now)).toEqual(["updated"]);
      expect((await harness.task(id)).progress).toMatchObject(progress);
      expect(await harness.store.leases()).toMatchObject([{ taskId: id, leaseUntilMs: null }]);
    });

    test("does not show the progress of an attempt to the next one", async (harness) => {
      const id = await harness.enqueue();
      const task = await harness.claimOne();
      await harness.store.updateLeases(
        [{ ...leaseOf(task), leaseUntilMs: null, progress: { fraction: 0.9, message: "nearly" } }],
        harness.now,
      );
      await harness.settle(task, { kind: "lease_lost" });
      await harness.claimOne();
      expect((await harness.task(id)).progress).toBeNull();
    });

    test("answers each who does not hold the lease, and changes nothing", async (harness) => {
      const id = await harness.enqueue();
      const held = leaseOf(await harness.claimOne({ leaseUntilMs: harness.now + 1_000 }), "unary");
      const before = [await harness.read(id), await harness.store.leases()];
      const news = { leaseUntilMs: harness.now + 60_000, progress: { fraction: 0.5, message: "stolen" } };
      const updates: LeaseUpdate[] = [
        { ...held, ...news, attempt: 0 },
        { ...held, ...news, attempt: 2 },
        { ...held, ...news, workerId: "thief" },
        { ...held, ...news, leaseKind: "stream" },
        { ...held, ...news, taskId: "00000000000" },
        { ...held, ...news, taskId: "no id" },
      ];
      expect(await harness.store.updateLeases(updates, harness.now)).toEqual([
        "stale",
        "stale",
        "stale",
        "stale",
        "not_found",
        "not_found",
      ]);
      expect([await harness.read(id), await harness.store.leases()]).toEqual(before);
      expect(await harness.store.updateLeases([{ ...held, ...nothingNew }], harness.now)).toEqual(["updated"]);
    });

    test("answers stale once the attempt has ended", async (harness) => {
      const id = await harness.enqueue();
      const task = await harness.claimOne();
      const update = { ...leaseOf(task), ...nothingNew };
      await harness.settle(task, completed());
      expect(await harness.store.updateLeases([update], harness.now)).toEqual(["stale"]);
      const other = await harness.enqueue();
      const cancelled = { ...leaseOf(await harness.claimOne()), ...nothingNew };
      await harness.store.cancel([other], taskError(), harness.now);
      const before = await harness.read(id);
      expect(await harness.store.updateLeases([cancelled, update], harness.now)).toEqual(["stale", "stale"]);
      expect(await harness.read(id)).toEqual(before);
    });
  });
}
