import type { EndedLease } from "../../../domain/lease.ts";
import { isFinished, type Task, type TaskError } from "../../../domain/tasks/task.ts";
import { deduplicationName, leaseOfRow } from "../../rows/operator-rows.ts";
import { type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateOf, taskIs } from "../../rows/task-states.ts";
import { isTaken, Repeatable } from "../database/sql-state.ts";
import type { Engine } from "../engine/engine.ts";
import type { Ordering } from "../tasks/ordering.ts";
import { tasksOf } from "../tasks/task-content.ts";
import type { Transitions } from "../tasks/transitions.ts";

/** The keys of unfinished tasks, by the deduplication keys that they have, as `deduplicationName` says. */
export type Rivals = Map<string, number>;

/** What operators do to tasks, once it is decided that it may be done. */
export interface OperatorMoves {
  /** Locks and reads rows; answers them by their keys. */
  lock(keys: readonly number[]): Promise<ReadonlyMap<number, TaskRow>>;
  /** The unfinished tasks that have the deduplication keys of these, which are finished, or are of another queue. */
  rivalsOf(rows: readonly Pick<TaskRow, "queue_id" | "deduplication_key">[]): Promise<Rivals>;
  /** FAILED, CANCELLED → PENDING or BLOCKED; SCHEDULED → PENDING; in this order. */
  restart(rows: readonly TaskRow[], nowMs: number): Promise<void>;
  /** Any unfinished state → CANCELLED. Answers what ran until then, by the tasks' keys. */
  cancel(rows: readonly TaskRow[], error: TaskError, nowMs: number): Promise<ReadonlyMap<number, EndedLease>>;
  /** The tasks as they are now, without what can be large, by their keys. */
  tasksNow(keys: readonly number[]): Promise<ReadonlyMap<number, Task>>;
}

/**
 * Runs a write that gives unfinished tasks deduplication keys. Where another server gives one to another task meanwhile, the transaction is
 * repeated, and finds that task.
 */
export async function takingKeys<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw isTaken(error) ? new Repeatable() : error;
  }
}

/** Creates the moves. */
export function createOperatorMoves(engine: Engine, transitions: Transitions, ordering: Ordering): OperatorMoves {
  const { db, queues } = engine;
  return {
    async lock(keys) {
      const rows = await db.all<TaskRow>(
        `SELECT ${taskColumns}, server_id FROM task WHERE id = ANY($1) ORDER BY id FOR UPDATE`,
        [keys],
      );
      return new Map(rows.map((row) => [row.id, row]));
    },

    async rivalsOf(rows) {
      const withKey = rows.filter((row) => row.deduplication_key !== null);
      if (withKey.length === 0) return new Map();
      const rivals = await db.all<Pick<TaskRow, "id" | "queue_id" | "deduplication_key">>(
        `SELECT rival.id, rival.queue_id, rival.deduplication_key
         FROM unnest($1::int[], $2::text[]) AS wanted (queue_id, deduplication_key), LATERAL (
           SELECT id, queue_id, deduplication_key FROM task_live AS task
           WHERE task.queue_id = wanted.queue_id AND task.deduplication_key = wanted.deduplication_key
             AND task.deduplication_key IS NOT NULL AND ${taskIs.unfinished} LIMIT 1
         ) AS rival`,
        [withKey.map((row) => row.queue_id), withKey.map((row) => row.deduplication_key)],
      );
      return new Map(rivals.map((rival) => [deduplicationName(rival) ?? "", rival.id]));
    },

    async restart(rows, nowMs) {
      // Of a key only one delivery at a time; one that waits for its retry is that one.
      const finished = rows.filter((row) => row.subscription_id !== null && isFinished(stateOf(row.state)));
      const places = await ordering.placesFor(
        finished.map((row) => ({ subscriptionId: row.subscription_id ?? 0, orderingKey: row.ordering_key })),
      );
      const blocked = new Set(finished.filter((_, index) => places[index] === "blocked"));
      const others = rows.filter((row) => !blocked.has(row));
      await takingKeys(() => transitions.restart(others, "pending", nowMs));
      await transitions.restart([...blocked], "blocked", nowMs);
    },

    async cancel(rows, error, nowMs) {
      const names = await queues.byId(rows.map((row) => row.queue_id));
      await transitions.finalize(
        rows.map((row) => ({ row, to: "cancelled", error, outcome: "cancelled" })),
        nowMs,
      );
      return new Map(
        rows.flatMap((row) => {
          const lease = leaseOfRow(row, names.get(row.queue_id)?.name ?? "");
          return lease === null ? [] : [[row.id, lease]];
        }),
      );
    },

    async tasksNow(keys) {
      const rows = await db.all<TaskRow>(`SELECT ${taskColumns} FROM task WHERE id = ANY($1)`, [keys]);
      const tasks = await tasksOf(rows, engine);
      return new Map(rows.flatMap(({ id }, index) => (tasks[index] === undefined ? [] : [[id, tasks[index]]])));
    },
  };
}
