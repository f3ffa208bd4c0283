import { limits } from "../../../contract/limits.ts";
import { idOfKey } from "../../../domain/ids.ts";
import type { BackInQueue } from "../../../domain/tasks/attempt-end.ts";
import { type AttemptOutcome, serverErrors, type TaskError, type TaskState } from "../../../domain/tasks/task.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { outcomeNumber, stateNumber, stateOf } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import type { Place } from "../rows/line-front.ts";
import { createFailureCounts } from "./failure-counts.ts";

/** The part of a row that its move is about. */
export type MovedRow = Pick<
  TaskRow,
  "id" | "queue_id" | "state" | "subscription_id" | "ordering_key" | "workflow_id" | "undoes" | "lane"
> & {
  /** When its attempt began, where its lease was not written before its end: PENDING → COMPLETED. */
  readonly start_ms?: number | null;
};

/** The columns of a MovedRow, but for its state. */
export const movedColumns = "id, queue_id, subscription_id, ordering_key, workflow_id, undoes, lane";

/**
 * Does what follows from moves of tasks that belong to others, in the same transaction. They are all into one state; `null`: they are
 * about to be deleted.
 */
export type Follower = (rows: readonly MovedRow[], to: TaskState | null, nowMs: number) => void;

/**
 * The moves that several verbs make. Each updates the row, the queue's counts and the change log together, and sets off what
 * follows from it.
 */
export interface Transitions {
  /** Counts, notes and follows up a move whose row is written already, or about to be deleted. */
  moved(row: MovedRow, to: TaskState | null, nowMs: number): void;
  /** The same of several at once, which is cheaper. */
  allMoved(rows: readonly MovedRow[], to: TaskState | null, nowMs: number): void;
  /** Waiting → FAILED, of a task that is damaged, which is reported; what follows from that may be damaged too. */
  setAside(key: number, nowMs: number): void;
  /** Any unfinished state → FAILED or CANCELLED. An attempt that runs is put on record with `outcome`. */
  finalize(row: TaskRow, to: "failed" | "cancelled", error: TaskError, outcome: AttemptOutcome, nowMs: number): void;
  /** RUNNING → PENDING or SCHEDULED, as the end of its attempt says; an attempt with an outcome is put on record. */
  returnToQueue(row: TaskRow, end: BackInQueue, nowMs: number): void;
  /** BLOCKED → PENDING, at the end of the line and in this order; those that are not BLOCKED stay as they are. */
  unblock(keys: readonly number[], nowMs: number): void;
  /**
   * FAILED, CANCELLED → PENDING or BLOCKED with a fresh allowance of attempts; SCHEDULED → PENDING as it is. At the end of the
   * line.
   */
  restart(row: TaskRow, to: "pending" | "blocked", nowMs: number): void;
  /** Anything that does not run → gone. */
  remove(row: MovedRow, nowMs: number): void;
  /** Registers a follower of the moves of tasks that belong to a workflow or subscription. */
  follow(follower: Follower): void;
}

