import { durationMs } from "@bufbuild/protobuf/wkt";
import { type Compensation, WaitReason, type Workflow, type WorkflowStep } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import { paintedState } from "../tasks/output/task-words.ts";
import type { Layout } from "../terminal/layout.ts";
import type { Paint } from "../terminal/paint.ts";
import { fieldText } from "../terminal/payload-text.ts";
import { clipped, printable } from "../terminal/printable.ts";
import { type Column, factsText, tableText } from "../terminal/table.ts";
import { roughly, timeWithAge, tookText } from "../terminal/times.ts";
import { drawGraph, stepMark } from "./step-graph.ts";
import { paintedWorkflowState, stateMark, stepRemark, undoRemark, workflowRemark } from "./workflow-words.ts";

const remarkLength = 100;

/** A line of the drawing with the step that stands on it, if one does. */
interface StepLine {
  readonly drawing: string;
  readonly step: WorkflowStep | null;
}

/** A step with the undoing of it. */
interface UndoneStep {
  readonly step: WorkflowStep;
  readonly compensation: Compensation;
}

/** All that is known of a workflow, for people: what it is, its graph, what was undone. @param nowMs what ages are counted from */
export function workflowDetails(
  workflow: Workflow,
  layout: Layout,
  { nowMs = Date.now(), isHidden = false }: { readonly nowMs?: number; readonly isHidden?: boolean } = {},
): string {
  const { paint } = layout;
  const parts = [factsText(factsOf(workflow, paint, nowMs), paint), stepTable(workflow, layout, nowMs)];
  const undone = undoneSteps(workflow);
  if (undone.length > 0) parts.push(`${paint.bold("Compensations")}\n${tableText(undoColumns(nowMs), undone, layout)}`);
  const { input, damagedFields } = workflow;
  if (input !== undefined || damagedFields.includes("input") || isHidden) {
    parts.push(`${paint.bold("Input")}\n${fieldText(input, "input", { damagedFields, isHidden })}`);
  }
  return parts.join("\n\n");
}

/** The services that steps wait for and that have no worker. */
export function unattendedServices({ steps }: Workflow): string[] {
  const names = steps.flatMap(({ serviceName, explanation, compensation }) =>
    [explanation, compensation?.explanation].some((each) => each?.reason === WaitReason.NO_WORKER) ? [serviceName] : [],
  );
  return [...new Set(names)];
}

function factsOf(workflow: Workflow, paint: Paint, nowMs: number): (readonly [string, string])[] {
  const { id, name, state, correlationId, sourceService, requestId, createTime, startTime, finishTime } = workflow;
  const remark = clipped(workflowRemark(workflow), 500);
  const tookMs = workflow.duration === undefined ? null : Math.round(durationMs(workflow.duration));
  return [
    ["Workflow", `${paint.bold(id)}  ${name}`],
    ["State", [paintedWorkflowState(state, paint), remark].filter((part) => part !== "").join("  ")],
    [
      "Damaged",
      workflow.damagedFields.length === 0 ? "" : paint.warning(`on the disk: ${workflow.damagedFields.join(", ")}`),
    ],
    ["Created", timeWithAge(createTime, nowMs)],
    ["Started", timeWithAge(startTime, nowMs)],
    ["Finished", timeWithAge(finishTime, nowMs)],
    ["Took", tookMs === null ? "" : spanText(tookMs)],
    ["Correlation id", correlationId === id ? "" : printable(correlationId)],
    ["From service", printable(sourceService)],
    ["Request id", printable(requestId)],
  ];
}

function spanText(ms: number): string {
  return ms < 60_000 ? formatDuration(ms) : roughly(ms);
}

function stepTable({ steps }: Workflow, layout: Layout, nowMs: number): string {
  const { paint } = layout;
  const drawn = drawGraph(steps);
  const width = Math.max(...drawn.map(({ edges }) => edges.length));
  const lines = drawn.map(({ edges, step: number }): StepLine => {
    const step = number === null ? null : (steps[number] ?? null);
    const padding = " ".repeat(width - edges.length + 1);
    const [before = "", after = ""] = edges.split(stepMark);
    if (step === null) return { drawing: paint.dim(edges), step };
    const drawing = `${paint.dim(before)}${stateMark(step.state, paint)}${paint.dim(after)}`;
    return { drawing: `${drawing}${padding}${step.stepId}`, step };
  });
  return tableText(stepColumns(nowMs), lines, layout);
}

function stepColumns(nowMs: number): readonly Column<StepLine>[] {
  const ofStep = (text: (step: WorkflowStep, paint: Paint) => string) => {
    return ({ step }: StepLine, paint: Paint) => (step === null ? "" : text(step, paint));
  };
  return [
    { title: "STEP", cell: ({ drawing }) => drawing },
    { title: "SERVICE", cell: ofStep(({ serviceName }) => serviceName), least: 8 },
    { title: "ACTION", cell: ofStep(({ action }) => action), least: 8, leaveOut: 4 },
    { title: "STATE", cell: ofStep(({ state }, paint) => paintedState(state, paint)) },
    {
      title: "ATTEMPT",
      cell: ofStep(({ attempt, maxRetries = 0 }) => (attempt === 0 ? "" : `${attempt}/${maxRetries + 1}`)),
      align: "right",
      leaveOut: 3,
    },
    { title: "TOOK", cell: ofStep((step) => tookText(step, nowMs)), align: "right", leaveOut: 2 },
    { title: "WORKER", cell: ofStep(({ workerId }) => printable(workerId)), least: 10, leaveOut: 1 },
    { title: "REMARK", cell: ofStep((step, paint) => shortened(stepRemark(step, paint, nowMs))), least: 20 },
  ];
}

/** Long remarks are errors, which are not painted: colours are never cut in two. */
function shortened(remark: string): string {
  return remark.includes("\u001b") ? remark : clipped(remark, remarkLength);
}

/** What is undone, or has been, in the order in which it began. */
function undoneSteps({ steps }: Workflow): UndoneStep[] {
  return steps
    .flatMap((step) => (step.compensation === undefined ? [] : [{ step, compensation: step.compensation }]))
    .sort((a, b) => (a.compensation.taskId < b.compensation.taskId ? -1 : 1));
}

function undoColumns(nowMs: number): readonly Column<UndoneStep>[] {
  return [
    {
      title: "STEP",
      cell: ({ step, compensation }, paint) => `${stateMark(compensation.state, paint)} ${step.stepId}`,
    },
    { title: "SERVICE", cell: ({ step }) => step.serviceName },
    { title: "ACTION", cell: ({ step }) => step.compensateWith },
    { title: "STATE", cell: ({ compensation }, paint) => paintedState(compensation.state, paint) },
    { title: "ATTEMPT", cell: ({ compensation }) => String(compensation.attempt), align: "right" },
    { title: "TOOK", cell: ({ compensation }) => tookText(compensation, nowMs), align: "right" },
    {
      title: "REMARK",
      cell: ({ compensation }, paint) => shortened(undoRemark(compensation, paint, nowMs)),
    },
  ];
}
