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
const insertAll = insertSql(allColumns, "", "");
// Most tasks ask for nothing special: lists of nothing would have to be sent and taken apart.
const insertPlain = insertSql(plainColumns, ", state, ready_key", `, ${stateNumber.pending}, id`);

function insertSql(columns: readonly Column[], moreNames: string, moreValues: string): string {
  const names = columns.map(([name]) => name).join(", ");
  // Row by row: `FROM unnest` with several lists puts each of them aside first, which is up to a tenth of what an insert takes.
  const lists = columns.map(([name, type], index) => `unnest($${index + 1}::${type}[]) AS ${name}`).join(", ");
  return `INSERT INTO task_live AS task (${names}${moreNames}) SELECT ${names}${moreValues} FROM (SELECT ${lists}) AS added`;
}

const [idPlace, requestPlace] = ["id", "request_id"].map(
  (sought) => plainColumns.findIndex(([name]) => name === sought) + 1,
);
/** Stores the request ids of tasks, by the lists of their columns. */
const insertRequests = `INSERT INTO task_request (request_id, task_id)
  SELECT request_id, task_id FROM (SELECT unnest($${requestPlace}::text[]) AS request_id, unnest($${idPlace}::bigint[]) AS task_id) AS asked
  WHERE request_id IS NOT NULL`;

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
  const { insert, values, hasRequests } = insertionOf(tasks);
  const returning = "RETURNING task.id";
  const skip = "ON CONFLICT DO NOTHING";
  const rows = await db.all<{ id: number }>(
    onTaken === "fail"
      ? `${withRequests(hasRequests)} ${insert} ${returning}`
      : hasRequests
        ? `${withRequests(true, `${skip} RETURNING task_id`)} ${insert}
           WHERE request_id IS NULL OR id IN (SELECT task_id FROM asked) ${skip} ${returning}`
        : `${insert} ${skip} ${returning}`,
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
  const { insert, values, hasRequests } = insertionOf(tasks);
  db.send(`${withRequests(hasRequests)} ${insert}`, values, (error) => (isTaken(error) ? onTaken() : error));
}

/** What stores request ids in front of a statement that stores tasks. @param more of the statement that stores them. Default: nothing */
function withRequests(hasRequests: boolean, more = ""): string {
  return hasRequests ? `WITH asked AS (${insertRequests} ${more})` : "";
}

/** How tasks are stored by one statement. */
interface Insertion {
  readonly insert: string;
  readonly values: unknown[][];
  /** Some have request ids. */
  readonly hasRequests: boolean;
}

function insertionOf(tasks: readonly TaskInsertion[]): Insertion {
  const [insert, columns] = tasks.every(isPlain) ? [insertPlain, plainColumns] : [insertAll, allColumns];
  return {
    insert,
    values: columns.map(([, , value]) => tasks.map((task) => value(task) ?? null)),
    hasRequests: tasks.some(({ requestId = null }) => requestId !== null),
  };
}
