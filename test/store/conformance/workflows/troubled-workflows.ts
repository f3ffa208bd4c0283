import { describe, expect } from "vitest";
import { newStep, newWorkflow } from "../../../harness/calls/builders.ts";
import { completed, failed } from "../../outcomes.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";
import { chain, start } from "../../workflow-calls.ts";

const minuteMs = 60_000;

/** Workflows with which something is wrong. */
export function describeTroubledWorkflows(test: StoreTest): void {
  describe("troubled workflows", () => {
    test("are those that failed lately, and for good those whose compensation failed", async (harness) => {
      await start(harness, newWorkflow([newStep("a")]));
      await harness.settle(await harness.claimOne(), completed());
      const plain = await start(harness, newWorkflow([newStep("a")]));
      await harness.settle(await harness.claimOne(), failed());
      const undoing = await start(harness, newWorkflow(chain));
      await harness.settle(await harness.claimOne(), completed());
      await harness.settle(await harness.claimOne(), failed());
      expect(await troubles(harness)).toEqual([`failed ${plain}`]);
      for (let attempt = 0; attempt < 5; attempt++) {
        await harness.settle(await harness.claimOne(), failed({ terminal: true }));
        if ((await troubles(harness)).length > 1) break;
      }
      expect(await troubles(harness)).toEqual([`failed ${plain}`, `compensation_failed ${undoing}`]);
      harness.tick(61 * minuteMs);
      expect(await troubles(harness)).toEqual([`compensation_failed ${undoing}`]);
    });

    test("are stuck if nothing of them runs, has ended or is to come for long", async (harness) => {
      const id = await start(harness, newWorkflow([newStep("a"), newStep("b", { dependsOn: [0] })]));
      harness.tick(9 * minuteMs);
      expect(await troubles(harness)).toEqual([]);
      harness.tick(2 * minuteMs);
      const [stuck] = await read(harness);
      expect(stuck).toMatchObject({ id, trouble: "stuck", sinceMs: harness.now - 11 * minuteMs });
      expect(stuck?.queues.length).toBeGreaterThan(0);
      const task = await harness.claimOne();
      expect(await troubles(harness)).toEqual([]);
      await harness.settle(task, completed());
      expect(await troubles(harness)).toEqual([]);
      harness.tick(11 * minuteMs);
      expect(await troubles(harness)).toEqual([`stuck ${id}`]);
    });
  });
}

function read({ store, now }: StoreHarness) {
  return store.troubledWorkflows({ failedSinceMs: now - 60 * minuteMs, stuckSinceMs: now - 10 * minuteMs, limit: 10 });
}

async function troubles(harness: StoreHarness): Promise<string[]> {
  return (await read(harness)).map(({ id, trouble }) => `${trouble} ${id}`);
}
