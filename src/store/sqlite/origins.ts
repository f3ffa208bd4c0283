import type Database from "better-sqlite3";
import type { StoredEvent } from "../../domain/event.ts";
import type { ClaimedStep, TaskOrigin } from "../../domain/task.ts";
import { type EventRow, eventColumns, eventOf, type FullEventRow, fullEventColumns } from "./event-rows.ts";
import { idOfKey } from "./ids.ts";
import type { TaskRow } from "./rows.ts";
import { type PlannedStep, planOf, stepKey, stepNumber } from "./workflow-rows.ts";

/** The part of a task's row that says what it belongs to. */
export type OriginRow = Pick<TaskRow, "id" | "event_key" | "subscription_id" | "workflow_id" | "undoes">;

/** What tasks belong to: the events that they deliver, the workflows whose steps they are. */
export interface Origins {
  /** `null`: a producer enqueued the task. */
  of(row: OriginRow): TaskOrigin | null;
  /** The event that the task delivers, whole; `null`: it delivers none. */
  eventOf(row: OriginRow): StoredEvent | null;
  /** How many bytes a worker is given that do not stand in the task's own row. */
  bytesOf(row: OriginRow): number;
  /** What a worker is given beside the parameters of a step; `null`: the task is none. */
  stepOf(row: OriginRow): ClaimedStep | null;
}

interface WorkflowFacts {
  readonly id: number;
  readonly name: string;
  readonly plan: string;
}

/** The origins of tasks in an open database. */
export function createOrigins(db: Database.Database): Origins {
  const selectEvent = db.prepare<[number], EventRow>(`SELECT ${eventColumns} FROM event WHERE id = ?`);
  const selectFullEvent = db.prepare<[number], FullEventRow>(`SELECT ${fullEventColumns} FROM event WHERE id = ?`);
  const selectSubscription = db.prepare<[number], string>("SELECT name FROM subscription WHERE id = ?").pluck();
  const selectWorkflow = db.prepare<[number], WorkflowFacts>("SELECT id, name, plan FROM workflow WHERE id = ?");
  const selectInput = db.prepare<[number], Uint8Array | null>("SELECT input FROM workflow WHERE id = ?").pluck();
  const selectDataLength = db.prepare<[number], number | null>("SELECT length(data) FROM event WHERE id = ?").pluck();
  const selectInputLength = db
    .prepare<[number], number | null>("SELECT length(input) FROM workflow WHERE id = ?")
    .pluck();
  const selectResultLength = db
    .prepare<[number], number | null>("SELECT length(result) FROM task WHERE id = ?")
    .pluck();
  const selectResult = db.prepare<[number], Uint8Array | null>("SELECT result FROM task WHERE id = ?").pluck();

  /** The steps whose results a task is given. */
  function readBy({ undoes }: OriginRow, step: PlannedStep): readonly number[] {
    return undoes === null ? step.reads : [...step.reads, undoes];
  }

  function planned(row: OriginRow, workflowId: number): { workflow: WorkflowFacts; steps: readonly PlannedStep[] } {
    const workflow = selectWorkflow.get(workflowId);
    if (workflow === undefined) throw new Error(`task ${row.id} has no workflow`);
    return { workflow, steps: planOf(workflow) };
  }

  return {
    of(row) {
      if (row.event_key !== null && row.subscription_id !== null) {
        const event = selectEvent.get(row.event_key);
        const subscription = selectSubscription.get(row.subscription_id);
        if (event === undefined || subscription === undefined) throw new Error(`delivery ${row.id} has no event`);
        return { kind: "delivery", eventId: event.event_id, sourceService: event.source_service, subscription };
      }
      if (row.workflow_id === null) return null;
      const { steps } = planned(row, row.workflow_id);
      const stepId = steps[stepNumber(row, row.workflow_id)]?.stepId ?? "";
      return { kind: "step", workflowId: idOfKey(row.workflow_id), stepId, isCompensation: row.undoes !== null };
    },

    eventOf(row) {
      const event = row.event_key === null ? undefined : selectFullEvent.get(row.event_key);
      return event === undefined ? null : eventOf(event);
    },

    bytesOf(row) {
      if (row.event_key !== null) return selectDataLength.get(row.event_key) ?? 0;
      const { workflow_id: workflowId } = row;
      if (workflowId === null) return 0;
      const step = planned(row, workflowId).steps[stepNumber(row, workflowId)];
      if (step === undefined) return 0;
      const results = readBy(row, step).map((each) => selectResultLength.get(stepKey(workflowId, each)) ?? 0);
      const input = step.hasExpressions ? (selectInputLength.get(workflowId) ?? 0) : 0;
      return results.reduce((sum, length) => sum + length, input);
    },

    stepOf(row) {
      const { workflow_id: workflowId } = row;
      if (workflowId === null) return null;
      const { workflow, steps } = planned(row, workflowId);
      const number = stepNumber(row, workflowId);
      const step = steps[number];
      if (step === undefined) throw new Error(`workflow ${workflowId} has no step ${number}`);
      const results = readBy(row, step).map((each) => [
        steps[each]?.stepId ?? "",
        selectResult.get(stepKey(workflowId, each)) ?? null,
      ]);
      const expressions = step.hasExpressions
        ? { workflowName: workflow.name, input: selectInput.get(workflowId) ?? null }
        : null;
      return { results: Object.fromEntries(results), expressions };
    },
  };
}
