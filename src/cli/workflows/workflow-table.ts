import type { Workflow } from "../../client/index.ts";
import { waitText } from "../tasks/output/explanation-words.ts";
import type { Layout } from "../terminal/layout.ts";
import { clipped, printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { msOf, roughly, tookText } from "../terminal/times.ts";
import { paintedWorkflowState, workflowRemark, workflowWaitText } from "./workflow-words.ts";

const remarkLength = 160;

/** Workflows, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function workflowTable(workflows: readonly Workflow[], layout: Layout, nowMs: number = Date.now()): string {
  const { paint } = layout;
  const columns: readonly Column<Workflow>[] = [
    { title: "ID", cell: ({ id }) => id },
    { title: "NAME", cell: ({ name }) => name, least: 12 },
    { title: "STATE", cell: ({ state }) => paintedWorkflowState(state, paint) },
    { title: "AGE", cell: ({ createTime }) => roughly(nowMs - (msOf(createTime) ?? nowMs)), align: "right" },
    { title: "TOOK", cell: (workflow) => tookText(workflow, nowMs), align: "right" },
    {
      title: "CORRELATION",
      cell: ({ id, correlationId }) => (correlationId === id ? "" : printable(correlationId)),
      least: 10,
      leaveOut: 1,
    },
    { title: "REMARK", cell: (workflow) => clipped(remarkOf(workflow, nowMs), remarkLength), least: 20 },
  ];
  return tableText(columns, workflows, layout);
}

/** Why it did not complete, and what it waits for. */
function remarkOf(workflow: Workflow, nowMs: number): string {
  return [workflowRemark(workflow), workflowWaitText(workflow, nowMs)].filter((part) => part !== "").join("; ");
}

/** Workflows that are stuck, one a line: since when, and what the first step that waits waits for. */
export function stuckTable(workflows: readonly Workflow[], layout: Layout, nowMs: number = Date.now()): string {
  const { paint } = layout;
  const columns: readonly Column<Workflow>[] = [
    { title: "ID", cell: ({ id }) => id },
    { title: "NAME", cell: ({ name }) => name, least: 12 },
    { title: "STATE", cell: ({ state }) => paintedWorkflowState(state, paint) },
    { title: "AGE", cell: ({ createTime }) => span(createTime, nowMs), align: "right", leaveOut: 1 },
    { title: "STUCK FOR", cell: ({ waitingSinceTime }) => span(waitingSinceTime, nowMs), align: "right" },
    { title: "STEP", cell: stepText, least: 12 },
    { title: "WHY", cell: ({ wait }) => waitText(wait?.explanation, nowMs), least: 20 },
  ];
  return tableText(columns, workflows, layout);
}

function stepText({ wait }: Workflow): string {
  if (wait === undefined) return "";
  return wait.isCompensation ? `${wait.stepId}, undoing` : wait.stepId;
}

function span(time: Workflow["createTime"], nowMs: number): string {
  const sinceMs = msOf(time);
  return sinceMs === null ? "" : roughly(nowMs - sinceMs);
}
