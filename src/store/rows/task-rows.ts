/** Rows of the database to records of the domain, and back. */

import { notBefore } from "../../domain/clock.ts";
import type { EndedAttempt } from "../../domain/tasks/attempt-history.ts";
import {
  type AttemptBounds,
  type AttemptPolicy,
  attemptBounds,
  attemptPolicy,
} from "../../domain/tasks/attempt-policy.ts";
import type { QueueSettings } from "../../domain/tasks/queue.ts";
import { attemptOutcomes, type TaskAttempt, type TaskError } from "../../domain/tasks/task.ts";
import type { TaskOptions } from "../../domain/tasks/task-options.ts";
import { readJson } from "./json-column.ts";

/** A row of `task` without what can be large. */
export interface TaskRow {
  readonly id: number;
  readonly queue_id: number;
  readonly state: number;
  readonly priority: number;
  readonly attempt: number;
  readonly attempt_base: number;
  readonly start_ms: number | null;
  readonly finish_ms: number | null;
  readonly schedule_ms: number | null;
  readonly expire_ms: number | null;
  readonly lease_ms: number | null;
  readonly type: string;
  readonly worker_id: string | null;
  readonly request_id: string | null;
  readonly deduplication_key: string | null;
  readonly correlation_id: string | null;
  readonly source_service: string | null;
  readonly options: string | null;
  readonly error: string | null;
  readonly progress: string | null;
  readonly event_key: number | null;
  readonly subscription_id: number | null;
  readonly ordering_key: string | null;
  readonly workflow_id: number | null;
  readonly undoes: number | null;
  /** Where it stands when it is ready, beside the line; `null`: in line. */
  readonly lane: string | null;
  /** The server that watches its lease, where it was read; a file has no such column. */
  readonly server_id?: number | null;
}

/** The columns of a TaskRow, as both engines have them. */
export const taskColumns =
  "id, queue_id, state, priority, attempt, attempt_base, start_ms, finish_ms, schedule_ms, expire_ms, lease_ms, type, " +
  "worker_id, request_id, deduplication_key, correlation_id, source_service, options, error, progress, event_key, " +
  "subscription_id, ordering_key, workflow_id, undoes, lane";

/** A row of `task` with its result. */
export interface ResultRow extends TaskRow {
  readonly result: Uint8Array | null;
  readonly result_checksum: number | null;
}

/** The columns of a ResultRow. */
export const resultColumns = `${taskColumns}, result, result_checksum`;

/** A row of `task`, whole. */
export interface FullTaskRow extends ResultRow {
  readonly headers: string | null;
  readonly payload: Uint8Array | null;
  readonly checksum: number | null;
}

/** The columns of a FullTaskRow. */
export const fullTaskColumns = `${resultColumns}, headers, payload, checksum`;

/** The options of a row. */
export function optionsOf(row: Pick<TaskRow, "options">): TaskOptions {
  return readJson<TaskOptions>(row.options) ?? {};
}

/** The bounds in force for the attempts of a row. */
export function boundsOf(
  row: Pick<TaskRow, "options" | "attempt_base">,
  { settings }: { readonly settings: QueueSettings },
): AttemptBounds {
  return attemptBounds(optionsOf(row), row.attempt_base, settings);
}

/** The policy in force for the attempts of a row. */
export function policyOf(
  row: Pick<TaskRow, "options" | "attempt_base">,
  { settings }: { readonly settings: QueueSettings },
): AttemptPolicy {
  return attemptPolicy(optionsOf(row), row.attempt_base, settings);
}

/** A row of `attempt`. */
export interface AttemptRow {
  readonly attempt: number;
  readonly worker_id: string;
  readonly start_ms: number;
  readonly finish_ms: number;
  readonly outcome: number;
  readonly error: string | null;
}

/** An attempt on record. */
export function endedAttemptOf(row: Omit<AttemptRow, "error">): EndedAttempt {
  return {
    attempt: row.attempt,
    workerId: row.worker_id,
    startMs: row.start_ms,
    finishMs: notBefore(row.start_ms, row.finish_ms),
    outcome: attemptOutcomes[row.outcome - 1] ?? null,
  };
}

/** An attempt on record, with its error. */
export function taskAttemptOf(row: AttemptRow): TaskAttempt {
  return { ...endedAttemptOf(row), error: readJson<TaskError>(row.error) };
}
