import type { QueueSettings } from "../../../domain/tasks/queue.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import { addCounts } from "./counts.ts";
import { retentionKeyOf } from "./partitions.ts";

/** The columns of a task's row that its worker gets and its move needs. */
export type ReadyRow = Pick<
  TaskRow,
  | "id"
  | "queue_id"
  | "state"
  | "priority"
  | "attempt"
  | "attempt_base"
  | "start_ms"
  | "expire_ms"
  | "type"
  | "correlation_id"
  | "source_service"
  | "options"
  | "event_key"
  | "subscription_id"
  | "ordering_key"
  | "workflow_id"
  | "undoes"
  | "lane"
> & {
  readonly ready_key: number;
  readonly headers: string | null;
  readonly payload: Uint8Array | null;
  /** How many bytes the payloads of those before have. */
  readonly bytes_before: number;
  /** Its attempt has begun already. Default false. */
  readonly is_begun?: boolean;
};

const readyColumns =
  "id, queue_id, state, priority, ready_key, attempt, attempt_base, start_ms, expire_ms, type, correlation_id, source_service, options, " +
  "event_key, subscription_id, ordering_key, workflow_id, undoes, lane, headers";

/** Ready tasks of the queue `$1` that are in no lane. */
export const line = `FROM task_live AS task WHERE queue_id = $1 AND state = ${stateNumber.pending} AND lane IS NULL`;
/** The order of a line. */
export const inOrder = "ORDER BY priority DESC, ready_key, id";

/** Under which leases the next tasks of a line begin: by the place in the line, from the first on. */
export interface NextLeases {
  /** The workers, each once. */
  readonly workers: readonly string[];
  /** Which of the workers gets it, counted from 1. Empty: none begins. */
  readonly numbers: readonly number[];
  /** When its attempt begins. */
  readonly startMs: readonly number[];
  /** When its lease ends; `null`: it lives as long as its worker's stream. */
  readonly leaseMs: readonly (number | null)[];
  /** Tasks that expire until then are too late. */
  readonly nowMs: number;
  /** No other look belongs to the same run of claims. */
  readonly isOnly: boolean;
}

/** What a look at the line answers: a row for each task that it has locked, or one without `id` where there is none. */
export interface LookRow extends Omit<ReadyRow, "id"> {
  readonly id: number | null;
  readonly is_begun: boolean;
  /** How many tasks it has gone through; this and what follows in the first row, `null` in the others. */
  readonly seen: number | null;
  /** How many of these a claim may take, those included that others have locked. */
  readonly fit: number | null;
  /** Lanes of the queue hold ready tasks. */
  readonly has_lanes: boolean | null;
}

/**
 * The rows of `held`, each with the bytes of those before: payloads behind the one by which they get too large are not read, since claims may ask
 * for hundreds of tasks of a megabyte each.
 */
function sized(held: string, before = ""): string {
  return `WITH ${before} held AS MATERIALIZED (${held}), sized AS MATERIALIZED (
      SELECT *, row_number() OVER line AS number,
        (sum(coalesce(octet_length(content), 0)) OVER line - coalesce(octet_length(content), 0))::bigint AS bytes_before
      FROM held WINDOW line AS (${inOrder} ROWS UNBOUNDED PRECEDING)
    )`;
}

const heldColumns = `${readyColumns}, payload AS content`;
const asked = `${readyColumns}, bytes_before, CASE WHEN bytes_before <= $3::bigint THEN content END AS payload`;

/** Locks those of the tasks `$4` that are ready in the queue `$1`: the first `$2` of them. */
export const lockTasks = `${sized(
  `SELECT ${heldColumns} FROM task_live AS task WHERE id = ANY($4) AND state = ${stateNumber.pending} AND queue_id = $1
   ${inOrder} LIMIT $2 FOR UPDATE SKIP LOCKED`,
)} SELECT ${asked} FROM sized ${inOrder}`;

// Nothing, where there are lanes of types: then it is not the line alone that says who is next.
const noTypeLanes = `NOT EXISTS (SELECT FROM task_live AS aside WHERE aside.queue_id = $1 AND aside.state = ${stateNumber.pending}
  AND aside.lane IS NOT NULL AND aside.lane >= 'type:' AND aside.lane < 'type;')`;

const hasLanes = `EXISTS (SELECT FROM task_live AS aside
  WHERE aside.queue_id = $1 AND aside.state = ${stateNumber.pending} AND aside.lane IS NOT NULL)`;

