import { describe, expect } from "vitest";
import type { TaskFilter } from "../../../../src/domain/operators/task-filter.ts";
import { newTask, taskError, taskFilter } from "../../../harness/calls/builders.ts";
import { failed, released } from "../../outcomes.ts";
import { listAll, listIds } from "../../read-all.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";

const minuteMs = 60_000;

/** Stores a task and fails its only attempt, by this worker and with this error. */
async function fail(harness: StoreHarness, type: string, message: string, workerId = "worker-1"): Promise<string> {
  const id = await harness.enqueue({ sourceService: `of-${workerId}` });
  const error = { ...taskError(message), type };
  await harness.settle(await harness.claimOne({ workerId }), failed({ error, terminal: true }));
  return id;
}

/** What filters find beside queue, type, state, correlation and creation. */
export function describeFilters(test: StoreTest): void {
  describe("filters", () => {
    test("find tasks by their errors: by the whole type, and by a part of the message in any case", async (harness) => {
      const smtp = await fail(harness, "SmtpError", "421 Greylisted, try Ärger again");
      const timeout = await fail(harness, "GatewayTimeout", "504 from 100%_sure.example");
      const untyped = await fail(harness, "", "'; DROP TABLE task; --");
      const cancelled = await harness.taskIn("cancelled");
      await harness.taskIn("completed");
      await harness.taskIn("pending");
      const found: [Partial<TaskFilter>, string[]][] = [
        [{ errorType: "SmtpError" }, [smtp]],
        [{ errorType: "smtperror" }, []],
        [{ errorType: "Smtp" }, []],
        [{ errorType: "" }, [untyped]],
        [{ errorType: taskError().type }, [cancelled]],
        [{ errorText: "greylisted" }, [smtp]],
        [{ errorText: "TRY äRGER" }, [smtp]],
        [{ errorText: "0%_S" }, [timeout]],
        [{ errorText: "%" }, [timeout]],
        [{ errorText: "drop table" }, [untyped]],
        [{ errorText: "GatewayTimeout" }, []],
        [{ errorText: "at print" }, []],
        [{ errorType: "SmtpError", errorText: "504" }, []],
        [{ errorType: "GatewayTimeout", errorText: "504", states: ["failed"], queue: "orders" }, [timeout]],
        [{ errorType: "GatewayTimeout", states: ["cancelled"] }, []],
      ];
      for (const [filter, ids] of found)
        expect(await listIds(harness.store, filter), JSON.stringify(filter)).toEqual(ids);
    });

    test("find tasks by worker, source, attempt and priority", async (harness) => {
      const slow = await fail(harness, "E", "", "slow");
      const fast = await fail(harness, "E", "", "fast");
      const again = await harness.enqueue({ priority: 5 });
      for (const outcome of [failed({ retryDelayMs: 0 }), failed({ retryDelayMs: 0 })])
        await harness.settle(await harness.claimOne(), outcome);
      const low = await harness.enqueue({ priority: -7, sourceService: "shop" });
      const found: [Partial<TaskFilter>, string[]][] = [
        [{ workerId: "slow" }, [slow]],
        [{ workerId: "slo" }, []],
        [{ sourceService: "of-fast" }, [fast]],
        [{ sourceService: "shop" }, [low]],
        [{ minAttempt: 2 }, [again]],
        [{ maxAttempt: 0 }, [low]],
        [{ minAttempt: 1, maxAttempt: 1 }, [fast, slow]],
        [{ minPriority: 1 }, [again]],
        [{ maxPriority: -1 }, [low]],
        [{ minPriority: 0, maxPriority: 0 }, [fast, slow]],
        [{ minPriority: -7, maxPriority: 5, minAttempt: 0, maxAttempt: 9 }, [low, again, fast, slow]],
        [{ minPriority: 6 }, []],
      ];
      for (const [filter, ids] of found)
        expect(await listIds(harness.store, filter), JSON.stringify(filter)).toEqual(ids);
    });

    test("find tasks by how long they have been in their state", async (harness) => {
      const since = async (inStateSinceMs: number) =>
        (await listIds(harness.store, { inStateSinceMs })).map((id) => names.get(id));
      const names = new Map<string, string>();
      const note = (name: string, id: string) => names.set(id, name);

      note("completed", await harness.taskIn("completed"));
      note("running", await harness.taskIn("running", { queue: "other" }));
      note("scheduled", await harness.taskIn("scheduled"));
      const retried = await harness.taskIn("failed");
      const restarted = await harness.taskIn("failed");
      note("retried", retried);
      note("restarted", restarted);
      const began = harness.now;
      expect(await since(began - 1)).toEqual([]);
      expect(await since(began)).toHaveLength(5);

      harness.tick(minuteMs);
      await harness.store.retry([restarted], harness.now);
      note("pending", await harness.enqueue());
      harness.tick(minuteMs);
      // A release keeps the place in line: it waits again all the same.
      await harness.settle(await harness.claimOne(), released());
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 3 * minuteMs }));
      expect(await since(began)).toEqual(["retried", "scheduled", "running", "completed"]);
      expect(await since(began + minuteMs)).toEqual(["pending", "retried", "scheduled", "running", "completed"]);
      expect(await since(began + 2 * minuteMs)).toHaveLength(6);

      harness.tick(3 * minuteMs);
      await harness.store.advance(harness.now);
      expect(await since(began + 4 * minuteMs)).not.toContain("restarted");
      expect(await since(began + 5 * minuteMs)).toContain("restarted");
    });

    test("list the oldest first in pages of any size, the same as the newest first backwards", async (harness) => {
      for (let index = 0; index < 7; index++) await fail(harness, index % 2 === 0 ? "Even" : "Odd", String(index));
      for (const filter of [taskFilter(), taskFilter({ errorType: "Even" }), taskFilter({ queue: "nowhere" })]) {
        const expected = (await listIds(harness.store, filter)).toReversed();
        for (const limit of [1, 2, 3, 100]) {
          const found = await listAll(harness.store, filter, { limit, order: "oldest_first" });
          expect(found.map(({ id }) => id)).toEqual(expected);
        }
      }
    });

    test("find a few errors among many, in however many pages", async (harness) => {
      const rare: string[] = [];
      for (let batch = 0; batch < 3; batch++) {
        await harness.enqueueAll(Array.from({ length: 1_000 }, () => newTask({ queue: "other" })));
        rare.push(await fail(harness, "Rare", "needle"));
      }
      expect(await listIds(harness.store, { errorType: "Rare" })).toEqual(rare.toReversed());
      expect(await listIds(harness.store, { errorText: "NEEDLE" })).toEqual(rare.toReversed());
    });
  });
}
