import type { TaskChange, TaskError, TaskState } from "../tasks/task.ts";

/** Which tasks are meant; every field that is not `null` must match. */
export interface TaskFilter {
  readonly queue: string | null;
  readonly type: string | null;
  /** Any of them; empty: all. */
  readonly states: readonly TaskState[];
  readonly correlationId: string | null;
  /** Inclusive. */
  readonly createdAfterMs: number | null;
  /** Exclusive. */
  readonly createdBeforeMs: number | null;
  /** Of the task's error; empty: it has one, without a type. */
  readonly errorType: string | null;
  /** A part of the message of the task's error, in any case. */
  readonly errorText: string | null;
  readonly workerId: string | null;
  readonly sourceService: string | null;
  /** Inclusive, as all of these. */
  readonly minAttempt: number | null;
  readonly maxAttempt: number | null;
  readonly minPriority: number | null;
  readonly maxPriority: number | null;
  /** It came into its state then or before. No change matches it: a change is new. */
  readonly inStateSinceMs: number | null;
}

/** In which order tasks are listed, by the time of their creation. */
export type TaskOrder = "newest_first" | "oldest_first";

/** The filter that every task matches. */
export const everyTask: TaskFilter = {
  queue: null,
  type: null,
  states: [],
  correlationId: null,
  createdAfterMs: null,
  createdBeforeMs: null,
  errorType: null,
  errorText: null,
  workerId: null,
  sourceService: null,
  minAttempt: null,
  maxAttempt: null,
  minPriority: null,
  maxPriority: null,
  inStateSinceMs: null,
};

/** A text in which upper and lower case are the same. */
export function foldedText(text: string): string {
  return text.toLowerCase();
}

/** Whether a change is one that a watcher with this filter asked for. */
export function changeMatches(filter: TaskFilter, change: TaskChange): boolean {
  return (
    isOrAny(filter.queue, change.queue) &&
    isOrAny(filter.type, change.type) &&
    (filter.states.length === 0 || (change.state !== null && filter.states.includes(change.state))) &&
    isOrAny(filter.correlationId, change.correlationId) &&
    (filter.createdAfterMs === null || change.createMs >= filter.createdAfterMs) &&
    (filter.createdBeforeMs === null || change.createMs < filter.createdBeforeMs) &&
    isOrAny(filter.workerId, change.workerId) &&
    isOrAny(filter.sourceService, change.sourceService) &&
    isWithin(filter.minAttempt, change.attempt, filter.maxAttempt) &&
    isWithin(filter.minPriority, change.priority, filter.maxPriority) &&
    errorMatches(filter, change.error) &&
    filter.inStateSinceMs === null
  );
}

function isOrAny(wanted: string | null, value: string | null): boolean {
  return wanted === null || wanted === value;
}

function isWithin(least: number | null, value: number, most: number | null): boolean {
  return (least === null || value >= least) && (most === null || value <= most);
}

/** Whether the error of a task is one that a filter asks for. */
export function errorMatches(
  { errorType, errorText }: TaskFilter,
  error: Pick<TaskError, "type" | "message"> | null,
): boolean {
  if (errorType === null && errorText === null) return true;
  if (error === null) return false;
  return (
    isOrAny(errorType, error.type) && (errorText === null || foldedText(error.message).includes(foldedText(errorText)))
  );
}
