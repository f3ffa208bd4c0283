import type Database from "better-sqlite3";
import { readJson } from "../../rows/json-column.ts";
import type { PlannedStep } from "../../rows/workflow-rows.ts";
import { planChecksum } from "./checksums.ts";

/** What of a workflow never changes. */
export interface Plan {
  readonly name: string;
  /** By number. */
  readonly steps: readonly PlannedStep[];
  /** It is as it was stored. Of one that is not, the steps are a guess, and may be none. */
  readonly isSound: boolean;
}

/**
 * The plans of workflows. Each step's way through its life asks for its workflow's several times: the last ones are kept, and
 * those of workflows that are alike are one.
 */
export interface Plans {
  /** Of a workflow that is not there, none that is sound. */
  of(workflowId: number): Plan;
}

interface PlanRow {
  readonly name: string;
  readonly plan: string;
  readonly plan_checksum: number | null;
}

/** About a hundred bytes each, beside their plans. */
const keptWorkflows = 16_000;
/** About a kilobyte each. */
const keptPlans = 4_000;

/** Creates the cache of plans of an open database. */
export function createPlans(db: Database.Database): Plans {
  const select = db.prepare<[number], PlanRow>("SELECT name, plan, plan_checksum FROM workflow WHERE id = ?");
  const byWorkflow = new Map<number, Plan>();
  const byText = new Map<string, Plan>();

  function planOf(name: string, steps: string): Plan {
    const text = `${name}\n${steps}`;
    const known = byText.get(text);
    if (known !== undefined) return known;
    const plan = { name, steps: JSON.parse(steps) as PlannedStep[], isSound: true };
    keep(byText, text, plan, keptPlans);
    return plan;
  }

  return {
    of(workflowId) {
      const known = byWorkflow.get(workflowId);
      if (known !== undefined) return known;
      const row = select.get(workflowId);
      if (row === undefined) return { name: "", steps: [], isSound: false };
      const plan = isSoundPlan(workflowId, row)
        ? planOf(row.name, row.plan)
        : { name: row.name, steps: guessedSteps(row.plan), isSound: false };
      keep(byWorkflow, workflowId, plan, keptWorkflows);
      return plan;
    },
  };
}

/** Whether a plan is as it was stored; of one without a checksum, whether it can be read at all. */
function isSoundPlan(workflowId: number, { name, plan, plan_checksum: checksum }: PlanRow): boolean {
  return checksum === null ? guessedSteps(plan).length > 0 : checksum === planChecksum(workflowId, name, plan);
}

/** The steps of a damaged plan, as far as they look like steps; none, if one does not. */
function guessedSteps(plan: string): readonly PlannedStep[] {
  const steps = readJson<unknown>(plan);
  if (!Array.isArray(steps)) return [];
  return steps.every((step): step is PlannedStep => isPlannedStep(step, steps.length)) ? steps : [];
}

function isPlannedStep(step: unknown, count: number): step is PlannedStep {
  if (typeof step !== "object" || step === null) return false;
  const { stepId, dependsOn, reads, compensateWith } = step as Partial<Record<keyof PlannedStep, unknown>>;
  const areNumbers = (list: unknown) =>
    Array.isArray(list) && list.every((each) => Number.isInteger(each) && each >= 0 && each < count);
  const isAction = typeof compensateWith === "string" || compensateWith === null;
  return typeof stepId === "string" && areNumbers(dependsOn) && areNumbers(reads) && isAction;
}

/** Adds a value, in the place of the oldest if there are as many as may be. */
export function keep<Key, Value>(kept: Map<Key, Value>, key: Key, value: Value, most: number): void {
  const [oldest] = kept.keys();
  if (kept.size >= most && oldest !== undefined) kept.delete(oldest);
  kept.set(key, value);
}