/** Creates the transitions of an open database. */
export function createTransitions(engine: Engine): Transitions {
  const { db, tasks, queues, changes, keys, leases, damages, tallies } = engine;
  const updateFinal = db.prepare<[number, number, string, number]>(
    "UPDATE task SET state = ?, finish_ms = ?, error = ?, lease_ms = NULL, progress = NULL WHERE id = ?",
  );
  const updateTypes = db.prepare<[number]>(`UPDATE task SET ${typeCasts()} WHERE id = ?`);
  const updateReturned = db.prepare(
    `UPDATE task SET state = @state, attempt = @attempt, schedule_ms = ifnull(@readyMs, schedule_ms),
       ready_key = ifnull(@readyKey, ready_key), error = ifnull(@error, error),
       worker_id = iif(@counts, worker_id, NULL), start_ms = iif(@counts, start_ms, NULL), lease_ms = NULL,
       progress = NULL
     WHERE id = @id`,
  );
  // One statement for many costs three quarters of one for each.
  const updateUnblocked = db.prepare<[number, string], MovedRow & Place>(
    `UPDATE task SET state = ${stateNumber.pending}, ready_key = ? + unblocked.key FROM json_each(?) AS unblocked
     WHERE task.id = unblocked.value AND state = ${stateNumber.blocked}
     RETURNING ${movedColumns}, ${stateNumber.blocked} AS state, priority, ready_key`,
  );
  const updateRestarted = db.prepare<[number, number, number]>(
    `UPDATE task SET state = ?, ready_key = ?, attempt_base = attempt, finish_ms = NULL,
       schedule_ms = NULL, expire_ms = NULL, lane = iif(lane_until_ms IS NULL, lane, NULL), lane_until_ms = NULL
     WHERE id = ?`,
  );
  const updateBroughtForward = db.prepare<[number, number, number]>(
    `UPDATE task SET state = ${stateNumber.pending}, ready_key = ?, schedule_ms = NULL,
       lane_until_ms = lane_until_ms - schedule_ms + ?
     WHERE id = ?`,
  );
  const deleteTask = db.prepare<[number]>("DELETE FROM task WHERE id = ?");
  const deleteAttempts = db.prepare<[number]>("DELETE FROM attempt WHERE task_id = ?");
  const rememberLastKey = db.prepare<{ last: number }>(
    "UPDATE meta SET value = @last WHERE name = 'last_task_id' AND value < @last",
  );
  const insertAttempt = db.prepare(
    `INSERT INTO attempt (task_id, seq, attempt, worker_id, start_ms, finish_ms, outcome, error)
     SELECT @id, ifnull(max(seq), 0) + 1, @attempt, @workerId, @startMs, @nowMs, @outcome, @error
     FROM attempt WHERE task_id = @id`,
  );
  const trimAttempts = db.prepare<{ id: number; kept: number }>(
    "DELETE FROM attempt WHERE task_id = @id AND seq <= (SELECT max(seq) FROM attempt WHERE task_id = @id) - @kept",
  );

  function record(row: TaskRow, outcome: AttemptOutcome, error: TaskError | null, nowMs: number): void {
    insertAttempt.run({
      id: row.id,
      attempt: row.attempt,
      workerId: row.worker_id,
      startMs: row.start_ms,
      nowMs,
      outcome: outcomeNumber(outcome),
      error: error && JSON.stringify(error),
    });
    trimAttempts.run({ id: row.id, kept: limits.keptAttempts });
    tallies?.attemptEnded(queues.byId(row.queue_id), outcome, row.start_ms, nowMs);
  }

  const failures = createFailureCounts(db);
  const followers: Follower[] = [];

  function count(row: MovedRow, to: TaskState | null, nowMs: number, place?: Place): void {
    const queue = queues.byId(row.queue_id);
    queues.move(queue, stateOf(row.state), to, row.subscription_id, place);
    if (to !== null) changes.note(row.id, to, nowMs);
    if (to !== "pending") return;
    changes.noteReady(queue.name);
    if (row.lane !== null) queue.lanes.add(row.lane);
  }

  function allMoved(rows: readonly MovedRow[], to: TaskState | null, nowMs: number): void {
    for (const row of rows) count(row, to, nowMs);
    followUp(rows, to, nowMs);
  }

  function followUp(rows: readonly MovedRow[], to: TaskState | null, nowMs: number): void {
    const followed = rows.filter(belongsToOthers);
    if (followed.length === 0) return;
    for (const follower of followers) follower(followed, to, nowMs);
  }

  function moved(row: MovedRow, to: TaskState | null, nowMs: number): void {
    count(row, to, nowMs);
    if (!belongsToOthers(row)) return;
    for (const follower of followers) follower([row], to, nowMs);
  }

  leases.whenWritten((written, startMs) => allMoved(written, "running", startMs));

  const transitions: Transitions = {
    moved,
    allMoved,
    follow: (follower) => void followers.push(follower),

    finalize(row, to, error, outcome, nowMs) {
      if (row.state === stateNumber.running) record(row, outcome, error, nowMs);
      updateFinal.run(stateNumber[to], nowMs, JSON.stringify(error), row.id);
      if (to === "failed") failures.entered(row.id, nowMs);
      moved(row, to, nowMs);
    },

    setAside(key, nowMs) {
      const row = tasks.select.get(key);
      if (row === undefined) return;
      damages.setAside(idOfKey(key));
      try {
        updateTypes.run(key);
        transitions.finalize(row, "failed", serverErrors.dataLoss, "cancelled", nowMs);
      } catch (cause) {
        if (cause instanceof Error && "code" in cause) throw cause;
        // It has failed, and what should follow from that is damaged as well: the queue goes on.
      }
    },

    returnToQueue(row, { to, readyMs, countsAsAttempt, outcome, error }, nowMs) {
      if (outcome !== null) record(row, outcome, error, nowMs);
      updateReturned.run({
        id: row.id,
        state: stateNumber[to],
        attempt: countsAsAttempt ? row.attempt : row.attempt - 1,
        counts: countsAsAttempt ? 1 : 0,
        readyMs,
        readyKey: readyMs === null ? null : keys.at(readyMs),
        error: error && JSON.stringify(error),
      });
      if (countsAsAttempt) tallies?.retried(queues.byId(row.queue_id));
      moved(row, to, nowMs);
    },

    unblock(blocked, nowMs) {
      if (blocked.length === 0) return;
      const first = keys.next(nowMs);
      for (let taken = 1; taken < blocked.length; taken++) keys.next(nowMs);
      if (keys.last !== first + blocked.length - 1) throw new Error("the places in line are not one after the other");
      const rows = updateUnblocked.all(first, JSON.stringify(blocked));
      for (const row of rows) count(row, "pending", nowMs, row);
      followUp(rows, "pending", nowMs);
    },

    restart(row, to, nowMs) {
      if (row.state === stateNumber.failed) failures.left(row.id);
      if (row.state === stateNumber.scheduled) updateBroughtForward.run(keys.next(nowMs), nowMs, row.id);
      else updateRestarted.run(stateNumber[to], keys.next(nowMs), row.id);
      moved(row, to, nowMs);
    },

    remove(row, nowMs) {
      // While its row still exists, for the report.
      changes.note(row.id, null, nowMs);
      if (row.state === stateNumber.failed) failures.left(row.id);
      deleteTask.run(row.id);
      deleteAttempts.run(row.id);
      moved(row, null, nowMs);
      rememberLastKey.run({ last: keys.last });
    },
  };
  leases.whenRefused(({ id, start_ms: startMs }) => transitions.setAside(id, startMs));
  return transitions;
}

