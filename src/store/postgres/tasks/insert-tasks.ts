import type { TaskState } from "../../../domain/tasks/task.ts";
import { stateNumber } from "../../rows/task-states.ts";
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

/** A column, the type of its values, and the value of a task. */
type Column = readonly [name: string, type: string, value: (task: TaskInsertion) => unknown];

const plainColumns: readonly Column[] = [
  ["id", "bigint", ({ key }) => key],
  ["queue_id", "int", ({ queueId }) => queueId],
  ["priority", "smallint", ({ priority }) => priority ?? 0],
  ["type", "text", ({ type }) => type],
  ["request_id", "text", ({ requestId }) => requestId],
  ["correlation_id", "text", ({ correlationId }) => correlationId],
  ["source_service", "text", ({ sourceService }) => sourceService],
  ["headers", "text", ({ headers }) => headers],
  ["payload", "bytea", ({ payload }) => payload && Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)],
];

const otherColumns: readonly Column[] = [
  ["state", "smallint", ({ state }) => stateNumber[state]],
  ["ready_key", "bigint", ({ readyKey, key }) => readyKey ?? key],
  ["schedule_ms", "bigint", ({ scheduleMs }) => scheduleMs],
  ["expire_ms", "bigint", ({ expireMs }) => expireMs],
  ["deduplication_key", "text", ({ deduplicationKey }) => deduplicationKey],
  ["options", "text", ({ options }) => options],
  ["event_key", "bigint", ({ eventKey }) => eventKey],
  ["subscription_id", "int", ({ subscriptionId }) => subscriptionId],
  ["ordering_key", "text", ({ orderingKey }) => orderingKey],
  ["workflow_id", "bigint", ({ workflowId }) => workflowId],
  ["undoes", "int", ({ undoes }) => undoes],
  ["lane", "text", ({ lane }) => lane],
  ["lane_until_ms", "bigint", ({ laneUntilMs }) => laneUntilMs],
];

const allColumns = [...plainColumns, ...otherColumns];
/** Columns that tasks of one statement nearly always share: their values are sent once, unless one of them differs. */
const shared: ReadonlySet<string> = new Set(["queue_id", "priority", "type", "source_service"]);

/** How the values of a column are sent: a list, one for all tasks, or none, since all are NULL. */
type Form = "each" | "one" | "none";

/** The forms of columns, and the statement that stores tasks in them. */
interface Insert {
  readonly sql: string;
  /** Stores the request ids; `null`: no task has one. */
  readonly requestsSql: string | null;
}

/** By which columns there are, and their forms: of plain ones, so that they are few. */
const inserts = new Map<string, Insert>();

function insertOf(columns: readonly Column[], forms: readonly Form[]): Insert {
  const known = inserts.get(forms.join());
  if (known !== undefined) return known;
  const sent = columns
    .map(([name, type], index) => ({ name, type, form: forms[index] }))
    .filter(({ form }) => form !== "none")
    .map(({ name, type, form }, index) => ({ name, form, value: `$${index + 1}::${type}` }));
  // Row by row: `FROM unnest` with several lists puts each of them aside first, which is up to a tenth of what an insert takes.
  const rowsOf = (some: typeof sent) =>
    `SELECT ${some.map(({ name, value }) => `unnest(${value}[]) AS ${name}`).join(", ")}`;
  const columnsSent = sent.map(({ name, form, value }) => [name, form === "one" ? value : name] as const);
  const plain =
    columns === plainColumns
      ? ([
          ["state", stateNumber.pending],
          ["ready_key", "id"],
        ] as const)
      : [];
  const filled = [...columnsSent, ...plain];
  const requested = sent.filter(({ name }) => name === "id" || name === "request_id");
  const insert: Insert = {
    sql: `INSERT INTO task_live AS task (${filled.map(([name]) => name).join(", ")})
      SELECT ${filled.map(([, value]) => value).join(", ")} FROM (${rowsOf(sent.filter(({ form }) => form === "each"))}) AS added`,
    requestsSql:
      requested.length === 2
        ? `INSERT INTO task_request (task_id, request_id) SELECT id, request_id FROM (${rowsOf(requested)}) AS asked WHERE request_id IS NOT NULL`
        : null,
  };
  inserts.set(forms.join(), insert);
  return insert;
}

/** Whether a task has nothing but what plain ones have. */
function isPlain(task: TaskInsertion): boolean {
  return otherColumns.every(([name, , value]) => {
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

/** What stores request ids in front of a statement that stores tasks. @param more of the statement that stores them. Default: nothing */
function withRequests(requestsSql: string | null, more = ""): string {
  return requestsSql === null ? "" : `WITH asked AS (${requestsSql} ${more})`;
}

/** How tasks are stored by one statement. */
interface Insertion extends Insert {
  readonly values: unknown[];
}

function insertionOf(tasks: readonly TaskInsertion[]): Insertion {
  const columns = tasks.every(isPlain) ? plainColumns : allColumns;
  const lists = columns.map(([, , value]) => tasks.map((task) => value(task) ?? null));
  const areShared = columns.every(([name], index) => !shared.has(name) || areEqual(lists[index] as unknown[]));
  const forms = columns.map(([name], index): Form => {
    const isUsual = index < plainColumns.length;
    if (isUsual && (lists[index] as unknown[]).every((value) => value === null)) return "none";
    return areShared && shared.has(name) ? "one" : "each";
  });
  const values = lists.flatMap((list, index): unknown[] => {
    const form = forms[index];
    return form === "none" ? [] : [form === "one" ? list[0] : list];
  });
  return { ...insertOf(columns, forms), values };
}

function areEqual(list: readonly unknown[]): boolean {
  return list.every((value) => value === list[0]);
}
