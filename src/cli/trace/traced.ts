import type { JsonObject } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { type Event, type Explanation, type Task, TaskState, type Workflow } from "../../client/index.ts";
import { eventJson } from "../events/event-json.ts";
import { basicTaskJson } from "../tasks/output/task-json.ts";
import { paintedState, taskRemark } from "../tasks/output/task-words.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { msOf } from "../terminal/times.ts";
import { workflowSummaryJson } from "../workflows/workflow-json.ts";
import { paintedWorkflowState, workflowRemark } from "../workflows/workflow-words.ts";

/** One thing that has a correlation id. */
export interface Traced {
  readonly atMs: number;
  /** Sorts by the order in which things were stored. */
  readonly key: string;
  readonly kind: "event" | "delivery" | "step" | "compensation" | "task" | "workflow";
  readonly id: string;
  /** What it is, in a few words. */
  readonly what: string;
  state(paint: Paint): string;
  /** How long it took, or has run, in milliseconds; `null`: nothing ran, or that is not known. */
  tookMs(nowMs: number): number | null;
  /** The worker that has it, or had it; empty: none. */
  readonly worker: string;
  remark(nowMs: number): string;
  readonly json: JsonObject;
}

/** An event. */
export function tracedEvent(event: Event): Traced {
  const { id, type, sourceService, subject, causationId, publishTime } = event;
  const about = subject === "" ? "" : ` about ${printable(subject)}`;
  const atMs = msOf(publishTime) ?? 0;
  return {
    atMs,
    key: event.position,
    kind: "event",
    id: printable(id),
    what: `${type} of ${printable(sourceService)}${about}`,
    state: () => "",
    tookMs: () => null,
    worker: "",
    remark: () => (causationId === "" ? "" : `caused by ${printable(causationId)}`),
    json: { kind: "event", time: new Date(atMs).toISOString(), event: eventJson(event) },
  };
}

/**
 * A task: one that was enqueued, a delivery, or a step of a workflow. Its time is when it began; of one that never began, when that
 * was decided; while it waits, when it was stored.
 */
export function tracedTask(task: Task, explanation?: Explanation): Traced {
  const kind = kindOf(task);
  const atMs = msOf(task.startTime) ?? msOf(task.finishTime) ?? msOf(task.createTime) ?? 0;
  return {
    atMs,
    key: task.id,
    kind,
    id: task.id,
    what: taskWords(task),
    state: (paint) => paintedState(task.state, paint),
    tookMs: (nowMs) => attemptMs(task, nowMs),
    worker: printable(task.workerId),
    remark: (nowMs) => taskRemark(task, nowMs, explanation),
    json: { kind, time: new Date(atMs).toISOString(), task: basicTaskJson(task) },
  };
}

function kindOf({ origin }: Task): "delivery" | "step" | "compensation" | "task" {
  if (origin === undefined) return "task";
  if (origin.workflowId !== "") return origin.isCompensation ? "compensation" : "step";
  // What ran again comes from another task, and from no event.
  return origin.eventId === "" ? "task" : "delivery";
}

/** How long the newest attempt took, or has run. A task that was cancelled may have waited when it was: then that is not known. */
function attemptMs({ state, startTime, finishTime }: Task, nowMs: number): number | null {
  const fromMs = msOf(startTime);
  if (fromMs === null) return null;
  if (state === TaskState.RUNNING) return Math.max(nowMs - fromMs, 0);
  const toMs = state === TaskState.COMPLETED || state === TaskState.FAILED ? msOf(finishTime) : null;
  return toMs === null ? null : Math.max(toMs - fromMs, 0);
}

function taskWords({ type, queue, origin }: Task): string {
  const work = `${type} in ${queue}`;
  if (origin === undefined) return work;
  if (origin.workflowId !== "") return `${origin.stepId}: ${work}`;
  // The subscription first: a narrow terminal cuts what is behind, and the event stands above.
  return `to ${origin.subscription}: ${work}, event ${printable(origin.eventId)}`;
}

/** A workflow. */
export function tracedWorkflow(workflow: Workflow): Traced {
  const atMs = msOf(workflow.createTime) ?? 0;
  return {
    atMs,
    key: workflow.id,
    kind: "workflow",
    id: workflow.id,
    what: workflow.name,
    state: (paint) => paintedWorkflowState(workflow.state, paint),
    tookMs: () => (workflow.duration === undefined ? null : durationMs(workflow.duration)),
    worker: "",
    remark: () => workflowRemark(workflow),
    json: { kind: "workflow", time: new Date(atMs).toISOString(), workflow: workflowSummaryJson(workflow) },
  };
}
