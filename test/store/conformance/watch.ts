import { describe, expect } from "vitest";
import { taskError, taskFilter } from "../../harness/calls/builders.ts";
import { completed, failed, leaseLost, released } from "../outcomes.ts";
import { advanceAll, sweepRound } from "../read-all.ts";
import type { StoreTest } from "../store-harness.ts";
import { watch } from "../watcher.ts";

/** What watchers are told. */
export function describeWatch(test: StoreTest): void {
  describe("subscribe", () => {
    test("tells every change of a task once, in order", async (harness) => {
      const watcher = watch(harness.store);
      const id = await harness.enqueue({ correlationId: "c", maxAttempts: 3 });
      const createMs = harness.now;
      harness.tick(1);
      await harness.settle(await harness.claimOne({ workerId: "a" }), failed({ retryDelayMs: 10 }));
      await advanceAll(harness.store, harness.tick(10));
      await harness.settle(await harness.claimOne({ workerId: "b" }), leaseLost);
      await harness.settle(await harness.claimOne({ workerId: "c" }), released());
      await harness.settle(await harness.claimOne({ workerId: "d" }), failed({ retryDelayMs: 0 }));
      await harness.store.retry([id], harness.tick(1));
      await harness.settle(await harness.claimOne({ workerId: "e" }), completed());
      await harness.store.delete([id], harness.now);

      const changes = await watcher.all(harness.now);
      expect(changes.map(({ state, attempt }) => [state, attempt])).toEqual([
        ["pending", 0],
        ["running", 1],
        ["scheduled", 1],
        ["pending", 1],
        ["running", 2],
        ["pending", 2],
        ["running", 3],
        ["pending", 2],
        ["running", 3],
        ["failed", 3],
        ["pending", 3],
        ["running", 4],
        ["completed", 4],
        [null, 4],
      ]);
      expect(changes.filter(({ state }) => state === "running").map(({ workerId }) => workerId)).toEqual([..."abcde"]);
      for (const change of changes) {
        expect(change).toMatchObject({ id, queue: "orders", type: "order.ship", correlationId: "c", createMs });
      }
      expect(changes[0]?.changeMs).toBe(createMs);
      expect(changes[1]?.changeMs).toBe(createMs + 1);
      expect(changes[3]?.changeMs).toBe(createMs + 11);
    });

    test("tells of tasks that are cancelled, replaced, expired, purged and swept", async (harness) => {
      const cancelled = await harness.taskIn("running");
      const replaced = await harness.enqueue({ deduplicationKey: "key" });
      const watcher = watch(harness.store);
      await harness.store.cancel([cancelled], taskError(), harness.now);
      const newer = await harness.enqueue({ deduplicationKey: "key", duplicatePolicy: "replace", timeToLiveMs: 5 });
      const late = await harness.enqueue({ queue: "returns", timeToLiveMs: 5 });
      harness.tick(6);
      await harness.claim(1);
      await advanceAll(harness.store, harness.now);
      const ofReturns = taskFilter({ queue: "returns" });
      await harness.store.changeMatching({ kind: "delete" }, ofReturns, null, false, harness.now);
      await sweepRound(harness.store, harness.tick(86_400_000 * 31));
      const changes = (await watcher.all(harness.now)).map(({ id, state }) => [id, state]);
      expect(changes.slice(0, -3)).toEqual([
        [cancelled, "cancelled"],
        [replaced, "cancelled"],
        [newer, "pending"],
        [late, "pending"],
        [newer, "failed"],
        [late, "failed"],
        [late, null],
      ]);
      expect(new Set(changes.slice(-3).map(([id]) => id))).toEqual(new Set([cancelled, replaced, newer]));
      expect(changes.slice(-3).every(([, state]) => state === null)).toBe(true);
    });

    test("tells nothing of what changed nothing", async (harness) => {
      const id = await harness.taskIn("completed", { requestId: "r" });
      const waiting = await harness.enqueue({ deduplicationKey: "key" });
      const watcher = watch(harness.store);
      await harness.enqueueAll([{ requestId: "r" }, { requestId: "r", type: "x" }, { deduplicationKey: "key" }]);
      await harness.store.retry([id, waiting], harness.now);
      await harness.store.cancel([id], taskError(), harness.now);
      const thief = { taskId: id, attempt: 1, workerId: "thief", leaseKind: "stream" } as const;
      await harness.store.settle([{ ...thief, outcome: completed() }], harness.now);
      const cancel = { kind: "cancel", error: taskError() } as const;
      for (const change of [{ kind: "retry" }, { kind: "delete" }, cancel] as const)
        await harness.store.changeMatching(change, taskFilter(), null, true, harness.now);
      await harness.store.advance(harness.now);
      await harness.store.get([id]);
      expect(await watcher.all(harness.now)).toEqual([]);
    });

    test("tells of a repeated outcome once", async (harness) => {
      await harness.enqueue();
      const task = await harness.claimOne();
      const watcher = watch(harness.store);
      await harness.settle(task, completed());
      await harness.settle(task, completed());
      expect((await watcher.all(harness.now)).map(({ state }) => state)).toEqual(["completed"]);
    });

    test("tells changes in the order of the calls, also of many under way", async (harness) => {
      const watcher = watch(harness.store);
      const answers = Array.from({ length: 200 }, (_, index) =>
        index % 10 === 9 ? harness.claim(3) : harness.enqueueAll([{}, { priority: 1 }]),
      );
      await Promise.all(answers);
      const seen = await watcher.all(harness.now);
      const pending = seen.filter(({ state }) => state === "pending").map(({ id }) => id);
      expect(pending).toEqual(pending.toSorted());
      expect(seen).toHaveLength(180 * 2 + 20 * 3);
      for (const { id } of seen.filter(({ state }) => state === "running")) {
        const states = seen.filter((change) => change.id === id).map(({ state }) => state);
        expect(states).toEqual(["pending", "running"]);
      }
    });

    test("tells every listener, from its own beginning to its own end", async (harness) => {
      const [a, b] = [watch(harness.store), watch(harness.store)];
      const first = await harness.enqueue();
      b.stop();
      const c = watch(harness.store);
      const second = await harness.enqueue();
      expect((await a.all(harness.now)).map(({ id }) => id)).toEqual([first, second]);
      expect((await c.all(harness.now)).map(({ id }) => id)).toEqual([second]);
      expect(b.seen.map(({ id }) => id)).toEqual([first]);
      b.stop();
    });

    test("begins at once: what is called next is seen, what was called before need not be", async (harness) => {
      const early = harness.enqueue();
      const watcher = watch(harness.store);
      const late = harness.enqueue();
      const ids = (await watcher.all(harness.now)).map(({ id }) => id);
      expect(ids).toBeOneOf([[await late], [await early, await late]]);
    });

    test("does not get in the way of the calls around it", async (harness) => {
      const calls: Promise<unknown>[] = [];
      const stops: (() => void)[] = [];
      for (let round = 0; round < 30; round++) {
        calls.push(harness.enqueue());
        stops.push(harness.store.subscribe(() => undefined));
        calls.push(harness.enqueue());
        // Every few rounds the calls so far may go on their way.
        if (round % 3 === 0) await calls.at(-1);
      }
      expect(new Set(await Promise.all(calls)).size).toBe(60);
      for (const stop of stops) stop();
      const watcher = watch(harness.store);
      const id = await harness.enqueue();
      expect((await watcher.all(harness.now)).map((change) => change.id)).toEqual([id]);
    });
  });
}
