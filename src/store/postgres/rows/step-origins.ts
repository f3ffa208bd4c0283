import { idOfKey } from "../../../domain/ids.ts";
import type { ClaimedStep, TaskOrigin } from "../../../domain/tasks/task.ts";
import { stepKey, stepNumber } from "../../rows/workflow-rows.ts";
import type { Statements } from "../database/statements.ts";
import type { ClaimContext, OriginRow, OriginsOf } from "./origins.ts";
import { partitionIs } from "./partitions.ts";
import type { Plan, Plans } from "./plans.ts";

interface ResultRow {
  readonly id: number;
  readonly result: Uint8Array | null;
  readonly traceparent: string | null;
}

/** A row that is a step, or undoes one. */
interface StepRow {
  readonly row: OriginRow;
  readonly workflowId: number;
  readonly number: number;
  readonly plan: Plan;
}

/** What steps belong to: their workflows. */
export function createStepOrigins(db: Statements, plans: Plans): OriginsOf {
  async function stepsOf(rows: readonly OriginRow[]): Promise<StepRow[]> {
    const known = await plans.of(rows.flatMap(({ workflow_id: id }) => id ?? []));
    return rows.flatMap((row): StepRow[] => {
      const plan = row.workflow_id === null ? undefined : known.get(row.workflow_id);
      if (row.workflow_id === null || plan === undefined) return [];
      return [{ row, workflowId: row.workflow_id, number: stepNumber(row, row.workflow_id), plan }];
    });
  }

  async function inputsOf(steps: readonly StepRow[]): Promise<ReadonlyMap<number, Uint8Array | null>> {
    const ids = steps
      .filter(({ plan, number }) => plan.steps[number]?.hasExpressions)
      .map(({ workflowId }) => workflowId);
    if (ids.length === 0) return new Map();
    const rows = await db.all<{ id: number; input: Uint8Array | null }>(
      "SELECT id, input FROM workflow WHERE id = ANY($1)",
      [[...new Set(ids)]],
    );
    return new Map(rows.map(({ id, input }) => [id, input]));
  }

  async function resultsOf(steps: readonly StepRow[]): Promise<ReadonlyMap<number, ResultRow>> {
    const keys = steps.flatMap((step) => readsOf(step).map((number) => stepKey(step.workflowId, number)));
    if (keys.length === 0) return new Map();
    const rows = await db.all<ResultRow>(
      `SELECT id, result, traceparent FROM task WHERE id = ANY($1) AND ${partitionIs.ofFinishedSteps}`,
      [[...new Set(keys)]],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  return {
    async of(rows) {
      return new Map((await stepsOf(rows)).map((step) => [step.row.id, originOf(step)]));
    },

    async claimContexts(rows) {
      const steps = await stepsOf(rows);
      const [inputs, results] = [await inputsOf(steps), await resultsOf(steps)];
      return new Map(steps.map((step) => [step.row.id, contextOf(step, inputs, results)]));
    },
  };
}

function originOf({ row, workflowId, number, plan }: StepRow): TaskOrigin & { kind: "step" } {
  const stepId = plan.steps[number]?.stepId ?? "";
  return { kind: "step", workflowId: idOfKey(workflowId), stepId, isCompensation: row.undoes !== null };
}

/** The steps whose results a step is given; what undoes one is given that one's as well. */
function readsOf({ row, number, plan }: StepRow): readonly number[] {
  const reads = plan.steps[number]?.reads ?? [];
  return row.undoes === null ? reads : [...reads, row.undoes];
}

function contextOf(
  step: StepRow,
  inputs: ReadonlyMap<number, Uint8Array | null>,
  found: ReadonlyMap<number, ResultRow>,
): ClaimContext {
  const { row, workflowId, number, plan } = step;
  const planned = plan.steps[number];
  const waitedFor = row.undoes === null ? (planned?.dependsOn ?? []) : [row.undoes];
  const results: Record<string, Uint8Array | null> = {};
  const traceparents: Record<string, string> = {};
  const input = planned?.hasExpressions ? (inputs.get(workflowId) ?? null) : null;
  let bytes = input?.length ?? 0;
  for (const read of readsOf(step)) {
    const { stepId = "" } = plan.steps[read] ?? {};
    const { result = null, traceparent = null } = found.get(stepKey(workflowId, read)) ?? {};
    results[stepId] = result;
    bytes += result?.length ?? 0;
    if (traceparent !== null && waitedFor.includes(read)) traceparents[stepId] = traceparent;
  }
  const claimed: ClaimedStep = {
    results,
    ...(Object.keys(traceparents).length > 0 && { traceparents }),
    expressions: planned?.hasExpressions ? { workflowName: plan.name, input } : null,
  };
  return { origin: originOf(step), event: null, data: null, step: claimed, bytes };
}
