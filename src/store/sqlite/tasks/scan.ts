import { keyOfId } from "../../../domain/ids.ts";
import { foldedText, type TaskFilter, type TaskOrder } from "../../../domain/operators/task-filter.ts";
import { type FullTaskRow, fullTaskColumns, type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, taskIs } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import { taskConditions } from "./task-conditions.ts";

/**
 * How many rows one call passes over at most: a few milliseconds, so that other calls do not wait long. Where their errors are read,
 * half as many: it takes twice as long.
 */
const scanRows = { bare: 20_000, withErrors: 10_000 };

/** A bounded part of the tasks that match a filter. */
export interface Scan<Row> {
  readonly rows: Row[];
  /** Go on behind this key; `null`: nothing is left. */
  readonly nextKey: number | null;
}

/** How the rows are reached: an index that ends in the id, and what it is asked for. Its text is ours, never a caller's. */
interface AccessPath {
  readonly from: string;
  readonly where: string;
}

const accessPaths = {
  all: { from: "task NOT INDEXED", where: "TRUE" },
  correlation: { from: "task INDEXED BY task_correlation", where: "correlation_id = @correlationId" },
  stopped: {
    from: "task INDEXED BY task_stopped",
    where: `queue_id = @queueId AND state = @state AND ${taskIs.stopped}`,
  },
  running: { from: "task INDEXED BY task_running", where: `state = ${stateNumber.running}` },
} as const satisfies Record<string, AccessPath>;

/** Reads a bounded part of the rows of a filter, behind this id; `null`: from the first. */
export type ScanTasks<Row> = (filter: TaskFilter, behindId: string | null, limit: number) => Scan<Row>;

/** The scans of tasks that verbs share: without what can be large, and whole. */
export interface TaskScans {
  readonly basic: Readonly<Record<TaskOrder, ScanTasks<TaskRow>>>;
  readonly full: Readonly<Record<TaskOrder, ScanTasks<FullTaskRow>>>;
}

/** Creates the scans of an open database. */
export function createTaskScans(engine: Engine): TaskScans {
  const both = <Row extends { readonly id: number }>(columns: string) => ({
    newest_first: createScan<Row>(engine, columns, "newest_first"),
    oldest_first: createScan<Row>(engine, columns, "oldest_first"),
  });
  return { basic: both<TaskRow>(taskColumns), full: both<FullTaskRow>(fullTaskColumns) };
}

/**
 * Makes a function that reads a bounded part of the rows of a filter.
 *
 * Ids are times, so every listing goes down the primary key or a partial index that ends in it. A call passes over a bounded
 * number of rows, whatever the filter leaves of them. The alternative, an index for each filter, every task would pay for:
 * two more of them cost a third of the rate at which rows settle.
 */
function createScan<Row extends { readonly id: number }>(
  { db, keys, queues }: Engine,
  columns: string,
  order: TaskOrder,
): ScanTasks<Row> {
  const isUpward = order === "oldest_first";
  const direction = isUpward ? "ASC" : "DESC";
  const statements = Object.fromEntries(
    Object.entries(accessPaths).map(([name, { from, where }]) => [
      name,
      {
        // The key at which the call ends: passing over rows by OFFSET decodes none of them.
        edge: db
          .prepare<object, number>(
            `SELECT id FROM ${from} WHERE ${where} AND id < @before AND id >= @after
             ORDER BY id ${direction} LIMIT 1 OFFSET @scanRows`,
          )
          .pluck(),
        rows: db.prepare<object, Row>(
          `SELECT ${columns} FROM ${from} WHERE ${where} AND id < @before AND id >= @after
             AND ${taskConditions}
           ORDER BY id ${direction} LIMIT @limit`,
        ),
      },
    ]),
  );

  return (filter, behindId, limit) => {
    const queue = filter.queue === null ? null : queues.byName(filter.queue);
    if (queue === undefined) return { rows: [], nextKey: null };
    const statement = statements[accessPathFor(filter)];
    if (statement === undefined) throw new Error("no such access path");

    const readsErrors = filter.errorType !== null || filter.errorText !== null;
    const range = {
      ...filter,
      queueId: queue?.id ?? null,
      errorText: filter.errorText === null ? null : foldedText(filter.errorText),
      scanRows: readsErrors ? scanRows.withErrors : scanRows.bare,
      state: filter.states.length === 1 && filter.states[0] !== undefined ? stateNumber[filter.states[0]] : null,
      states:
        filter.states.length === 0 ? -1 : filter.states.reduce((bits, state) => bits | (1 << stateNumber[state]), 0),
      before: filter.createdBeforeMs === null ? Number.MAX_SAFE_INTEGER : keys.at(filter.createdBeforeMs),
      after: filter.createdAfterMs === null ? 0 : keys.firstAt(filter.createdAfterMs),
      isBent: keys.isBent ? 1 : 0,
      fromMs: filter.createdAfterMs ?? 0,
      untilMs: filter.createdBeforeMs === null ? Number.MAX_SAFE_INTEGER : filter.createdBeforeMs - 1,
    };
    const behind = behindId === null ? null : (keyOfId(behindId) ?? 0);
    if (behind !== null && isUpward) range.after = Math.max(range.after, behind + 1);
    else if (behind !== null) range.before = Math.min(range.before, behind);
    const edge = statement.edge.get(range);
    if (edge !== undefined && isUpward) range.before = edge + 1;
    else if (edge !== undefined) range.after = edge;
    // One more than asked for tells whether there is a next page.
    const rows = statement.rows.all({ ...range, limit: limit + 1 });
    if (rows.length <= limit) return { rows, nextKey: edge ?? null };
    rows.pop();
    return { rows, nextKey: rows.at(-1)?.id ?? null };
  };
}

function accessPathFor({ correlationId, queue, states }: TaskFilter): keyof typeof accessPaths {
  const only = states.length === 1 ? states[0] : undefined;
  if (correlationId !== null) return "correlation";
  if (only === "running") return "running";
  return queue !== null && (only === "failed" || only === "cancelled") ? "stopped" : "all";
}
