import { limits } from "../../../contract/limits.ts";
import type { BackInQueue } from "../../../domain/tasks/attempt-end.ts";
import type { AttemptOutcome, TaskError, TaskState } from "../../../domain/tasks/task.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { outcomeNumber, stateNumber, stateOf } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import { finishedPartition, partitionIs, partitionKey, retentionKeyOf } from "../rows/partitions.ts";
import { createFailureCounts } from "./failure-counts.ts";
import { removeRows } from "./remove-rows.ts";

/** The part of a row that its move is about, as it was before. */
export type MovedRow = Pick<
  TaskRow,
  "id" | "queue_id" | "state" | "subscription_id" | "ordering_key" | "workflow_id" | "undoes"
> & {
  /** In which part it is, where that was read. */
  readonly partition_key?: number;
  /** When its attempt began, if one ran. */
  readonly start_ms?: number | null;
};

/** The columns of a MovedRow. */
export const movedColumns =
  "id, queue_id, state, subscription_id, ordering_key, workflow_id, undoes, start_ms, partition_key";

/**
 * Does what follows from moves of tasks that belong to others, in the same transaction. They are all into one state; `null`: they are
 * about to be deleted.
 */
export type Follower = (rows: readonly MovedRow[], to: TaskState | null, nowMs: number) => Promise<void>;

/** A task that comes to an end without being completed. */
export interface FinalMove {
  readonly row: TaskRow;
  readonly to: "failed" | "cancelled";
  readonly error: TaskError;
  /** What an attempt that runs is put on record with. */
  readonly outcome: AttemptOutcome;
}

/** A running task that goes back. */
export interface ReturnMove {
  readonly row: TaskRow;
  readonly end: BackInQueue;
}

/**
 * The moves that several verbs make, each of many tasks at once. Rows are locked by their caller (`FOR UPDATE`, in the order of their
 * keys). Each move writes the rows, the counts and the change log together, and sets off what follows from it.
 */
export interface Transitions {
  /**
   * Counts, notes and follows up moves whose rows are written already, or about to be deleted.
   *
   * @param isCounted the statement that wrote them has counted them in `queue_count`. Default false
   */
  moved(rows: readonly MovedRow[], to: TaskState | null, nowMs: number, isCounted?: boolean): Promise<void>;
  /** Any unfinished state → FAILED or CANCELLED. */
  finalize(moves: readonly FinalMove[], nowMs: number): Promise<void>;
  /** RUNNING → PENDING or SCHEDULED, as the ends of their attempts say; attempts with an outcome are put on record. */
  returnToQueue(moves: readonly ReturnMove[], nowMs: number): Promise<void>;
  /** BLOCKED → PENDING, at the end of the line and in this order; those that are not BLOCKED stay as they are. */
  unblock(keys: readonly number[], nowMs: number): Promise<void>;
  /**
   * FAILED, CANCELLED → PENDING or BLOCKED with a fresh allowance of attempts; SCHEDULED → PENDING as it is. At the end of the
   * line, in this order.
   */
  restart(rows: readonly TaskRow[], to: "pending" | "blocked", nowMs: number): Promise<void>;
  /** Anything that does not run → gone. */
  remove(rows: readonly MovedRow[], nowMs: number): Promise<void>;
  /** Registers a follower of the moves of tasks that belong to a workflow or subscription. */
  follow(follower: Follower): void;
}

