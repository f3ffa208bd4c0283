import type { TaskState } from "../../../domain/tasks/task.ts";
import { stateNumber } from "../../rows/task-states.ts";
import { type ListedColumn, listedRows } from "../database/listed-rows.ts";
import { isTaken } from "../database/sql-state.ts";
import type { Statements } from "../database/statements.ts";
import { removeRequests } from "./remove-rows.ts";

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

/** A column, and the value of a task. */
type Column = Pick<ListedColumn, "name" | "type" | "kind"> & { readonly value: (task: TaskInsertion) => unknown };

const plainColumns: readonly Column[] = [
  { name: "id", type: "bigint", kind: "each", value: ({ key }) => key },
  { name: "queue_id", type: "int", kind: "shared", value: ({ queueId }) => queueId },
  { name: "priority", type: "smallint", kind: "shared", value: ({ priority }) => priority ?? 0 },
  { name: "type", type: "text", kind: "shared", value: ({ type }) => type },
  { name: "source_service", type: "text", kind: "shared", value: ({ sourceService }) => sourceService },
  { name: "request_id", type: "text", kind: "rare", value: ({ requestId }) => requestId },
  { name: "correlation_id", type: "text", kind: "rare", value: ({ correlationId }) => correlationId },
  { name: "headers", type: "text", kind: "rare", value: ({ headers }) => headers },
  { name: "payload", type: "bytea", kind: "rare", value: ({ payload }) => payload },
];

const otherColumns: readonly Column[] = [
  { name: "state", type: "smallint", kind: "each", value: ({ state }) => stateNumber[state] },
  { name: "ready_key", type: "bigint", kind: "each", value: ({ readyKey, key }) => readyKey ?? key },
  { name: "schedule_ms", type: "bigint", kind: "each", value: ({ scheduleMs }) => scheduleMs },
  { name: "expire_ms", type: "bigint", kind: "each", value: ({ expireMs }) => expireMs },
  { name: "deduplication_key", type: "text", kind: "each", value: ({ deduplicationKey }) => deduplicationKey },
  { name: "options", type: "text", kind: "each", value: ({ options }) => options },
  { name: "event_key", type: "bigint", kind: "each", value: ({ eventKey }) => eventKey },
  { name: "subscription_id", type: "int", kind: "each", value: ({ subscriptionId }) => subscriptionId },
  { name: "ordering_key", type: "text", kind: "each", value: ({ orderingKey }) => orderingKey },
  { name: "workflow_id", type: "bigint", kind: "each", value: ({ workflowId }) => workflowId },
  { name: "undoes", type: "int", kind: "each", value: ({ undoes }) => undoes },
  { name: "lane", type: "text", kind: "each", value: ({ lane }) => lane },
  { name: "lane_until_ms", type: "bigint", kind: "each", value: ({ laneUntilMs }) => laneUntilMs },
];

const allColumns = [...plainColumns, ...otherColumns];
const [plainNames, allNames] = [plainColumns, allColumns].map((columns) => columns.map(({ name }) => name).join(", "));

/** Whether a task has nothing but what plain ones have. */
function isPlain(task: TaskInsertion): boolean {
  return otherColumns.every(({ name, value }) => {
    if (name === "state") return task.state === "pending";
    return name === "ready_key" ? value(task) === task.key : (value(task) ?? null) === null;
  });
}

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
  const { sql, requestsSql, values } = insertionOf(tasks);
  const returning = "RETURNING task.id";
  const skip = "ON CONFLICT DO NOTHING";
  const rows = await db.all<{ id: number }>(
    onTaken === "fail"
      ? `${withRequests(requestsSql)} ${sql} ${returning}`
      : requestsSql !== null
        ? `${withRequests(requestsSql, `${skip} RETURNING task_id`)} ${sql}
           WHERE request_id IS NULL OR id IN (SELECT task_id FROM asked) ${skip} ${returning}`
        : `${sql} ${skip} ${returning}`,
    values,
  );
  const stored = new Set(rows.map(({ id }) => id));
  const unused = tasks.filter(({ key, requestId = null }) => requestId !== null && !stored.has(key));
  await removeRequests(
    db,
    unused.map(({ key, requestId = null }) => ({ id: key, request_id: requestId })),
  );
  return stored;
}

/**
 * Stores tasks of which none has a deduplication key, without waiting for it, and nearly always with success: the look whether another one
 * has the request id takes a quarter of the time. Where one has, what is called next fails with the answer of `onTaken`.
 */
export function sendTasks(db: Statements, tasks: readonly TaskInsertion[], onTaken: () => Error): void {
  if (tasks.length === 0) return;
  const { sql, requestsSql, values } = insertionOf(tasks);
  db.send(`${withRequests(requestsSql)} ${sql}`, values, (error) => (isTaken(error) ? onTaken() : error));
}

/** How tasks are stored by one statement. */
interface Insertion {
  readonly sql: string;
  /** Stores the request ids; `null`: no task has one. */
  readonly requestsSql: string | null;
  readonly values: unknown[];
}

function insertionOf(tasks: readonly TaskInsertion[]): Insertion {
  const [columns, names, more] = tasks.every(isPlain)
    ? [plainColumns, plainNames, { names: ", state, ready_key", values: `, ${stateNumber.pending}, id` }]
    : [allColumns, allNames, { names: "", values: "" }];
  const listed = columns.map(({ value, ...column }) => ({
    ...column,
    values: tasks.map((task) => value(task) ?? null),
  }));
  const { sql, values, lists } = listedRows(listed);
  const [ids, requestIds] = [lists.get("id"), lists.get("request_id")];
  return {
    sql: `INSERT INTO task_live AS task (${names}${more.names}) SELECT ${names}${more.values} FROM (${sql}) AS added`,
    requestsSql:
      requestIds === undefined
        ? null
        : `INSERT INTO task_request (task_id, request_id) SELECT id, request_id
           FROM (SELECT unnest(${ids}) AS id, unnest(${requestIds}) AS request_id) AS asked WHERE request_id IS NOT NULL`,
    values,
  };
}

/** What stores request ids in front of a statement that stores tasks. @param more of the statement that stores them. Default: nothing */
function withRequests(requestsSql: string | null, more = ""): string {
  return requestsSql === null ? "" : `WITH asked AS (${requestsSql} ${more})`;
}
