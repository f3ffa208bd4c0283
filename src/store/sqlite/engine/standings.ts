import type Database from "better-sqlite3";
import type { TaskState } from "../../../domain/tasks/task.ts";
import type { CompensationState, WorkflowState } from "../../../domain/workflows/workflow.ts";
import type { StepState } from "../../../domain/workflows/workflow-progress.ts";
import { stateOf } from "../../rows/task-states.ts";
import { compensationOf, stepKey, type WorkflowRow, workflowStateOf } from "../../rows/workflow-rows.ts";
import { keep } from "../rows/plans.ts";

/** How a workflow and its steps stand, as the open transaction leaves them. */
export interface Standing {
  readonly state: WorkflowState;
  readonly compensation: CompensationState;
  readonly isAtRest: boolean;
  /** By number; `missing`: the task is gone. */
  readonly steps: StepState[];
}

/**
 * How the last workflows stand whose steps ended. The end of each step asks for it: read each time, it would be two statements a step
 * in place of two a workflow.
 */
export interface Standings {
  /** How a workflow stands; `undefined`: there is none. */
  of(workflowId: number): Standing | undefined;
  /** Notes that a step came into a state. */
  stepMoved(workflowId: number, step: number, to: TaskState): void;
  /** Forgets a workflow, whose row was changed or deleted: it is read again when it is next asked for. */
  forget(workflowId: number): void;
  /** Forgets all; called after each rollback. */
  reload(): void;
}

/** About two hundred bytes each, and eight for each step. */
const keptWorkflows = 16_000;

/** Creates the standings of an open database. */
export function createStandings(db: Database.Database): Standings {
  const selectWorkflow = db.prepare<[number], Pick<WorkflowRow, "state" | "compensation" | "size" | "finish_ms">>(
    "SELECT state, compensation, size, finish_ms FROM workflow WHERE id = ?",
  );
  const selectSteps = db
    .prepare<[number, number], [id: number, state: number]>("SELECT id, state FROM task WHERE id > ? AND id <= ?")
    .raw();
  const known = new Map<number, Standing>();

  function read(workflowId: number): Standing | undefined {
    const row = selectWorkflow.get(workflowId);
    if (row === undefined) return undefined;
    const steps = Array<StepState>(row.size).fill("missing");
    for (const [id, state] of selectSteps.all(workflowId, workflowId + row.size)) {
      steps[id - stepKey(workflowId, 0)] = stateOf(state);
    }
    const { state, compensation, finish_ms: finishMs } = row;
    return {
      state: workflowStateOf(state),
      compensation: compensationOf(compensation),
      isAtRest: finishMs !== null,
      steps,
    };
  }

  return {
    of(workflowId) {
      const found = known.get(workflowId);
      if (found !== undefined) return found;
      const standing = read(workflowId);
      if (standing !== undefined) keep(known, workflowId, standing, keptWorkflows);
      return standing;
    },

    stepMoved(workflowId, step, to) {
      const standing = known.get(workflowId);
      if (standing !== undefined) standing.steps[step] = to;
    },

    forget: (workflowId) => void known.delete(workflowId),
    reload: () => known.clear(),
  };
}
