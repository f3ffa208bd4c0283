/** What rows say of why tasks wait. */

import { isLane, workerOf } from "../../domain/balancing/dispatch.ts";
import { idOfKey } from "../../domain/ids.ts";
import type { KeySequence } from "../../domain/key-sequence.ts";
import type { QueueSettings } from "../../domain/tasks/queue.ts";
import type { ChangeAuthor } from "../../domain/tasks/setting-changes.ts";
import { attemptOutcomes, type TaskError } from "../../domain/tasks/task.ts";
import { mostNamedTasks } from "../../domain/waits/explanation.ts";
import type { Blockers, StoredWait } from "../../domain/waits/wait-facts.ts";
import { firstWait, type StepStates } from "../../domain/workflows/first-wait.ts";
import type { StoredWorkflowWait } from "../workflow-store.ts";
import { readJson, textOf } from "./json-column.ts";
import { boundsOf, type TaskRow } from "./task-rows.ts";
import { stateNumber, stateOf } from "./task-states.ts";
import {
  compensationOf,
  type PlannedStep,
  stepKey,
  stepNumber,
  type WorkflowRow,
  workflowStateOf,
} from "./workflow-rows.ts";

/** A row with its place in line. */
export interface WaitRow extends TaskRow {
  readonly ready_key: number;
  readonly lane_until_ms: number | null;
}

/** The newest attempt on record. */
export interface LastAttempt {
  readonly outcome: number;
  readonly finish_ms: number;
}

/** What is known of a task beside its row. */
export interface WaitFacts {
  /** Its queue. */
  readonly queue: { readonly name: string; readonly settings: QueueSettings };
  /** Who paused the queue; `null`: it is not paused, or that is not known. */
  readonly pausedBy: ChangeAuthor | null;
  /** How many of the queue's tasks run. */
  readonly running: number;
  /** Of a scheduled task. */
  readonly lastAttempt: LastAttempt | undefined;
  /** Of a blocked task. */
  readonly blockedBy: Blockers | null;
  /** As in StoredWait. */
  readonly ahead: number | null;
}

/** Puts together why a task waits. */
export function waitOf(row: WaitRow, facts: WaitFacts, keys: Pick<KeySequence, "timeOf">): StoredWait {
  const { queue, pausedBy, running, lastAttempt, blockedBy, ahead } = facts;
  const { paused, maxRunning } = queue.settings;
  const errorType: unknown = readJson<TaskError>(row.error)?.type;
  return {
    id: idOfKey(row.id),
    queue: queue.name,
    type: textOf(row.type) ?? "",
    state: stateOf(row.state),
    attempt: row.attempt,
    maxAttempts: boundsOf(row, queue).maxAttempts,
    workerId: textOf(row.worker_id),
    errorType: typeof errorType === "string" ? errorType : "",
    sinceMs: sinceOf(row, lastAttempt, keys),
    dueMs: row.state === stateNumber.scheduled ? row.schedule_ms : null,
    lastOutcome: attemptOutcomes[(lastAttempt?.outcome ?? 0) - 1] ?? null,
    blockedBy,
    reservedFor: reservationOf(row),
    ahead,
    limits: { paused, maxRunning, running, ...(pausedBy && { pausedBy }) },
  };
}

/** What holds back a blocked step. @param isCompleted whether the task with this key is completed */
export function stepBlockers(
  row: WaitRow,
  workflowId: number,
  steps: readonly PlannedStep[],
  isCompleted: (key: number) => boolean,
): Blockers | null {
  const step = steps[stepNumber(row, workflowId)];
  if (step === undefined) return null;
  if (step.dependsOn.length === 0) return { kind: "execution" };
  const open = step.dependsOn.filter((number) => !isCompleted(stepKey(workflowId, number)));
  if (open.length === 0) return null;
  return {
    kind: "steps",
    stepIds: open.map((number) => steps[number]?.stepId ?? ""),
    taskIds: open.slice(0, mostNamedTasks).map((number) => idOfKey(stepKey(workflowId, number))),
  };
}

/** The part of a workflow's row, and of a task of it, that says for what it waits. */
export type WaitingWorkflow = Pick<WorkflowRow, "id" | "state" | "compensation" | "size">;
export type WaitingStep = Pick<TaskRow, "id" | "state" | "undoes">;

/** What a workflow waits for first; `null`: its steps run, or it is at rest. @param tasks those of it that are there */
export function workflowWaitOf(
  row: WaitingWorkflow,
  tasks: readonly WaitingStep[],
  plan: readonly PlannedStep[],
): StoredWorkflowWait | null {
  const steps: (StepStates & { readonly taskId: string; readonly compensationId: string })[] = [];
  for (const task of tasks) {
    const number = stepNumber(task, row.id);
    const known = steps[number] ?? { state: "completed", compensation: null, taskId: "", compensationId: "" };
    const [state, id] = [stateOf(task.state), idOfKey(task.id)];
    steps[number] =
      task.undoes === null ? { ...known, state, taskId: id } : { ...known, compensation: state, compensationId: id };
  }
  const first = firstWait(
    { state: workflowStateOf(row.state), compensation: compensationOf(row.compensation) },
    Array.from(steps, (step) => step ?? { state: "completed", compensation: null }),
  );
  const step = first && steps[first.number];
  if (!first || !step) return null;
  const { isCompensation } = first;
  const stepId = plan[first.number]?.stepId ?? "";
  return { stepId, isCompensation, taskId: isCompensation ? step.compensationId : step.taskId };
}

function sinceOf(row: WaitRow, lastAttempt: LastAttempt | undefined, keys: Pick<KeySequence, "timeOf">): number {
  switch (stateOf(row.state)) {
    case "pending":
      return keys.timeOf(row.ready_key);
    case "scheduled":
      return lastAttempt?.finish_ms ?? keys.timeOf(row.id);
    case "running":
      return row.start_ms ?? keys.timeOf(row.id);
    default:
      return row.finish_ms ?? keys.timeOf(row.id);
  }
}

function reservationOf({ state, lane, lane_until_ms: untilMs }: WaitRow): StoredWait["reservedFor"] {
  if (state !== stateNumber.pending || lane === null || untilMs === null || !isLane(lane)) return null;
  const workerId = workerOf(lane);
  return workerId === null ? null : { workerId, untilMs };
}
