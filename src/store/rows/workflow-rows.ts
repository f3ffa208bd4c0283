/** Rows of `workflow` to records of the domain. */

import { notBefore } from "../../domain/clock.ts";
import { idOfKey } from "../../domain/ids.ts";
import type { KeySequence } from "../../domain/key-sequence.ts";
import {
  type CompensationState,
  compensationStates,
  type NewStep,
  type WorkflowFailure,
  type WorkflowState,
  type WorkflowSummary,
  workflowStates,
} from "../../domain/workflows/workflow.ts";
import { readJson } from "./json-column.ts";

/** A row of `workflow` without its input. */
export interface WorkflowRow {
  readonly id: number;
  readonly name: string;
  readonly state: number;
  readonly compensation: number;
  readonly size: number;
  readonly start_ms: number | null;
  readonly finish_ms: number | null;
  readonly correlation_id: string;
  readonly source_service: string | null;
  readonly request_id: string | null;
  readonly digest: string;
  readonly failure: string | null;
}

/** The columns of a WorkflowRow. */
export const workflowColumns =
  "id, name, state, compensation, size, start_ms, finish_ms, correlation_id, source_service, request_id, digest, failure";

/** A state as it is stored: its number in the contract. */
export const workflowStateNumber = { pending: 1, running: 2, completed: 3, failed: 4, cancelled: 5 } as const;

/** A stage of compensation as it is stored: its number in the contract. */
export const compensationNumber = { none: 0, running: 1, completed: 2, failed: 3 } as const;

/** The state of a stored number. One that is none, which only a damaged row holds, is `failed`: what is left of it can be read. */
export function workflowStateOf(number: number): WorkflowState {
  return workflowStates[number - 1] ?? "failed";
}

/** The stage of compensation of a stored number; `failed` where it is none. */
export function compensationOf(number: number): CompensationState {
  return compensationStates[number] ?? "failed";
}

/** What a workflow knows of a step that its task does not. */
export type PlannedStep = Pick<NewStep, "stepId" | "dependsOn" | "reads" | "hasExpressions" | "compensateWith">;

/** The `plan` column. */
export function planText(steps: readonly NewStep[]): string {
  const plan = steps.map(({ stepId, dependsOn, reads, hasExpressions, compensateWith }): PlannedStep => {
    return { stepId, dependsOn, reads, hasExpressions, compensateWith };
  });
  return JSON.stringify(plan);
}

/** The task of a step: those of a workflow have the keys behind its own. */
export function stepKey(workflowId: number, number: number): number {
  return workflowId + 1 + number;
}

/** The number of the step that a task is, or undoes. */
export function stepNumber(task: { readonly id: number; readonly undoes: number | null }, workflowId: number): number {
  return task.undoes ?? task.id - workflowId - 1;
}

/** A workflow of a row. */
export function summaryOf(row: WorkflowRow, keys: Pick<KeySequence, "timeOf">): WorkflowSummary {
  return {
    id: idOfKey(row.id),
    name: row.name,
    state: workflowStateOf(row.state),
    compensation: compensationOf(row.compensation),
    correlationId: row.correlation_id,
    sourceService: row.source_service,
    requestId: row.request_id,
    failure: readJson<WorkflowFailure>(row.failure),
    createMs: keys.timeOf(row.id),
    startMs: row.start_ms,
    finishMs: row.finish_ms === null ? null : notBefore(row.start_ms, row.finish_ms),
  };
}

/** A workflow that stopped, as far as it says what is wrong. */
export type StoppedRow = Pick<WorkflowRow, "id" | "state" | "compensation" | "start_ms" | "finish_ms">;

/**
 * What is wrong with a workflow that stopped, and since when; `null`: nothing, or not any more. @param failedSinceMs failed ones count that
 * came to rest from then on; those whose compensation failed always do
 */
export function stoppedTrouble(
  row: StoppedRow,
  failedSinceMs: number,
  keys: Pick<KeySequence, "timeOf">,
): { readonly trouble: "failed" | "compensation_failed"; readonly sinceMs: number } | null {
  const sinceMs = row.finish_ms ?? row.start_ms ?? keys.timeOf(row.id);
  if (row.compensation === compensationNumber.failed) return { trouble: "compensation_failed", sinceMs };
  const hasFailed = row.state === workflowStateNumber.failed && row.finish_ms !== null;
  return hasFailed && sinceMs >= failedSinceMs ? { trouble: "failed", sinceMs } : null;
}
