import type { TaskState } from "../../../domain/tasks/task.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { Statements } from "../database/statements.ts";

/** A task as it is first written; fields that are not set are NULL. */
export interface TaskInsertion {
  readonly key: number;
  readonly queueId: number;
  readonly state: TaskState;
  readonly type: string;
  /** Default 0. */
  readonly priority?: number;
  /** Its place in line. Default: its key. */
  readonly readyKey?: number;
  readonly scheduleMs?: number | null;
  readonly expireMs?: number | null;
  readonly requestId?: string | null;
  readonly deduplicationKey?: string | null;
  readonly correlationId: string | null;
  readonly sourceService: string | null;
  readonly options: string | null;
  readonly headers?: string | null;
  readonly payload?: Uint8Array | null;
  readonly eventKey?: number;
  readonly subscriptionId?: number;
  readonly orderingKey?: string | null;
  readonly workflowId?: number;
  readonly undoes?: number;
  readonly lane?: string | null;
  readonly laneUntilMs?: number | null;
}

/** The columns of a new row, each with its type and the value of a task. */
const columns: readonly (readonly [name: string, type: string, value: (task: TaskInsertion) => unknown])[] = [
  ["id", "bigint", ({ key }) => key],
  ["queue_id", "int", ({ queueId }) => queueId],
  ["state", "smallint", ({ state }) => stateNumber[state]],
  ["priority", "smallint", ({ priority }) => priority ?? 0],
  ["ready_key", "bigint", ({ readyKey, key }) => readyKey ?? key],
  ["schedule_ms", "bigint", ({ scheduleMs }) => scheduleMs],
  ["expire_ms", "bigint", ({ expireMs }) => expireMs],
  ["type", "text", ({ type }) => type],
  ["request_id", "text", ({ requestId }) => requestId],
  ["deduplication_key", "text", ({ deduplicationKey }) => deduplicationKey],
  ["correlation_id", "text", ({ correlationId }) => correlationId],
  ["source_service", "text", ({ sourceService }) => sourceService],
  ["options", "text", ({ options }) => options],
  ["headers", "text", ({ headers }) => headers],
  ["payload", "bytea", ({ payload }) => payload && Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)],
  ["event_key", "bigint", ({ eventKey }) => eventKey],
  ["subscription_id", "int", ({ subscriptionId }) => subscriptionId],
  ["ordering_key", "text", ({ orderingKey }) => orderingKey],
  ["workflow_id", "bigint", ({ workflowId }) => workflowId],
  ["undoes", "int", ({ undoes }) => undoes],
  ["lane", "text", ({ lane }) => lane],
  ["lane_until_ms", "bigint", ({ laneUntilMs }) => laneUntilMs],
];

const insert = `INSERT INTO task (${columns.map(([name]) => name).join(", ")})
  SELECT * FROM unnest(${columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(", ")})`;

/**
 * Stores tasks by one statement. Counts and the log of changes are the caller's.
 *
 * @param onTaken what becomes of a task whose request id or deduplication key another one has: an error, which undoes the
 *   transaction, or nothing is stored of it. Default `fail`
 * @returns the keys of those that were stored
 */
export async function insertTasks(
  db: Statements,
  tasks: readonly TaskInsertion[],
  onTaken: "fail" | "skip" = "fail",
): Promise<ReadonlySet<number>> {
  if (tasks.length === 0) return new Set();
  const values = columns.map(([, , value]) => tasks.map((task) => value(task) ?? null));
  const text = onTaken === "skip" ? `${insert} ON CONFLICT DO NOTHING RETURNING id` : `${insert} RETURNING id`;
  const rows = await db.all<{ id: number }>(text, values);
  return new Set(rows.map(({ id }) => id));
}
