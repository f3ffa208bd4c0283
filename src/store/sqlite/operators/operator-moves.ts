import type { EndedLease } from "../../../domain/lease.ts";
import { isFinished, type TaskError } from "../../../domain/tasks/task.ts";
import { leaseOfRow } from "../../rows/operator-rows.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateOf, taskIs } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import type { Ordering } from "../tasks/ordering.ts";
import type { Transitions } from "../tasks/transitions.ts";

/** What operators do to one task, once it is decided that it may be done. */
export interface OperatorMoves {
  /** The key of the unfinished task that has the deduplication key of this one, which is finished, or is of another queue. */
  rivalOf(row: Pick<TaskRow, "queue_id" | "deduplication_key">): number | undefined;
  /** FAILED, CANCELLED → PENDING or BLOCKED; SCHEDULED → PENDING. */
  restart(row: TaskRow, nowMs: number): void;
  /** Any unfinished state → CANCELLED. Answers what ran until then. */
  cancel(row: TaskRow, error: TaskError, nowMs: number): EndedLease | null;
}

/** Creates the moves on an open database. */
export function createOperatorMoves(
  { db, queues }: Engine,
  transitions: Transitions,
  ordering: Ordering,
): OperatorMoves {
  const selectRival = db
    .prepare<[number, string], number>(
      `SELECT id FROM task WHERE queue_id = ? AND deduplication_key = ? AND deduplication_key IS NOT NULL AND ${taskIs.unfinished}`,
    )
    .pluck();

  return {
    rivalOf(row) {
      if (row.deduplication_key === null) return undefined;
      return selectRival.get(row.queue_id, row.deduplication_key);
    },

    restart(row, nowMs) {
      // Of a key only one delivery at a time; one that waits for its retry is that one.
      const isNew = row.subscription_id !== null && isFinished(stateOf(row.state));
      const to = isNew ? ordering.placeFor(row.subscription_id ?? 0, row.ordering_key) : "pending";
      transitions.restart(row, to, nowMs);
    },

    cancel(row, error, nowMs) {
      transitions.finalize(row, "cancelled", error, "cancelled", nowMs);
      return leaseOfRow(row, queues.byId(row.queue_id).name);
    },
  };
}
