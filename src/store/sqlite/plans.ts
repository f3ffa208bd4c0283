import type Database from "better-sqlite3";
import type { PlannedStep } from "./workflow-rows.ts";

/** What of a workflow never changes. */
export interface Plan {
  readonly name: string;
  /** By number. */
  readonly steps: readonly PlannedStep[];
}

/** The plans of workflows. Each step's way through its life asks for its workflow's several times: the last ones are kept. */
export interface Plans {
  /** It throws if there is no such workflow. */
  of(workflowId: number): Plan;
}

/** About a kilobyte each. */
const keptPlans = 4_000;

/** The plans in an open database. */
export function createPlans(db: Database.Database): Plans {
  const select = db.prepare<[number], { readonly name: string; readonly plan: string }>(
    "SELECT name, plan FROM workflow WHERE id = ?",
  );
  const kept = new Map<number, Plan>();
  return {
    of(workflowId) {
      const known = kept.get(workflowId);
      if (known !== undefined) return known;
      const row = select.get(workflowId);
      if (row === undefined) throw new Error(`no workflow ${workflowId}`);
      const plan = { name: row.name, steps: JSON.parse(row.plan) as PlannedStep[] };
      const [oldest] = kept.keys();
      if (kept.size >= keptPlans && oldest !== undefined) kept.delete(oldest);
      kept.set(workflowId, plan);
      return plan;
    },
  };
}
