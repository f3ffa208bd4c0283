import type { PlannedStep } from "../../rows/workflow-rows.ts";
import type { Statements } from "../database/statements.ts";

/** What of a workflow never changes. */
export interface Plan {
  readonly name: string;
  /** By number. */
  readonly steps: readonly PlannedStep[];
  /** As the rules of workflows ask for it: PostgreSQL's own checksums keep a damaged one from being read. */
  readonly isSound: true;
}

interface PlanRow {
  readonly id: number;
  readonly name: string;
  readonly plan: string;
}

/** About a hundred bytes each, beside their plans. */
const keptWorkflows = 16_000;
/** About a kilobyte each. */
const keptPlans = 4_000;

/**
 * The plans of workflows. Each step's way through its life asks for its workflow's several times: the last ones are kept, and
 * those of workflows that are alike are one. A plan never changes, and no key comes twice, so that no other server can make one wrong.
 */
export class Plans {
  private readonly db: Statements;
  private readonly byWorkflow = new Map<number, Plan>();
  private readonly byText = new Map<string, Plan>();

  constructor(db: Statements) {
    this.db = db;
  }

  /** The plans of workflows, by their keys; those that are not there are left out. */
  async of(workflowIds: Iterable<number>): Promise<ReadonlyMap<number, Plan>> {
    const plans = new Map<number, Plan>();
    const missing: number[] = [];
    for (const id of new Set(workflowIds)) {
      const known = this.byWorkflow.get(id);
      if (known === undefined) missing.push(id);
      else plans.set(id, known);
    }
    if (missing.length === 0) return plans;
    const rows = await this.db.all<PlanRow>("SELECT id, name, plan FROM workflow WHERE id = ANY($1)", [missing]);
    for (const { id, name, plan: text } of rows) {
      const plan = this.planOf(name, text);
      keep(this.byWorkflow, id, plan, keptWorkflows);
      plans.set(id, plan);
    }
    return plans;
  }

  private planOf(name: string, steps: string): Plan {
    const text = `${name}\n${steps}`;
    const known = this.byText.get(text);
    if (known !== undefined) return known;
    const plan = { name, steps: JSON.parse(steps) as PlannedStep[], isSound: true } as const;
    keep(this.byText, text, plan, keptPlans);
    return plan;
  }
}

/** Adds a value, in the place of the oldest if there are as many as may be. */
function keep<Key, Value>(kept: Map<Key, Value>, key: Key, value: Value, most: number): void {
  const [oldest] = kept.keys();
  if (kept.size >= most && oldest !== undefined) kept.delete(oldest);
  kept.set(key, value);
}
