import { expect, it } from "vitest";
import { inBatches } from "../../../src/queue/tasks/in-batches.ts";
import type { Batch } from "../../../src/store/task-store.ts";

const empty: Batch = {
  count: 0,
  sampleIds: [],
  skipped: [],
  errorTypes: [],
  keys: [],
  leases: [],
  queues: [],
  nextId: null,
};

/** Runs these batches; answers the total. */
function take(batches: readonly Partial<Batch>[], signal = new AbortController().signal) {
  let at = 0;
  return inBatches(signal, async () => {
    const batch = batches[at++] ?? {};
    return { ...empty, nextId: at < batches.length ? String(at) : null, ...batch };
  });
}

it("sums up what was done and what was left, by reason", async () => {
  const left = (count: number, sampleIds: string[]) => [{ reason: "TASK_IN_WORKFLOW", count, sampleIds }] as const;
  expect(
    await take([
      { count: 1, skipped: left(2, ["a", "b"]), errorTypes: [["E", 1]] },
      { count: 2, sampleIds: ["x", "y"], errorTypes: [["F", 1]] },
      { skipped: left(1, ["c"]), errorTypes: [["F", 3]] },
    ]),
  ).toEqual({
    count: 3,
    sampleIds: ["x", "y"],
    skipped: left(3, ["a", "b", "c"]),
    errorTypes: [
      ["F", 4],
      ["E", 1],
    ],
  });
});

it("counts one of each deduplication key in a dry run, as the run itself would", async () => {
  expect(
    await take([
      { count: 2, keys: ["k"] },
      { count: 3, keys: ["k", "l"] },
    ]),
  ).toMatchObject({
    count: 4,
    skipped: [{ reason: "DUPLICATE_TASK", count: 1 }],
  });
});

it("ends early when the caller is gone", async () => {
  const gone = new AbortController();
  gone.abort();
  expect(await take([{ count: 1 }, { count: 1 }], gone.signal)).toMatchObject({ count: 1 });
});