/** Creates the transitions of an engine. */
export function createTransitions({ db, queues, changes, keys, tallies }: Engine): Transitions {
  const failures = createFailureCounts(db);
  const followers: Follower[] = [];

  /** Puts ended attempts on record. */
  async function record(ends: readonly EndedRow[], nowMs: number): Promise<void> {
    if (ends.length === 0) return;
    const ids = ends.map(({ row }) => row.id);
    if (tallies !== null) {
      const known = await queues.byId(ends.map(({ row }) => row.queue_id));
      for (const { row, outcome } of ends) {
        const queue = known.get(row.queue_id);
        if (queue !== undefined) tallies.attemptEnded(queue, outcome, row.start_ms, nowMs);
      }
    }
    await db.run(
      `INSERT INTO attempt (task_id, seq, attempt, worker_id, start_ms, finish_ms, outcome, error)
       SELECT ended.id, coalesce((SELECT max(seq) FROM attempt WHERE task_id = ended.id), 0) + 1, ended.attempt, ended.worker_id,
         ended.start_ms, $5, ended.outcome, ended.error
       FROM unnest($1::bigint[], $2::int[], $3::text[], $4::bigint[], $6::int[], $7::text[])
         AS ended (id, attempt, worker_id, start_ms, outcome, error)`,
      [
        ids,
        ends.map(({ row }) => row.attempt),
        ends.map(({ row }) => row.worker_id),
        ends.map(({ row }) => row.start_ms),
        nowMs,
        ends.map(({ outcome }) => outcomeNumber(outcome)),
        ends.map(({ error }) => error && JSON.stringify(error)),
      ],
    );
    await db.run(
      `DELETE FROM attempt USING (SELECT task_id AS id, max(seq) AS last FROM attempt WHERE task_id = ANY($1) GROUP BY task_id) AS newest
       WHERE task_id = newest.id AND seq <= newest.last - $2`,
      [ids, limits.keptAttempts],
    );
  }

  async function moved(
    rows: readonly MovedRow[],
    to: TaskState | null,
    nowMs: number,
    isCounted = false,
  ): Promise<void> {
    if (rows.length === 0) return;
    const known = await queues.byId(rows.map((row) => row.queue_id));
    for (const row of rows) {
      queues.move(row.queue_id, stateOf(row.state), to, row.subscription_id, isCounted);
      if (to === "pending") changes.noteReady(known.get(row.queue_id)?.name ?? "");
    }
    if (to !== null) {
      const ids = rows.map(({ id }) => id);
      await changes.note(ids, to, nowMs);
    }
    const followed = rows.filter(belongsToOthers);
    if (followed.length === 0) return;
    for (const follower of followers) await follower(followed, to, nowMs);
  }

  return {
    moved,
    follow: (follower) => void followers.push(follower),

    async finalize(moves, nowMs) {
      if (moves.length === 0) return;
      await record(
        moves.filter(({ row }) => row.state === stateNumber.running),
        nowMs,
      );
      const known = await queues.byId(moves.map(({ row }) => row.queue_id));
      await db.run(
        `UPDATE task SET state = final.state, finish_ms = $4, error = final.error, lease_ms = NULL, progress = NULL,
           partition_key = ${finishedPartition("final.partition_key")}
         FROM unnest($1::bigint[], $2::int[], $3::text[], $5::bigint[]) AS final (id, state, error, partition_key)
         WHERE task.id = final.id AND ${partitionIs.live}`,
        [
          moves.map(({ row }) => row.id),
          moves.map(({ to }) => stateNumber[to]),
          moves.map(({ error }) => JSON.stringify(error)),
          nowMs,
          moves.map(({ row, to }) => {
            const retentionKey = retentionKeyOf(
              known.get(row.queue_id)?.settings.retention[`${to}Ms`] ?? Number.POSITIVE_INFINITY,
            );
            return retentionKey === null || row.workflow_id !== null ? null : nowMs + retentionKey;
          }),
        ],
      );
      const [failed, cancelled] = (["failed", "cancelled"] as const).map((state) =>
        moves.filter(({ to }) => to === state).map(({ row }) => row),
      );
      await failures.entered(
        (failed ?? []).map(({ id }) => id),
        nowMs,
      );
      await moved(failed ?? [], "failed", nowMs);
      await moved(cancelled ?? [], "cancelled", nowMs);
    },

    async returnToQueue(moves, nowMs) {
      if (moves.length === 0) return;
      const ended = moves.flatMap(({ row, end: { outcome, error } }): EndedRow[] =>
        outcome === null ? [] : [{ row, outcome, error }],
      );
      await record(ended, nowMs);
      if (tallies !== null) {
        const counted = moves.filter(({ end }) => end.countsAsAttempt);
        const known = await queues.byId(counted.map(({ row }) => row.queue_id));
        for (const { row } of counted) {
          const queue = known.get(row.queue_id);
          if (queue !== undefined) tallies.retried(queue);
        }
      }
      await db.run(
        `UPDATE task_live AS task SET state = back.state, attempt = back.attempt, schedule_ms = coalesce(back.ready_ms, schedule_ms),
           ready_key = coalesce(back.ready_key, task.ready_key), error = coalesce(back.error, task.error),
           worker_id = CASE WHEN back.counts THEN worker_id END, start_ms = CASE WHEN back.counts THEN start_ms END,
           lease_ms = NULL, progress = NULL
         FROM unnest($1::bigint[], $2::int[], $3::int[], $4::bool[], $5::bigint[], $6::bigint[], $7::text[])
           AS back (id, state, attempt, counts, ready_ms, ready_key, error)
         WHERE task.id = back.id`,
        [
          moves.map(({ row }) => row.id),
          moves.map(({ end }) => stateNumber[end.to]),
          moves.map(({ row, end }) => (end.countsAsAttempt ? row.attempt : row.attempt - 1)),
          moves.map(({ end }) => end.countsAsAttempt),
          moves.map(({ end }) => end.readyMs),
          moves.map(({ end: { readyMs } }) => (readyMs === null ? null : keys.at(readyMs))),
          moves.map(({ end: { error } }) => error && JSON.stringify(error)),
        ],
      );
      for (const state of ["pending", "scheduled"] as const) {
        await moved(
          moves.filter(({ end }) => end.to === state).map(({ row }) => row),
          state,
          nowMs,
        );
      }
    },

    async unblock(blocked, nowMs) {
      if (blocked.length === 0) return;
      const first = await keys.take(blocked.length, nowMs);
      const rows = await db.all<MovedRow>(
        `UPDATE task_live AS task SET state = ${stateNumber.pending}, ready_key = $2 + unblocked.place - 1
         FROM unnest($1::bigint[]) WITH ORDINALITY AS unblocked (id, place)
         WHERE task.id = unblocked.id AND state = ${stateNumber.blocked}
         RETURNING task.id, queue_id, ${stateNumber.blocked}::int AS state, subscription_id, ordering_key, workflow_id, undoes, start_ms`,
        [blocked, first],
      );
      await moved(rows, "pending", nowMs);
    },

    async restart(rows, to, nowMs) {
      if (rows.length === 0) return;
      await failures.left(rows.filter(({ state }) => state === stateNumber.failed).map(({ id }) => id));
      const first = await keys.take(rows.length, nowMs);
      const places = new Map(rows.map(({ id }, index) => [id, first + index]));
      const scheduled = rows.filter(({ state }) => state === stateNumber.scheduled);
      const stopped = rows.filter(({ state }) => state !== stateNumber.scheduled);
      const placesOf = (some: readonly TaskRow[]) => some.map(({ id }) => places.get(id));
      await db.run(
        `UPDATE task_live AS task SET state = ${stateNumber.pending}, ready_key = brought.place, schedule_ms = NULL,
           lane_until_ms = lane_until_ms - schedule_ms + $3
         FROM unnest($1::bigint[], $2::bigint[]) AS brought (id, place) WHERE task.id = brought.id`,
        [scheduled.map(({ id }) => id), placesOf(scheduled), nowMs],
      );
      await db.run(
        `UPDATE task SET state = $3, ready_key = restarted.place, attempt_base = attempt, finish_ms = NULL, schedule_ms = NULL,
           expire_ms = NULL, lane = CASE WHEN lane_until_ms IS NULL THEN lane END, lane_until_ms = NULL,
           partition_key = ${partitionKey.live}
         FROM unnest($1::bigint[], $2::bigint[]) AS restarted (id, place) WHERE task.id = restarted.id AND ${partitionIs.finished}`,
        [stopped.map(({ id }) => id), placesOf(stopped), stateNumber[to]],
      );
      await moved(scheduled, "pending", nowMs);
      await moved(stopped, to, nowMs);
    },

    async remove(rows, nowMs) {
      if (rows.length === 0) return;
      const ids = rows.map(({ id }) => id);
      // While their rows still exist, for the report.
      await changes.note(ids, null, nowMs);
      await failures.left(rows.filter(({ state }) => state === stateNumber.failed).map(({ id }) => id));
      await removeRows(db, rows);
      await moved(rows, null, nowMs);
    },
  };
}

/** A row whose attempt has ended. */
interface EndedRow {
  readonly row: TaskRow;
  readonly outcome: AttemptOutcome;
  readonly error: TaskError | null;
}

function belongsToOthers({ subscription_id: subscriptionId, workflow_id: workflowId }: MovedRow): boolean {
  return subscriptionId !== null || workflowId !== null;
}