/** What a look goes through. */
interface LookSql {
  /** Locks the next tasks. */
  readonly held: string;
  readonly before: string;
  readonly seen: string;
  readonly fit: string;
  /** Whether there is nothing more to take behind what it goes through. */
  readonly isAll: string;
}

/**
 * Locks the next tasks, and begins their attempts by the same statement, unless there is more to it: one is too late, or belongs to others, of
 * which its worker is given more, or there may be more to take behind what it has gone through.
 */
function look({ held, before, seen, fit, isAll }: LookSql): string {
  const inFirst = (value: string) => `CASE WHEN coalesce(number, 1) = 1 THEN ${value} END`;
  return `${sized(held, before)}, whether AS MATERIALIZED (
      SELECT cardinality($5::int[]) > 0 AND ${isAll}
        AND count(*) FILTER (WHERE expire_ms <= $8::bigint OR event_key IS NOT NULL OR workflow_id IS NOT NULL) = 0 AS begins FROM sized
    ), begun AS (
      UPDATE task_live AS task SET state = ${stateNumber.running}, attempt = task.attempt + 1, worker_id = ($4::text[])[($5::int[])[number]],
        start_ms = ($6::bigint[])[number], lease_ms = ($7::bigint[])[number], server_id = $9, lane_until_ms = NULL,
        retention_key = $10
      FROM sized, whether WHERE task.ctid = sized.place AND begins AND bytes_before <= $3::bigint RETURNING 1
    ), counted AS (
      ${addCounts("SELECT $1, $9, -count(*), count(*) FROM begun HAVING count(*) > 0", ["pending", "running"])}
    ) SELECT ${asked}, begins AND bytes_before <= $3::bigint AS is_begun,
      ${inFirst(seen)} AS seen, ${inFirst(fit)} AS fit, ${inFirst(hasLanes)} AS has_lanes,
      1 / CASE WHEN $11::bool AND NOT CASE WHEN sized.id IS NULL THEN ${seen} = 0 AND NOT ${hasLanes} ELSE begins END THEN 0 ELSE 1 END AS is_last
    FROM whether LEFT JOIN sized ON true ${inOrder}`;
}

const lookAll = look({
  held: `SELECT ctid AS place, ${heldColumns} ${line} AND ${noTypeLanes} ${inOrder} LIMIT $2 FOR UPDATE SKIP LOCKED`,
  before: "",
  seen: "(SELECT count(*) FROM sized)",
  fit: "(SELECT count(*) FROM sized)",
  isAll: "true",
});
const lookTypes = look({
  held: `SELECT ctid AS place, ${heldColumns} FROM task_live AS task WHERE ctid = ANY(ARRAY(SELECT place FROM seen WHERE type = ANY($13)))
     AND state = ${stateNumber.pending} AND queue_id = $1 ${inOrder} LIMIT $2 FOR UPDATE SKIP LOCKED`,
  before: `seen AS MATERIALIZED (SELECT ctid AS place, type ${line} AND ${noTypeLanes} ${inOrder} LIMIT $12),`,
  seen: "(SELECT count(*) FROM seen)",
  fit: "(SELECT count(*) FROM seen WHERE type = ANY($13))",
  isAll: "(SELECT count(*) FILTER (WHERE type = ANY($13)) >= least($2, count(*)) FROM seen)",
});

/** What a look is for. */
export interface Look {
  readonly queue: { readonly id: number; readonly settings: Pick<QueueSettings, "retention"> };
  /** Tasks, at most. */
  readonly n: number;
  readonly mostBytes: number;
  readonly leases: NextLeases;
  /** The server that watches what begins. */
  readonly serverId: number;
  /** It divides by zero, see `CommitAlong`, where it finds tasks and begins none, or where lanes hold others. */
  readonly isLast: boolean;
  /** What is of these types among the first `within`. Not set: the first ones. */
  readonly of?: { readonly types: readonly string[]; readonly within: number };
}

/** The statement of a look, with its values. Where there are lanes of types it finds nothing. */
export function lookOf({
  queue,
  n,
  mostBytes,
  leases: next,
  serverId,
  isLast,
  of,
}: Look): readonly [text: string, values: unknown[]] {
  const { workers, numbers, startMs, leaseMs, nowMs } = next;
  const retentionKey = retentionKeyOf(queue.settings.retention.completedMs);
  // An element of a list with NULL is found by going through those before: nearly always all are.
  const leases = leaseMs.every((each) => each === null) ? [] : leaseMs;
  const values = [queue.id, n, mostBytes, workers, numbers, startMs, leases, nowMs, serverId, retentionKey, isLast];
  return of === undefined ? [lookAll, values] : [lookTypes, [...values, of.within, of.types]];
}
