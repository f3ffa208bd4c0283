import { describe, expect } from "vitest";
import { limits } from "../../../../src/contract/limits.ts";
import { taskError } from "../../../harness/calls/builders.ts";
import { completed, failed, leaseLost, released, timedOut } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";

/** What is read of a task, with the attempts behind it. */
export function describeHistory(test: StoreTest): void {
  describe("get", () => {
    test("answers in the order of the ids, and null for what is not there", async (harness) => {
      const [a, b] = [await harness.enqueue(), await harness.enqueue()];
      const found = await harness.store.get([b, "00000000000", a, "no id", "", b]);
      expect(found.map((entry) => entry?.task.id ?? null)).toEqual([b, null, a, null, null, b]);
      expect(await harness.store.get([])).toEqual([]);
    });

    test("knows no id in another spelling", async (harness) => {
      const id = await harness.enqueue();
      const others = [id.toUpperCase(), ` ${id}`, `${id} `, `0${id}`, id.slice(1)].filter((other) => other !== id);
      expect(await harness.store.get(others)).toEqual(others.map(() => null));
    });

    test("tells every attempt, oldest first, the running one last", async (harness) => {
      const id = await harness.enqueue({ maxAttempts: 9, retryPolicy: { initialBackoffMs: 0, jitter: 0 } });
      const expected: object[] = [];
      const outcomes = [failed(), released(), leaseLost, timedOut(), released(), failed()];
      let attempt = 1;
      for (const [index, outcome] of outcomes.entries()) {
        const workerId = `worker-${index}`;
        const task = await harness.claimOne({ workerId });
        expect(task.attempt).toBe(attempt);
        const startedMs = harness.now;
        await harness.settle(task, outcome);
        expected.push({
          attempt,
          workerId,
          startMs: startedMs,
          finishMs: harness.now,
          outcome: outcome.kind,
          error: outcome.kind === "released" ? null : expect.objectContaining({ type: expect.any(String) }),
        });
        if (outcome.kind !== "released") attempt++;
        harness.tick(3);
      }
      expect((await harness.read(id)).attempts).toEqual(expected);
      await harness.claimOne({ workerId: "last" });
      const running = { attempt, workerId: "last", startMs: harness.now, finishMs: null, outcome: null, error: null };
      expect((await harness.read(id)).attempts).toEqual([...expected, running]);
      await harness.reopen();
      expect((await harness.read(id)).attempts).toEqual([...expected, running]);
    });

    test("tells that an attempt was cancelled, and why", async (harness) => {
      const id = await harness.enqueue();
      await harness.claimOne({ workerId: "a" });
      await harness.store.cancel([id], taskError("enough"), harness.tick(4));
      expect((await harness.read(id)).attempts).toEqual([
        {
          attempt: 1,
          workerId: "a",
          startMs: harness.now - 4,
          finishMs: harness.now,
          outcome: "cancelled",
          error: taskError("enough"),
        },
      ]);
    });

    test("tells of no attempt that there never was", async (harness) => {
      const cancelled = await harness.taskIn("cancelled");
      expect((await harness.read(cancelled)).attempts).toEqual([]);
    });

    test("keeps the newest attempts only, the running one included", async (harness) => {
      const id = await harness.enqueue({ maxAttempts: limits.maxAttempts });
      const made = limits.keptAttempts + 5;
      for (let attempt = 1; attempt <= made; attempt++) {
        await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 0 }));
      }
      const numbers = async () => (await harness.read(id)).attempts.map(({ attempt }) => attempt);
      const newest = (last: number) =>
        Array.from({ length: limits.keptAttempts }, (_, index) => last - limits.keptAttempts + 1 + index);
      expect(await numbers()).toEqual(newest(made));
      const task = await harness.claimOne();
      expect(await numbers()).toEqual(newest(made + 1));
      await harness.settle(task, completed());
      expect(await numbers()).toEqual(newest(made + 1));
    });

    test("keeps the history of a task that an operator put back", async (harness) => {
      const id = await harness.taskIn("failed");
      await harness.store.retry([id], harness.now);
      await harness.settle(await harness.claimOne(), completed());
      expect((await harness.read(id)).attempts).toMatchObject([
        { attempt: 1, outcome: "failed" },
        { attempt: 2, outcome: "completed" },
      ]);
    });
  });
}
