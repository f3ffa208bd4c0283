import { describe, expect } from "vitest";
import { taskError, taskFilter } from "../../harness/calls/builders.ts";
import { completed, failed, leaseLost, released } from "../outcomes.ts";
import { advanceAll, sweepRound } from "../read-all.ts";
import type { StoreTest } from "../store-harness.ts";
import { watch } from "../watcher.ts";

/** What watchers are told. */
export function describeWatch(test: StoreTest): void {
  describe("subscribe", () => {
    test("tells every change of a task once, in order", async (lab) => {
      const watcher = watch(lab.store);
      const id = await lab.enqueue({ correlationId: "c", maxAttempts: 3 });
      const createMs = lab.now;
      lab.tick(1);
      await lab.settle(await lab.claimOne({ workerId: "a" }), failed({ retryDelayMs: 10 }));
      await advanceAll(lab.store, lab.tick(10));
      await lab.settle(await lab.claimOne({ workerId: "b" }), leaseLost);
      await lab.settle(await lab.claimOne({ workerId: "c" }), released());
      await lab.settle(await lab.claimOne({ workerId: "d" }), failed({ retryDelayMs: 0 }));
      await lab.store.retry([id], lab.tick(1));
      await lab.settle(await lab.claimOne({ workerId: "e" }), completed());
      await lab.store.delete([id], lab.now);

      const changes = await watcher.all(lab.now);
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

    test("tells of tasks that are cancelled, replaced, expired, purged and swept", async (lab) => {
      const cancelled = await lab.taskIn("running");
      const replaced = await lab.enqueue({ deduplicationKey: "key" });
      const watcher = watch(lab.store);
      await lab.store.cancel([cancelled], taskError(), lab.now);
      const newer = await lab.enqueue({ deduplicationKey: "key", duplicatePolicy: "replace", timeToLiveMs: 5 });
      const late = await lab.enqueue({ queue: "returns", timeToLiveMs: 5 });
      lab.tick(6);
      await lab.claim(1);
      await advanceAll(lab.store, lab.now);
      await lab.store.purge("returns", ["failed"], null, false, lab.now);
      await sweepRound(lab.store, lab.tick(86_400_000 * 31));
      const changes = (await watcher.all(lab.now)).map(({ id, state }) => [id, state]);
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

    test("tells nothing of what changed nothing", async (lab) => {
      const id = await lab.taskIn("completed", { requestId: "r" });
      const waiting = await lab.enqueue({ deduplicationKey: "key" });
      const watcher = watch(lab.store);
      await lab.enqueueAll([{ requestId: "r" }, { requestId: "r", type: "x" }, { deduplicationKey: "key" }]);
      await lab.store.retry([id, waiting], lab.now);
      await lab.store.cancel([id], taskError(), lab.now);
      await lab.store.settle([{ id, attempt: 1, workerId: "thief", lease: "stream", outcome: completed() }], lab.now);
      await lab.store.retryMatching(taskFilter(), null, true, lab.now);
      await lab.store.purge("orders", ["completed", "pending"], null, true, lab.now);
      await lab.store.advance(lab.now);
      await lab.store.get([id]);
      expect(await watcher.all(lab.now)).toEqual([]);
    });

    test("tells of a repeated outcome once", async (lab) => {
      await lab.enqueue();
      const task = await lab.claimOne();
      const watcher = watch(lab.store);
      await lab.settle(task, completed());
      await lab.settle(task, completed());
      expect((await watcher.all(lab.now)).map(({ state }) => state)).toEqual(["completed"]);
    });

    test("tells changes in the order of the calls, also of many under way", async (lab) => {
      const watcher = watch(lab.store);
      const answers = Array.from({ length: 200 }, (_, index) =>
        index % 10 === 9 ? lab.claim(3) : lab.enqueueAll([{}, { priority: 1 }]),
      );
      await Promise.all(answers);
      const seen = await watcher.all(lab.now);
      const pending = seen.filter(({ state }) => state === "pending").map(({ id }) => id);
      expect(pending).toEqual(pending.toSorted());
      expect(seen).toHaveLength(180 * 2 + 20 * 3);
      for (const { id } of seen.filter(({ state }) => state === "running")) {
        const states = seen.filter((change) => change.id === id).map(({ state }) => state);
        expect(states).toEqual(["pending", "running"]);
      }
    });

    test("tells every listener, from its own beginning to its own end", async (lab) => {
      const [a, b] = [watch(lab.store), watch(lab.store)];
      const first = await lab.enqueue();
      b.stop();
      const c = watch(lab.store);
      const second = await lab.enqueue();
      expect((await a.all(lab.now)).map(({ id }) => id)).toEqual([first, second]);
      expect((await c.all(lab.now)).map(({ id }) => id)).toEqual([second]);
      expect(b.seen.map(({ id }) => id)).toEqual([first]);
      b.stop();
    });

    test("begins at once: what is called next is seen, what was called before need not be", async (lab) => {
      const early = lab.enqueue();
      const watcher = watch(lab.store);
      const late = lab.enqueue();
      const ids = (await watcher.all(lab.now)).map(({ id }) => id);
      expect(ids).toBeOneOf([[await late], [await early, await late]]);
    });

    test("does not get in the way of the calls around it", async (lab) => {
      const calls: Promise<unknown>[] = [];
      const stops: (() => void)[] = [];
      for (let round = 0; round < 30; round++) {
        calls.push(lab.enqueue());
        stops.push(lab.store.subscribe(() => undefined));
        calls.push(lab.enqueue());
        // Every few rounds the calls so far may go on their way.
        if (round % 3 === 0) await calls.at(-1);
      }
      expect(new Set(await Promise.all(calls)).size).toBe(60);
      for (const stop of stops) stop();
      const watcher = watch(lab.store);
      const id = await lab.enqueue();
      expect((await watcher.all(lab.now)).map((change) => change.id)).toEqual([id]);
    });
  });
}
