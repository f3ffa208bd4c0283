import { describe, expect, it } from "vitest";
import { limits } from "../../src/contract/limits.ts";
import type { ClaimedTask } from "../../src/domain/tasks/task.ts";
import type { JobAnswer } from "../../src/workflows/filling/job.ts";
import { lightUnits } from "../../src/workflows/filling/lanes.ts";
import { createStepPreparation } from "../../src/workflows/step-preparation.ts";

function stepOf(id: string, workflowId: string): ClaimedTask {
  return {
    id,
    type: "act",
    headers: null,
    priority: 0,
    attempt: 1,
    maxAttempts: 4,
    attemptTimeoutMs: null,
    expireMs: null,
    correlationId: null,
    sourceService: null,
    event: null,
    createMs: 0,
    queue: "q",
    workerId: "w",
    payload: new Uint8Array([1]),
    origin: { kind: "step", workflowId, stepId: id, isCompensation: false },
    step: { results: {}, expressions: { workflowName: "n", input: null } },
  };
}

/** A preparation whose jobs cost so much beside decoding, and what each was allowed. */
function preparationOfCost(cost: number, decoding: Readonly<Record<string, number>> = {}) {
  const allowances: number[] = [];
  const prepare = createStepPreparation({
    async run(_, allowance): Promise<JobAnswer> {
      const most = allowance();
      allowances.push(most);
      if (cost > most) return { kind: "too_costly", place: "json.a", message: "is too costly", cost: most, decoding };
      return { kind: "filled", payload: new Uint8Array([2]), cost, decoding };
    },
  });
  return { prepare, allowances };
}

describe("the preparation of steps", () => {
  it("remembers what was refused as too costly: another attempt costs nothing", async () => {
    const { prepare, allowances } = preparationOfCost(limits.expressionCost + 1);
    const refusal = { type: "EXPRESSION", message: "parameters.json.a: is too costly", stackTrace: "" };
    expect(await prepare(stepOf("1", "w"))).toEqual(refusal);
    expect(prepare({ ...stepOf("1", "w"), attempt: 2 })).toEqual(refusal);
    expect(allowances).toEqual([limits.expressionCost]);
  });

  it("counts the costly steps of a workflow together, each once however often it is handed out", async () => {
    const { prepare, allowances } = preparationOfCost(800_000);
    const prepared = async (id: string, workflowId: string) => "id" in (await prepare(stepOf(id, workflowId)));
    expect([await prepared("1", "w"), await prepared("2", "w"), await prepared("3", "w")]).toEqual([true, true, false]);
    expect(await prepared("1", "w")).toBe(true);
    expect(await prepared("4", "other")).toBe(true);
    expect(allowances).toEqual([1_000_000, 1_000_000, 400_000, 800_000, 1_000_000]);
  });

  it("counts what steps read once for their workflow, and never keeps what is light from being worked out", async () => {
    const { prepare, allowances } = preparationOfCost(10, { input: 1_200_000, "results.a": 500_000 });
    for (let n = 0; n < 100; n++) expect(await prepare(stepOf(String(n), "w"))).toHaveProperty("id");
    expect(allowances).toEqual([1_000_000, ...Array.from({ length: 99 }, () => 300_000)]);

    const large = preparationOfCost(lightUnits, { input: 1_500_000, "results.a": 1_500_000 });
    for (let n = 0; n < 100; n++) expect(await large.prepare(stepOf(String(n), "w"))).toHaveProperty("id");
    expect(large.allowances.at(-1)).toBe(lightUnits);
  });

  it("lets a costly step cost again what it has cost, whatever was decoded since", async () => {
    const { prepare } = preparationOfCost(900_000, { input: 700_000 });
    const prepared = async (id: string) => "id" in (await prepare(stepOf(id, "w")));
    expect([await prepared("1"), await prepared("2"), await prepared("1")]).toEqual([true, false, true]);
  });
});
