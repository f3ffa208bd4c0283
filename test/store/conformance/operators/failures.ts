import { describe, expect } from "vitest";
import type { FailureGroup } from "../../../../src/domain/operators/failure-group.ts";
import { serverErrors } from "../../../../src/domain/tasks/task.ts";
import { newStep, newWorkflow, taskError, taskFilter } from "../../../harness/calls/builders.ts";
import { failed } from "../../outcomes.ts";
import { advanceAll, listAllFailures, sweepRound } from "../../read-all.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";

/** Stores tasks and fails each for good with this error. */
async function fail(harness: StoreHarness, errorType: string, count = 1, { queue = "orders", type = "ship" } = {}) {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    ids.push(await harness.enqueue({ queue, type }));
    const error = { ...taskError(`${errorType} ${index}`), type: errorType };
    await harness.settle(await harness.claimOne({ queue }), failed({ error, terminal: true }));
  }
  return ids;
}

async function list(harness: StoreHarness, queue: string | null = null, type: string | null = null) {
  return (await harness.store.listFailures({ queue, type, cursor: null, limit: 100 })).groups;
}

function kinds(groups: readonly FailureGroup[]) {
  return groups.map(({ queue, type, errorType, count }) => [queue, type, errorType, count]);
}

/** The counters of failures. After each test they are compared with all tasks. */
export function describeFailures(test: StoreTest): void {
  describe("listFailures", () => {
    test("counts FAILED tasks by queue, type and type of error, largest first", async (harness) => {
      await fail(harness, "SmtpError", 2);
      await fail(harness, "GatewayTimeout", 3);
      await fail(harness, "SmtpError", 1, { type: "bill" });
      await fail(harness, "SmtpError", 4, { queue: "mail" });
      await fail(harness, "");
      await harness.taskIn("cancelled");
      await harness.taskIn("completed");
      expect(kinds(await list(harness))).toEqual([
        ["mail", "ship", "SmtpError", 4],
        ["orders", "ship", "GatewayTimeout", 3],
        ["orders", "ship", "SmtpError", 2],
        ["orders", "ship", "", 1],
        ["orders", "bill", "SmtpError", 1],
      ]);
      expect(kinds(await list(harness, "mail"))).toEqual([["mail", "ship", "SmtpError", 4]]);
      expect(kinds(await list(harness, "orders", "bill"))).toEqual([["orders", "bill", "SmtpError", 1]]);
      expect(kinds(await list(harness, null, "bill"))).toEqual([["orders", "bill", "SmtpError", 1]]);
      expect(await list(harness, "nowhere")).toEqual([]);
    });

    test("goes on page by page, in one queue and in all", async (harness) => {
      for (let size = 1; size <= 4; size++) {
        await fail(harness, `E${size}`, size);
        await fail(harness, `F${size}`, size);
      }
      const all = kinds(await list(harness));
      expect(all).toHaveLength(8);
      for (const limit of [1, 3, 8]) {
        expect(kinds(await listAllFailures(harness.store, limit))).toEqual(all);
        const first = await harness.store.listFailures({ queue: "orders", type: null, cursor: null, limit });
        expect(kinds(first.groups)).toEqual(all.slice(0, limit));
        expect(first.nextCursor === null).toBe(limit === 8);
      }
    });

    test("says when the first and the last failed, and shows the last", async (harness) => {
      const beganMs = harness.tick(1_000);
      await fail(harness, "SmtpError");
      const endedMs = harness.tick(5_000);
      const [last] = await fail(harness, "SmtpError");
      expect(await list(harness)).toEqual([
        {
          queue: "orders",
          type: "ship",
          errorType: "SmtpError",
          count: 2,
          firstMs: beganMs,
          lastMs: endedMs,
          sampleId: last,
          sampleMessage: "SmtpError 0",
        },
      ]);
    });

    test("shows another one when the last has left, near the newest or the oldest", async (harness) => {
      const [oldest] = await fail(harness, "Rare");
      const many = await fail(harness, "Common", 250);
      const [newest] = await fail(harness, "Rare");
      const rare = async () => (await list(harness)).find(({ errorType }) => errorType === "Rare");
      expect(await rare()).toMatchObject({ count: 2, sampleId: newest });
      await harness.store.delete([newest ?? ""], harness.now);
      expect(await rare()).toMatchObject({ count: 1, sampleId: oldest });
      await harness.store.retry([oldest ?? ""], harness.now);
      expect(await rare()).toBeUndefined();
      await harness.store.delete([many.at(-1) ?? ""], harness.now);
      expect(await list(harness)).toMatchObject([{ count: 249, sampleId: many.at(-2) }]);
    });

    test("begins a kind anew once it was empty", async (harness) => {
      const [first] = await fail(harness, "E");
      await harness.store.retry([first ?? ""], harness.now);
      expect(await list(harness)).toEqual([]);
      harness.tick(60_000);
      await harness.settle(await harness.claimOne(), failed({ error: { ...taskError(), type: "F" }, terminal: true }));
      const sinceMs = harness.now;
      expect(await list(harness)).toMatchObject([{ errorType: "F", count: 1, firstMs: sinceMs, lastMs: sinceMs }]);
    });

    test("takes in what fails without a report: expiry, the server's own errors", async (harness) => {
      await harness.enqueue({ timeToLiveMs: 5 });
      await harness.enqueue({ queue: "other", timeToLiveMs: 5 });
      harness.tick(10);
      await harness.claim(1);
      await advanceAll(harness.store, harness.now);
      expect(
        kinds(await list(harness))
          .map(([queue, , errorType]) => [queue, errorType])
          .sort(),
      ).toEqual([
        ["orders", serverErrors.expired.type],
        ["other", serverErrors.expired.type],
      ]);
    });

    test("follows bulk changes, retention and workflows", async (harness) => {
      await fail(harness, "A", 3);
      await fail(harness, "B", 3);
      const change = (kind: "retry" | "delete", errorType: string) =>
        harness.store.changeMatching({ kind }, taskFilter({ states: ["failed"], errorType }), null, false, harness.now);
      await change("retry", "A");
      expect(kinds(await list(harness))).toEqual([["orders", "ship", "B", 3]]);
      await change("delete", "B");
      expect(await list(harness)).toEqual([]);

      await harness.claim(3);
      await harness.store.startWorkflows([newWorkflow([newStep("a")])], harness.now);
      await harness.settle(await harness.claimOne(), failed({ terminal: true }));
      const [workflow] = (await list(harness)).map(({ sampleId }) => sampleId);
      expect(workflow).toBeDefined();
      const { origin } = await harness.task(workflow ?? "");
      const workflowId = origin?.kind === "step" ? origin.workflowId : "";
      await harness.store.retryWorkflow(workflowId, harness.now);
      expect(await list(harness)).toEqual([]);

      await harness.settle(await harness.claimOne(), failed({ terminal: true }));
      await fail(harness, "Old");
      expect(await list(harness)).toHaveLength(2);
      await sweepRound(harness.store, harness.tick(400 * 86_400_000));
      await harness.store.sweepWorkflows(null, harness.now, harness.now);
      expect(await list(harness)).toEqual([]);
    });

    test("keeps its counts over a restart", async (harness) => {
      await fail(harness, "E", 3);
      const before = await list(harness);
      await harness.reopen();
      expect(await list(harness)).toEqual(before);
    });
  });
}