function belongsToOthers({ subscription_id: subscriptionId, workflow_id: workflowId }: MovedRow): boolean {
  return subscriptionId !== null || workflowId !== null;
}

/**
 * Gives the columns of a waiting task their types again. Bytes in place of a text or a number, or the other way round, which a flipped bit
 * can make, have every change of the row refused.
 */
function typeCasts(): string {
  const texts = ["type", "request_id", "deduplication_key", "correlation_id", "source_service", "options", "headers"];
  const laterTexts = ["worker_id", "ordering_key", "lane", "progress", "error", "traceparent"];
  const numbers = ["priority", "ready_key", "attempt", "attempt_base"];
  const times = ["start_ms", "finish_ms", "lease_ms", "schedule_ms", "expire_ms", "lane_until_ms"];
  const otherNumbers = ["event_key", "subscription_id", "workflow_id", "undoes", "completed_key", "checksum"];
  return [
    ...[...texts, ...laterTexts].map((name) => `${name} = CAST(${name} AS TEXT)`),
    ...numbers.map((name) => `${name} = CAST(${name} AS INTEGER)`),
    ...[...times, ...otherNumbers].map((name) => `${name} = iif(typeof(${name}) = 'integer', ${name}, NULL)`),
    "payload = CAST(payload AS BLOB)",
    // One that waits has no result, and needs no room for one.
    "result = NULL, result_checksum = NULL, room = NULL",
  ].join(", ");
}
