import type Database from "better-sqlite3";
import type { PlannedStep } from "./workflow-rows.ts";

/** What of a workflow never changes. */
export interface Plan {
  readonly name: string;
  /** By number. */
  readonly steps: readonly PlannedStep[];
}

/**
 * The plans of workflows. Each step's way through its life asks for its workflow's several times: the last ones are kept, and
 * those of workflows that are alike are one.
 */
export interface Plans {
  /** It throws if there is no such workflow. */
  of(workflowId: number): Plan;
}

/** About a hundred bytes each, beside their plans. */
const keptWorkflows = 16_000;
/** About a kilobyte each. */
const keptPlans = 4_000;

/** The plans in an open database. */
export function createPlans(db: Database.Database): Plans {
  const select = db.prepare<[number], { readonly name: string; readonly plan: string }>(
    "SELECT name, plan FROM workflow WHERE id = ?",
  );
  const byWorkflow = new Map<number, Plan>();
  const byText = new Map<string, Plan>();

  function planOf(name: string, steps: string): Plan {
    const text = `${name}\n${steps}`;
    const known = byText.get(text);
    if (known !== undefined) return known;
    const plan = { name, steps: JSON.parse(steps) as PlannedStep[] };
    keep(byText, text, plan, keptPlans);
    return plan;
  }

  return {
    of(workflowId) {
      const known = byWorkflow.get(workflowId);
      if (known !== undefined) return known;
      const row = select.get(workflowId);
      if (row === undefined) throw new Error(`no workflow ${workflowId}`);
      const plan = planOf(row.name, row.plan);
      keep(byWorkflow, workflowId, plan, keptWorkflows);
      return plan;
    },
  };
}

/** Adds a value, in the place of the oldest if there are as many as may be. */
function keep<Key, Value>(kept: Map<Key, Value>, key: Key, value: Value, most: number): void {
  const [oldest] = kept.keys();
  if (kept.size >= most && oldest !== undefined) kept.delete(oldest);
  kept.set(key, value);
}
