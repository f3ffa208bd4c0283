import { backoffMs, ranMs, releasePauseMs } from "../../../domain/retry.ts";
import type { UncompletedOutcome } from "../../../domain/tasks/outcome.ts";
import { isSamePayload } from "../../../domain/tasks/payload-content.ts";
import { type AttemptOutcome, releasedError, serverErrors, type TaskError } from "../../../domain/tasks/task.ts";
import type { Store } from "../../store.ts";
import type { SettleAnswer, Settlement } from "../../task-store.ts";
import type { Session } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { bytesChecksum } from "../rows/checksums.ts";
import { keyOfId } from "../rows/ids.ts";
import { outcomeNumber, policyOf, stateNumber, stateOf, type TaskRow, taskColumns } from "../rows/task-rows.ts";
import { type MovedRow, movedColumns, type Transitions } from "./transitions.ts";

/** The verb `settle` on an open database. */
export function createSettle({ db, queues }: Session, transitions: Transitions): SyncVerb<Store["settle"]> {
  // Task, attempt, worker and kind of lease are compared in the statement that writes: that is the fence.
  const held = `state = ${stateNumber.running} AND attempt = ? AND worker_id = ? AND (lease_ms IS NULL) = ?`;
  const complete = db.prepare<[Uint8Array | null, number | null, number, number, number, string, number]>(
    `UPDATE task SET state = ${stateNumber.completed}, result = ?, result_checksum = ?, finish_ms = ?, lease_ms = NULL, progress = NULL
     WHERE id = ? AND ${held}`,
  );
  // One statement for many costs half as much. What follows from the end of a task that belongs to others is done in turn.
  const completeAlike = db
    .prepare<[number, string, number, string, number], [key: number, queueId: number, subscriptionId: number | null]>(
      `UPDATE task SET state = ${stateNumber.completed}, result = NULL, finish_ms = ?, lease_ms = NULL, progress = NULL
       WHERE id IN (SELECT value FROM json_each(?)) AND ${held} AND ordering_key IS NULL AND workflow_id IS NULL
       RETURNING id, queue_id, subscription_id`,
    )
    .raw();
  // A look at the row afterwards: RETURNING costs 2.5 µs more than that.
  const selectCompleted = db.prepare<[number], MovedRow>(
    `SELECT ${movedColumns}, ${stateNumber.running} AS state FROM task
     WHERE id = ?`,
  );
  const selectHeld = db.prepare<[number, number, string, number], TaskRow>(
    `SELECT ${taskColumns} FROM task WHERE id = ? AND ${held}`,
  );
  const select = db.prepare<[number], TaskRow>(`SELECT ${taskColumns} FROM task WHERE id = ?`);
  const selectResult = db.prepare<[number], Uint8Array | null>("SELECT result FROM task WHERE id = ?").pluck();
  const selectOutcome = db
    .prepare<[number, number, string], number>(
      "SELECT outcome FROM attempt WHERE task_id = ? AND attempt = ? AND worker_id = ? ORDER BY seq DESC LIMIT 1",
    )
    .pluck();

  const countReleases = db
    .prepare<{ id: number }, number>(
      `SELECT count(*) FROM attempt WHERE task_id = @id AND seq > (
         SELECT ifnull(max(seq), 0) FROM attempt
         WHERE task_id = @id AND (outcome <> ${outcomeNumber("released")} OR finish_ms - start_ms >= ${ranMs}))`,
    )
    .pluck();

  /** Completes those of the settlements that are alike and hold their leases; answers what their moves need, by key. */
  function completeAll(settlements: readonly Settlement[], nowMs: number): Map<number, MovedRow> {
    const [first] = settlements;
    if (first === undefined || settlements.length === 1) return new Map();
    const { attempt, workerId, leaseKind } = first;
    const keys = JSON.stringify(settlements.flatMap(({ taskId }) => keyOfId(taskId) ?? []));
    const rows = completeAlike.all(nowMs, keys, attempt, workerId, leaseKind === "stream" ? 1 : 0);
    return new Map(
      rows.map(([id, queueId, subscriptionId]) => [
        id,
        { ...alone, id, queue_id: queueId, subscription_id: subscriptionId },
      ]),
    );
  }

  function settleAlike(settlements: readonly Settlement[], nowMs: number): SettleAnswer[] {
    const completed = completeAll(settlements, nowMs);
    return settlements.map((settlement) => {
      const id = keyOfId(settlement.taskId) ?? 0;
      const row = completed.get(id);
      if (row === undefined) return settleOne(settlement, nowMs);
      // Should it be there twice, the second one is a repeat.
      completed.delete(id);
      return asCompleted(row, nowMs);
    });
  }

  function asCompleted(row: MovedRow, nowMs: number): SettleAnswer {
    transitions.moved(row, "completed", nowMs);
    return { status: "settled", queue: queues.byId(row.queue_id).name, state: "completed", scheduleMs: null };
  }

  function settleOne(settlement: Settlement, nowMs: number): SettleAnswer {
    const key = keyOfId(settlement.taskId);
    if (key === null) return { status: "not_found" };
    const { attempt, workerId, outcome } = settlement;
    const stream = settlement.leaseKind === "stream" ? 1 : 0;

    if (outcome.kind === "completed") {
      const checksum = outcome.result === null ? null : bytesChecksum(key, outcome.result);
      const { changes } = complete.run(outcome.result, checksum, nowMs, key, attempt, workerId, stream);
      const row = changes === 0 ? undefined : selectCompleted.get(key);
      return row === undefined ? repeated(key, settlement) : asCompleted(row, nowMs);
    }
    const row = selectHeld.get(key, attempt, workerId, stream);
    if (row === undefined) return repeated(key, settlement);
    endOtherwise(row, outcome, nowMs);
    return settled(key);
  }

  function endOtherwise(row: TaskRow, outcome: UncompletedOutcome, nowMs: number): void {
    const queue = queues.byId(row.queue_id);
    const { maxAttempts, retryPolicy } = policyOf(row, queue);
    const isLast = row.attempt >= maxAttempts;
    const failures = row.attempt - row.attempt_base;

    function failOrPutOff(error: TaskError, delayMs: number, terminal: boolean, as: AttemptOutcome): void {
      const dueMs = nowMs + delayMs;
      const expires = row.expire_ms !== null && row.expire_ms <= dueMs;
      if (terminal || isLast || expires) transitions.stop(row, "failed", error, as, nowMs);
      else transitions.putOff(row, error, as, dueMs, nowMs);
    }

    switch (outcome.kind) {
      case "failed": {
        const delayMs = outcome.retryDelayMs ?? backoffMs(retryPolicy, failures, outcome.random);
        failOrPutOff(outcome.error, delayMs, outcome.terminal, "failed");
        return;
      }
      case "timed_out":
        failOrPutOff(serverErrors.attemptTimeout, backoffMs(retryPolicy, failures, outcome.random), false, "timed_out");
        return;
      case "not_arrived": {
        const before = selectOutcome.get(row.id, row.attempt, row.worker_id ?? "");
        const again = before === outcomeNumber("released");
        if (again) endOtherwise(row, { kind: "lease_lost" }, nowMs);
        else transitions.putBack(row, "released", { burned: false, error: null, scheduleMs: null }, nowMs);
        return;
      }
      case "lease_lost":
        if (isLast) transitions.stop(row, "failed", serverErrors.leaseLost, "lease_lost", nowMs);
        else
          transitions.putBack(
            row,
            "lease_lost",
            { burned: true, error: serverErrors.leaseLost, scheduleMs: null },
            nowMs,
          );
        return;
      case "released": {
        const ranBefore = nowMs - (row.start_ms ?? nowMs) >= ranMs;
        const releases = ranBefore ? 0 : (countReleases.get({ id: row.id }) ?? 0);
        const pauseMs = Math.max(outcome.delayMs ?? 0, releasePauseMs(outcome.reason, releases));
        const error = outcome.reason === null ? null : releasedError(outcome.reason, row.worker_id ?? "", row.type);
        const scheduleMs = pauseMs === 0 ? null : nowMs + pauseMs;
        transitions.putBack(row, "released", { burned: false, error, scheduleMs }, nowMs);
        return;
      }
      case "unsent":
        transitions.putBack(row, null, { burned: false, error: null, scheduleMs: null }, nowMs);
        return;
    }
  }

  function settled(key: number): SettleAnswer {
    const row = select.get(key);
    if (row === undefined) return { status: "not_found" };
    return {
      status: "settled",
      queue: queues.byId(row.queue_id).name,
      state: stateOf(row.state),
      scheduleMs: row.state === stateNumber.scheduled ? row.schedule_ms : null,
    };
  }

  /** The answer to somebody who does not hold the lease: as the first time if this very outcome ended it, else stale. */
  function repeated(key: number, { attempt, workerId, outcome }: Settlement): SettleAnswer {
    const row = select.get(key);
    if (row === undefined) return { status: "not_found" };
    if (outcome.kind === "completed") {
      const isCompleted = row.state === stateNumber.completed && row.attempt === attempt && row.worker_id === workerId;
      if (!isCompleted) return { status: "stale", state: stateOf(row.state) };
      return isSamePayload(selectResult.get(key) ?? null, outcome.result)
        ? settled(key)
        : { status: "already_settled" };
    }
    const applied =
      outcome.kind !== "not_arrived" &&
      outcome.kind !== "unsent" &&
      selectOutcome.get(key, attempt, workerId) === outcomeNumber(outcome.kind);
    return applied ? settled(key) : { status: "stale", state: stateOf(row.state) };
  }

  return (settlements, nowMs) => runsOf(settlements).flatMap((run) => settleAlike(run, nowMs));
}

/** What a row says of its task when nothing follows from its end. */
const alone = {
  state: stateNumber.running,
  ordering_key: null,
  workflow_id: null,
  undoes: null,
  lane: null,
} as const;

/** The settlements in their order, cut into runs that one statement can complete; what cannot share one stands alone. */
function runsOf(settlements: readonly Settlement[]): Settlement[][] {
  const runs: Settlement[][] = [];
  let last: Settlement | null = null;
  for (const settlement of settlements) {
    if (last !== null && areAlike(last, settlement)) runs.at(-1)?.push(settlement);
    else runs.push([settlement]);
    last = settlement;
  }
  return runs;
}

function areAlike(a: Settlement, b: Settlement): boolean {
  return (
    hasNoResult(a) &&
    hasNoResult(b) &&
    a.attempt === b.attempt &&
    a.workerId === b.workerId &&
    a.leaseKind === b.leaseKind
  );
}

function hasNoResult({ outcome }: Settlement): boolean {
  return outcome.kind === "completed" && outcome.result === null;
}
