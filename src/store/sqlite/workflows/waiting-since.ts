import { waitingSinceMs } from "../../../domain/workflows/stuck.ts";
import type { WorkflowSummary } from "../../../domain/workflows/workflow.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { WorkflowRow } from "../../rows/workflow-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { createTaskSelect } from "./read-workflow.ts";

interface DoingRow {
  readonly state: number;
  readonly attempt: number;
  readonly finish_ms: number | null;
  readonly ready_key: number;
}

/** What a reading of a workflow's tasks came to. */
export interface WaitingSince {
  /** As `waitingSinceMs`. */
  readonly sinceMs: number | null;
  /** How many rows were read. */
  readonly read: number;
}

/** Creates what reads in an open database since when workflows wait. Tasks whose leases are not written yet count as waiting. */
export function createWaitingSince({ db, keys }: Pick<Engine, "db" | "keys">) {
  const selectDoing = createTaskSelect<DoingRow>(db, "state, attempt, finish_ms, ready_key");

  return (row: WorkflowRow, summary: Pick<WorkflowSummary, "createMs" | "finishMs">): WaitingSince => {
    const rows = selectDoing(row, {});
    const doing = rows.map(({ state, attempt, finish_ms: finishMs, ready_key: readyKey }) => {
      return { state: stateOf(state), attempt, finishMs, readyMs: keys.timeOf(readyKey) };
    });
    return { sinceMs: waitingSinceMs(summary, doing), read: rows.length };
  };
}
