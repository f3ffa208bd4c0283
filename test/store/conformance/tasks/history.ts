import { describe, expect } from "vitest";
import { limits } from "../../../../src/contract/limits.ts";
import { taskError } from "../../../harness/calls/builders.ts";
import { completed, failed, leaseLost, released, timedOut } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";

/** What is read of a task, with the attempts behind it. */
export function describeHistory(test: StoreTest): void {
  describe("get", () => {
    test("answers in the order of the ids, and null for what is not there", async (lab) => {
      const [a, b] = [await lab.enqueue(), await lab.enqueue()];
      const found = await lab.store.get([b, "00000000000", a, "no id", "", b]);
      expect(found.map((entry) => entry?.task.id ?? null)).toEqual([b, null, a, null, null, b]);
      expect(await lab.store.get([])).toEqual([]);
    });

    test("knows no id in another spelling", async (lab) => {
      const id = await lab.enqueue();
      const others = [id.toUpperCase(), ` ${id}`, `${id} `, `0${id}`, id.slice(1)].filter((other) => other !== id);
      expect(await lab.store.get(others)).toEqual(others.map(() => null));
    });

    test("tells every attempt, oldest first, the running one last", async (lab) => {
      const id = await lab.enqueue({ maxAttempts: 9, retryPolicy: { initialBackoffMs: 0, jitter: 0 } });
      const expected: object[] = [];
      const outcomes = [failed(), released(), leaseLost, timedOut(), released(), failed()];
      let attempt = 1;
      for (const [index, outcome] of outcomes.entries()) {
        const workerId = `worker-${index}`;
        const task = await lab.claimOne({ workerId });
        expect(task.attempt).toBe(attempt);
        const startedMs = lab.now;
        await lab.settle(task, outcome);
        expected.push({
          attempt,
          workerId,
          startMs: startedMs,
          finishMs: lab.now,
          outcome: outcome.kind,
          error: outcome.kind === "released" ? null : expect.objectContaining({ type: expect.any(String) }),
        });
        if (outcome.kind !== "released") attempt++;
        lab.tick(3);
      }
      expect((await lab.read(id)).attempts).toEqual(expected);
      await lab.claimOne({ workerId: "last" });
      const running = { attempt, workerId: "last", startMs: lab.now, finishMs: null, outcome: null, error: null };
      expect((await lab.read(id)).attempts).toEqual([...expected, running]);
      await lab.reopen();
      expect((await lab.read(id)).attempts).toEqual([...expected, running]);
    });

    test("tells that an attempt was cancelled, and why", async (lab) => {
      const id = await lab.enqueue();
      await lab.claimOne({ workerId: "a" });
      await lab.store.cancel([id], taskError("enough"), lab.tick(4));
      expect((await lab.read(id)).attempts).toEqual([
        {
          attempt: 1,
          workerId: "a",
          startMs: lab.now - 4,
          finishMs: lab.now,
          outcome: "cancelled",
          error: taskError("enough"),
        },
      ]);
    });

    test("tells of no attempt that there never was", async (lab) => {
      const cancelled = await lab.taskIn("cancelled");
      expect((await lab.read(cancelled)).attempts).toEqual([]);
    });

    test("keeps the newest attempts only, the running one included", async (lab) => {
      const id = await lab.enqueue({ maxAttempts: limits.maxAttempts });
      const made = limits.keptAttempts + 5;
      for (let attempt = 1; attempt <= made; attempt++) {
        await lab.settle(await lab.claimOne(), failed({ retryDelayMs: 0 }));
      }
      const numbers = async () => (await lab.read(id)).attempts.map(({ attempt }) => attempt);
      const newest = (last: number) =>
        Array.from({ length: limits.keptAttempts }, (_, index) => last - limits.keptAttempts + 1 + index);
      expect(await numbers()).toEqual(newest(made));
      const task = await lab.claimOne();
      expect(await numbers()).toEqual(newest(made + 1));
      await lab.settle(task, completed());
      expect(await numbers()).toEqual(newest(made + 1));
    });

    test("keeps the history of a task that an operator put back", async (lab) => {
      const id = await lab.taskIn("failed");
      await lab.store.retry([id], lab.now);
      await lab.settle(await lab.claimOne(), completed());
      expect((await lab.read(id)).attempts).toMatchObject([
        { attempt: 1, outcome: "failed" },
        { attempt: 2, outcome: "completed" },
      ]);
    });
  });
}
