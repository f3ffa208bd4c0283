import type { JsonObject } from "@bufbuild/protobuf";
import { TaskState, type WorkflowChange, WorkflowChangeSchema } from "../../client/index.ts";
import { paintedState } from "../tasks/output/task-words.ts";
import { messageJson } from "../terminal/json.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { msOf, timeOfDay } from "../terminal/times.ts";
import { paintedWorkflowState, undoingWords } from "./workflow-words.ts";

/** The longest word for a state, so that the lines of a watch stand in columns. */
const stateWidth = "CANCELLED".length;

/** A change in one line. */
export function workflowChangeLine(change: WorkflowChange, paint: Paint): string {
  const { stepId, isCompensation, stepState, attempt, workerId, workflowState, compensationState } = change;
  const atMs = msOf(change.changeTime);
  const time = paint.dim(atMs === null ? "" : timeOfDay(atMs));
  if (stepId === "") {
    const undoing = undoingWords(compensationState);
    return [time, paint.bold("workflow"), paintedWorkflowState(workflowState, paint), undoing]
      .filter(isSaid)
      .join("  ");
  }
  const padding = " ".repeat(Math.max(stateWidth - (TaskState[stepState] ?? "").length, 0));
  return [
    time,
    `${paintedState(stepState, paint)}${padding}`,
    isCompensation ? `${stepId} (compensation)` : stepId,
    attempt > 0 ? `attempt ${attempt}` : "",
    workerId === "" ? "" : `on ${printable(workerId)}`,
  ]
    .filter(isSaid)
    .join("  ");
}

/** A change in Protobuf's JSON. */
export function workflowChangeJson(change: WorkflowChange): JsonObject {
  return messageJson(WorkflowChangeSchema, change);
}

function isSaid(part: string): boolean {
  return part !== "";
}
