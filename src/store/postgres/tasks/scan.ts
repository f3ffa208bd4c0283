import { keyOfId } from "../../../domain/ids.ts";
import { errorMatches, type TaskFilter, type TaskOrder } from "../../../domain/operators/task-filter.ts";
import type { TaskError } from "../../../domain/tasks/task.ts";
import { readJson } from "../../rows/json-column.ts";
import { type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, taskIs } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import { partitionIs } from "../rows/partitions.ts";
import { errorPartOf, inOrder, parameter, taskConditions } from "./task-conditions.ts";

/** How many rows one call passes over at most: other calls wait for it. Where their errors are read, half as many. */
const scanRows = { bare: 5_000, withErrors: 2_500 };

/** A bounded part of the tasks that match a filter. */
export interface Scan {
  readonly rows: TaskRow[];
  /** Go on behind this key; `null`: nothing is left. */
  readonly nextKey: number | null;
}

/** How the rows are reached: what the partial index is asked for that ends in the id. */
const accessPaths = {
  all: "TRUE",
  correlation: `correlation_id = ${parameter("correlationId")} AND correlation_id IS NOT NULL`,
  stopped: `queue_id = ${parameter("queueId")} AND state = (${parameter("states")})[1] AND ${taskIs.stopped} AND ${partitionIs.finished}`,
  running: `state = ${stateNumber.running}`,
} as const satisfies Record<string, string>;

/** Reads a bounded part of the rows of a filter, behind this id; `null`: from the first. */
export type ScanTasks = (filter: TaskFilter, order: TaskOrder, behindId: string | null, limit: number) => Promise<Scan>;

/**
 * Makes the function that reads a bounded part of the rows of a filter.
 *
 * Ids are times, so every listing goes along the primary key or a partial index that ends in it. A call passes over a bounded
 * number of rows, whatever the filter leaves of them: an index for each filter would be paid for by every task.
 */
export function createTaskScan({ db, keys, queues }: Pick<Engine, "db" | "keys" | "queues">): ScanTasks {
  return async (filter, order, behindId, limit) => {
    const queue = filter.queue === null ? null : (await queues.find([filter.queue])).get(filter.queue);
    if (queue === undefined) return { rows: [], nextKey: null };
    const readsErrors = filter.errorType !== null || filter.errorText !== null;
    const range = {
      ...filter,
      queueId: queue?.id ?? null,
      errorPart: errorPartOf(filter),
      scanRows: readsErrors ? scanRows.withErrors : scanRows.bare,
      limit: limit + 1,
      states: filter.states.length === 0 ? null : filter.states.map((state) => stateNumber[state]),
      before: filter.createdBeforeMs === null ? Number.MAX_SAFE_INTEGER : keys.at(filter.createdBeforeMs),
      after: filter.createdAfterMs === null ? 0 : keys.firstAt(filter.createdAfterMs),
      isBent: keys.isBent,
      fromMs: filter.createdAfterMs ?? 0,
      untilMs: filter.createdBeforeMs === null ? Number.MAX_SAFE_INTEGER : filter.createdBeforeMs - 1,
    };
    const behind = behindId === null ? null : (keyOfId(behindId) ?? 0);
    if (behind !== null && order === "oldest_first") range.after = Math.max(range.after, behind + 1);
    else if (behind !== null) range.before = Math.min(range.before, behind);

    const found = await db.all<TaskRow & Looked>(statements[order][accessPathFor(filter)], inOrder(range));
    const edge = found.find(({ is_edge: isEdge }) => isEdge);
    const rows: TaskRow[] = found.filter(({ matches }) => matches);
    // One more than asked for tells whether there is a next page.
    const hasMore = rows.length > limit;
    if (hasMore) rows.pop();
    const nextKey = hasMore ? (rows.at(-1)?.id ?? null) : (edge?.id ?? null);
    return {
      rows: readsErrors ? rows.filter(({ error }) => errorMatches(filter, readJson<TaskError>(error))) : rows,
      nextKey,
    };
  };
}

/** What a scan says of a row beside its columns. */
interface Looked {
  readonly matches: boolean;
  /** It is the last row at which the call looks, and there may be more. */
  readonly is_edge: boolean;
}

/**
 * The statement of an access path. The rows at which it looks are bounded first; those that match are of them, and the last of them comes in any
 * case: in the same statement, as other servers delete rows meanwhile.
 */
function statementOf(path: string, order: TaskOrder): string {
  const direction = order === "oldest_first" ? "ASC" : "DESC";
  const isEdge = `place > ${parameter("scanRows")}`;
  return `SELECT ${taskColumns}, matches, is_edge FROM (
      SELECT *, ${isEdge} AS is_edge, (${taskConditions}) AS matches FROM (
        SELECT ${taskColumns}, ready_key, row_number() OVER (ORDER BY id ${direction}) AS place FROM ${path === accessPaths.running ? "task_live AS task" : "task"}
        WHERE ${path} AND id < ${parameter("before")} AND id >= ${parameter("after")}
        ORDER BY id ${direction} LIMIT ${parameter("scanRows")} + 1
      ) AS task
    ) AS looked_at WHERE matches OR is_edge ORDER BY id ${direction} LIMIT ${parameter("limit")}`;
}

const statements = Object.fromEntries(
  (["newest_first", "oldest_first"] as const).map((order) => [
    order,
    Object.fromEntries(Object.entries(accessPaths).map(([name, path]) => [name, statementOf(path, order)])),
  ]),
) as Readonly<Record<TaskOrder, Record<keyof typeof accessPaths, string>>>;

function accessPathFor({ correlationId, queue, states }: TaskFilter): keyof typeof accessPaths {
  const only = states.length === 1 ? states[0] : undefined;
  if (correlationId !== null) return "correlation";
  if (only === "running") return "running";
  return queue !== null && (only === "failed" || only === "cancelled") ? "stopped" : "all";
}
