import type { Event } from "../../../../gen/sitq/v1/event_pb.js";
import type { Explanation } from "../../../../gen/sitq/v1/explanation_pb.js";
import { type Task, TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { type Workflow, WorkflowState } from "../../../../gen/sitq/v1/workflow_service_pb.js";
import { enumName, msOf } from "../../ui/text.ts";

/** What an entry of a trace is, as `sitq trace` calls it. */
export const entryKinds = ["event", "delivery", "workflow", "step", "compensation", "task"] as const;
/** What an entry of a trace is. */
export type EntryKind = (typeof entryKinds)[number];

/** One thing that has the correlation id. */
export interface Entry {
  readonly kind: EntryKind;
  readonly id: string;
  /** Sorts by the order in which things were stored: events, tasks and workflows share one sequence. */
  readonly key: string;
  /** What it is, in a few words. */
  readonly what: string;
  /** The word of its state; empty: it has none. */
  readonly state: string;
  readonly createMs: number;
  /** When it began, its newest attempt; `null`: it has not. */
  readonly startMs: number | null;
  /** When it ended; `null`: it has not. */
  readonly endMs: number | null;
  readonly isRunning: boolean;
  /** Attempts of a task that were handed out. */
  readonly attempt: number;
  readonly worker: string;
  /** Why it did not complete; empty: it did, or has not ended. */
  readonly error: string;
  readonly explanation: Explanation | undefined;
  /** The source of an event, which its id belongs to. */
  readonly sourceService: string;
  /** What set it off, as far as it says so. */
  readonly cause: Cause | null;
}

/** What set something off. */
export type Cause =
  | { readonly kind: "workflow" | "task"; readonly id: string }
  | { readonly kind: "event"; readonly id: string; readonly sourceService: string }
  /** The id of an event, a task or a workflow, as the publisher of an event names it. */
  | { readonly kind: "any"; readonly id: string };

/** An event. */
export function eventEntry(event: Event): Entry {
  const { id, type, sourceService, subject, causationId, position, publishTime } = event;
  const atMs = msOf(publishTime) ?? 0;
  return {
    kind: "event",
    id,
    key: position,
    what: `${type} of ${sourceService}${subject === "" ? "" : ` about ${subject}`}`,
    state: "",
    createMs: atMs,
    startMs: atMs,
    endMs: atMs,
    isRunning: false,
    attempt: 0,
    worker: "",
    error: "",
    explanation: undefined,
    sourceService,
    cause: causationId === "" ? null : { kind: "any", id: causationId },
  };
}

/** A task: one that was enqueued, a delivery, or a step of a workflow. */
export function taskEntry(task: Task, explanation?: Explanation): Entry {
  const { id, state, createTime, startTime, finishTime, attempt, workerId, lastError } = task;
  return {
    kind: taskKind(task),
    id,
    key: id,
    what: taskWords(task),
    state: enumName(TaskState, state),
    createMs: msOf(createTime) ?? 0,
    startMs: msOf(startTime),
    endMs: msOf(finishTime),
    isRunning: state === TaskState.RUNNING,
    attempt,
    worker: workerId,
    error: state === TaskState.COMPLETED ? "" : lastError?.message || lastError?.type || "",
    explanation,
    sourceService: "",
    cause: taskCause(task),
  };
}

function taskKind({ origin }: Task): EntryKind {
  if (origin === undefined) return "task";
  if (origin.workflowId !== "") return origin.isCompensation ? "compensation" : "step";
  return origin.eventId === "" ? "task" : "delivery";
}

function taskWords({ type, queue, origin }: Task): string {
  const work = `${type} in ${queue}`;
  if (origin === undefined) return work;
  if (origin.workflowId !== "") return `${origin.stepId}: ${work}`;
  return origin.subscription === "" ? work : `to ${origin.subscription}: ${work}`;
}

function taskCause({ origin }: Task): Cause | null {
  if (origin === undefined) return null;
  const { workflowId, eventId, eventSourceService, rerunOfTaskId } = origin;
  if (rerunOfTaskId !== "") return { kind: "task", id: rerunOfTaskId };
  if (workflowId !== "") return { kind: "workflow", id: workflowId };
  return eventId === "" ? null : { kind: "event", id: eventId, sourceService: eventSourceService };
}

/** A workflow. Its steps are entries of their own. */
export function workflowEntry(workflow: Workflow): Entry {
  const { id, name, state, createTime, startTime, finishTime, failure, wait } = workflow;
  const isOver = finishTime !== undefined;
  return {
    kind: "workflow",
    id,
    key: id,
    what: name,
    state: enumName(WorkflowState, state),
    createMs: msOf(createTime) ?? 0,
    startMs: msOf(startTime),
    endMs: msOf(finishTime),
    isRunning: !isOver && startTime !== undefined,
    attempt: 0,
    worker: "",
    error: failure?.error?.message || failure?.error?.type || "",
    explanation: wait?.explanation,
    sourceService: "",
    cause: null,
  };
}
