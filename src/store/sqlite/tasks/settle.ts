import { keyOfId } from "../../../domain/ids.ts";
import { afterAttempt, areBatchable } from "../../../domain/tasks/attempt-end.ts";
import type { EndedAttempt } from "../../../domain/tasks/attempt-history.ts";
import type { Settlement, UncompletedOutcome } from "../../../domain/tasks/outcome.ts";
import { judgeRepeat } from "../../../domain/tasks/repeated-outcome.ts";
import { type AttemptRow, endedAttemptOf, policyOf, type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, stateOf } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { Tallies } from "../../tallies/tallies.ts";
import type { SettleAnswer } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import { isRefusedRow, type OpenLease } from "../engine/open-leases.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { bytesChecksum } from "../rows/checksums.ts";
import { type MovedRow, movedColumns, type Transitions } from "./transitions.ts";

/** Creates the verb `settle` on an open database. */
export function createSettle(
  { db, queues, tasks, leases, tallies }: Engine,
  transitions: Transitions,
): SyncVerb<Store["settle"]> {
  // Task, attempt, worker and kind of lease are compared in the statement that writes: that is the fence.
  const held = `state = ${stateNumber.running} AND attempt = ? AND worker_id = ? AND (lease_ms IS NULL) = ?`;
  const complete = db.prepare<[Uint8Array | null, number | null, number, number, number, string, number]>(
    `UPDATE task SET state = ${stateNumber.completed}, result = ?, result_checksum = ?, finish_ms = ?, lease_ms = NULL, progress = NULL
     WHERE id = ? AND ${held}`,
  );
  // One statement for many costs half as much.
  const completeMany = db
    .prepare<[number, string, number, string, number], CompletedColumns>(
      `UPDATE task SET state = ${stateNumber.completed}, result = NULL, finish_ms = ?, lease_ms = NULL, progress = NULL
       WHERE id IN (SELECT value FROM json_each(?)) AND ${held} AND ordering_key IS NULL
       RETURNING id, queue_id, subscription_id, workflow_id, undoes${tallies === null ? "" : ", start_ms"}`,
    )
    .raw();
  // The lease and the end of an attempt at once. The fence is the open lease, and that the task is as it was at the claim.
  const updateOpen = db
    .prepare<[Uint8Array | null, number | null, number, string, number, string, number], number>(
      `UPDATE task SET state = ${stateNumber.completed}, attempt = attempt + 1, result = ?, result_checksum = ?, finish_ms = ?,
         worker_id = ?, start_ms = ?, room = NULL
       WHERE id IN (SELECT value FROM json_each(?)) AND state = ${stateNumber.pending} AND attempt = ? RETURNING id`,
    )
    .pluck();
  // A look at the row afterwards: RETURNING costs 2.5 µs more than that.
  const selectCompleted = db.prepare<[number], CompletedRow>(
    `SELECT ${movedColumns}, ${stateNumber.running} AS state${tallies === null ? "" : ", start_ms AS began_ms"} FROM task
     WHERE id = ?`,
  );
  const selectHeld = db.prepare<[number, number, string, number], TaskRow>(
    `SELECT ${taskColumns} FROM task WHERE id = ? AND ${held}`,
  );
  const noteTrace = db.prepare<[string, number]>("UPDATE task SET traceparent = ? WHERE id = ?");
  const { select } = tasks;
  const selectResult = db.prepare<[number], Uint8Array | null>("SELECT result FROM task WHERE id = ?").pluck();
  const selectAttempts = db.prepare<[number], Omit<AttemptRow, "error">>(
    "SELECT attempt, worker_id, start_ms, finish_ms, outcome FROM attempt WHERE task_id = ? ORDER BY seq DESC",
  );

  /** Completes attempts of one worker whose leases are open, and may share a statement but for when they began. */
  function completeOpen(open: readonly OpenLease[], result: Uint8Array | null, nowMs: number): OpenLease[] {
    const checksum = result === null ? null : bytesChecksum(open[0]?.id ?? 0, result);
    const completed: OpenLease[] = [];
    for (const [startMs, begun] of Map.groupBy(open, ({ start_ms }) => start_ms)) {
      const [{ worker_id: workerId, attempt }] = begun as [OpenLease];
      const keys = JSON.stringify(begun.map(({ id }) => id));
      try {
        const ids = new Set(updateOpen.all(result, checksum, nowMs, workerId, startMs, keys, attempt));
        for (const lease of begun) {
          leases.close(lease.id);
          if (ids.has(lease.id)) completed.push(lease);
        }
      } catch (error) {
        if (!isRefusedRow(error)) throw error;
        // The damaged one is set aside; the others end as those whose leases are written.
        leases.write(begun);
      }
    }
    return completed;
  }

  /** Completes batchable settlements that hold their leases; answers what their moves need, by key. */
  function completeAll(settlements: readonly Settlement[], nowMs: number): Map<number, CompletedRow> {
    const completed = new Map<number, CompletedRow>();
    const [first] = settlements;
    if (first === undefined || settlements.length === 1) return completed;
    const open: OpenLease[] = [];
    const written: number[] = [];
    for (const settlement of settlements) {
      const key = keyOfId(settlement.taskId);
      if (key === null) continue;
      const lease = leases.find(key, settlement);
      if (lease === undefined) written.push(key);
      else if (lease.ordering_key === null) open.push(lease);
    }
    for (const lease of completeOpen(open, null, nowMs)) completed.set(lease.id, lease);
    if (written.length === 0) return completed;
    const { attempt, workerId, leaseKind } = first;
    const rows = completeMany.all(nowMs, JSON.stringify(written), attempt, workerId, leaseKind === "stream" ? 1 : 0);
    for (const [id, queueId, subscriptionId, workflowId, undoes, began] of rows) {
      const owners = { subscription_id: subscriptionId, workflow_id: workflowId, undoes };
      completed.set(id, { ...single, id, queue_id: queueId, ...owners, began_ms: began ?? null });
    }
    return completed;
  }

  function settleBatch(settlements: readonly Settlement[], nowMs: number): SettleAnswer[] {
    const completed = completeAll(settlements, nowMs);
    const rows = [...completed.values()];
    transitions.allMoved(rows, "completed", nowMs);
    if (tallies !== null) for (const row of rows) countCompleted(tallies, row, nowMs);
    return settlements.map((settlement) => {
      const id = keyOfId(settlement.taskId) ?? 0;
      const row = completed.get(id);
      if (row === undefined) return settleOne(settlement, nowMs);
      // Should it be there twice, the second one is a repeat.
      completed.delete(id);
      noteTraceOf(row, settlement);
      return asCompleted(row);
    });
  }

  function completedOne(row: CompletedRow, settlement: Settlement, nowMs: number): SettleAnswer {
    noteTraceOf(row, settlement);
    transitions.moved(row, "completed", nowMs);
    if (tallies !== null) countCompleted(tallies, row, nowMs);
    return asCompleted(row);
  }

  /** Keeps for the steps that depend on a step, and for what undoes it, where it was processed. */
  function noteTraceOf({ id, workflow_id: workflowId }: MovedRow, { outcome }: Settlement): void {
    const isTraced = outcome.kind === "completed" && outcome.traceparent != null;
    if (isTraced && workflowId !== null) noteTrace.run(outcome.traceparent, id);
  }

  function countCompleted(counts: Tallies, row: CompletedRow, nowMs: number): void {
    counts.attemptEnded(queues.byId(row.queue_id), "completed", row.start_ms ?? row.began_ms ?? null, nowMs);
  }

  function asCompleted({ queue_id: queueId }: MovedRow): SettleAnswer {
    return { status: "settled", queue: queues.byId(queueId).name, state: "completed", scheduleMs: null };
  }

  function settleOne(settlement: Settlement, nowMs: number): SettleAnswer {
    const key = keyOfId(settlement.taskId);
    if (key === null) return { status: "not_found" };
    const { attempt, workerId, outcome } = settlement;
    const stream = settlement.leaseKind === "stream" ? 1 : 0;
    const lease = leases.find(key, settlement);
    if (lease !== undefined && outcome.kind === "completed") {
      const [row] = completeOpen([lease], outcome.result, nowMs);
      if (row !== undefined) return completedOne(row, settlement, nowMs);
    }
    leases.writeOne(key);

    if (outcome.kind === "completed") {
      const checksum = outcome.result === null ? null : bytesChecksum(key, outcome.result);
      const { changes } = complete.run(outcome.result, checksum, nowMs, key, attempt, workerId, stream);
      const row = changes === 0 ? undefined : selectCompleted.get(key);
      return row === undefined ? repeated(key, settlement) : completedOne(row, settlement, nowMs);
    }
    const row = selectHeld.get(key, attempt, workerId, stream);
    if (row === undefined) return repeated(key, settlement);
    endOtherwise(row, outcome, nowMs);
    return settled(key);
  }

  function* historyOf(key: number): Generator<EndedAttempt> {
    for (const row of selectAttempts.iterate(key)) yield endedAttemptOf(row);
  }

  function endOtherwise(row: TaskRow, outcome: UncompletedOutcome, nowMs: number): void {
    const { id, type, attempt, worker_id: workerId, start_ms: startMs, expire_ms: expireMs } = row;
    const policy = policyOf(row, queues.byId(row.queue_id));
    const task = { type, attempt, attemptBase: row.attempt_base, workerId: workerId ?? "", startMs, expireMs, policy };
    const end = afterAttempt(task, outcome, () => historyOf(id), nowMs);
    if (end.to === "failed") transitions.finalize(row, "failed", end.error, end.outcome, nowMs);
    else transitions.returnToQueue(row, end, nowMs);
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

  /** The answer to a settlement that does not hold the lease. */
  function repeated(key: number, settlement: Settlement): SettleAnswer {
    const row = select.get(key);
    if (row === undefined) return { status: "not_found" };
    const state = stateOf(row.state);
    const status = judgeRepeat(settlement, {
      state,
      attempt: row.attempt,
      workerId: row.worker_id,
      result: () => selectResult.get(key) ?? null,
      history: () => historyOf(key),
    });
    if (status === "settled") return settled(key);
    return status === "stale" ? { status, state } : { status };
  }

  return (settlements, nowMs) => runsOf(settlements).flatMap((run) => settleBatch(run, nowMs));
}

/** What `completeMany` answers of a task. */
type CompletedColumns = [
  key: number,
  queueId: number,
  subscriptionId: number | null,
  workflowId: number | null,
  undoes: number | null,
  began?: number | null,
];

/** A row whose attempt completed. */
type CompletedRow = MovedRow & {
  /** When its attempt began, where it was written before its end and metrics are on. */
  readonly began_ms?: number | null;
};

/** What else a row says of its task. */
const single = {
  state: stateNumber.running,
  ordering_key: null,
  lane: null,
} as const;

/** The settlements in their order, cut into runs that one statement can complete; what cannot share one stands by itself. */
function runsOf(settlements: readonly Settlement[]): Settlement[][] {
  const runs: Settlement[][] = [];
  let last: Settlement | null = null;
  for (const settlement of settlements) {
    if (last !== null && areBatchable(last, settlement)) runs.at(-1)?.push(settlement);
    else runs.push([settlement]);
    last = settlement;
  }
  return runs;
}
