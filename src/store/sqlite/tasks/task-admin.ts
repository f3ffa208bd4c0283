import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { leaseKindOf } from "../../../domain/lease.ts";
import { type ChangedTask, judgeCancel, judgeDelete, judgeRetry } from "../../../domain/tasks/operator-changes.ts";
import { isFinished, type TaskFilter } from "../../../domain/tasks/task.ts";
import type { Store } from "../../store.ts";
import type { Batch, SkippedTasks, SkipReason } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { type TaskRow, taskColumns } from "../rows/task-rows.ts";
import { stateNumber, stateOf, taskIs } from "../rows/task-states.ts";
import type { Ordering } from "./ordering.ts";
import { createScan, type Scan } from "./scan.ts";
import { taskOf } from "./task-content.ts";
import type { Transitions } from "./transitions.ts";

/** How many tasks one batch changes: a few milliseconds. */
const batchTasks = 500;
const sampleSize = 10;

/** Creates the verbs that operators use on tasks, on an open database. */
export function createTaskAdmin(engine: Engine, transitions: Transitions, ordering: Ordering) {
  const { db } = engine;
  const { select } = engine.tasks;
  const selectRival = db
    .prepare<[number, string], number>(
      `SELECT id FROM task WHERE queue_id = ? AND deduplication_key = ? AND deduplication_key IS NOT NULL AND ${taskIs.unfinished}`,
    )
    .pluck();
  const scanDown = createScan<TaskRow>(engine, taskColumns);
  const scanUp = createScan<TaskRow>(engine, taskColumns, "oldest first");

  function find(id: string): TaskRow | undefined {
    const key = keyOfId(id);
    return key === null ? undefined : select.get(key);
  }

  function taskAfter(row: TaskRow) {
    return taskOf(select.get(row.id) ?? row, engine);
  }

  /** The unfinished task that has the key of this finished one. */
  function rivalOf(row: TaskRow): number | undefined {
    if (row.deduplication_key === null) return undefined;
    return selectRival.get(row.queue_id, row.deduplication_key);
  }

  function restart(row: TaskRow, nowMs: number): void {
    // Of a key only one delivery at a time; one that waits for its retry is that one.
    const isNew = row.subscription_id !== null && isFinished(stateOf(row.state));
    const to = isNew ? ordering.placeFor(row.subscription_id ?? 0, row.ordering_key) : "pending";
    transitions.restart(row, to, nowMs);
  }

  function inBatch(
    { rows, nextKey }: Scan<TaskRow>,
    skips: (row: TaskRow) => SkipReason | null,
    change: (row: TaskRow) => void,
    keys: readonly string[] = [],
  ): Batch {
    const skipped = new Map<SkipReason, TaskRow[]>();
    // One by one: a change can take from a later row what it needs to apply.
    const changed = rows.filter((row) => {
      const reason = skips(row);
      if (reason === null) change(row);
      else skipped.set(reason, [...(skipped.get(reason) ?? []), row]);
      return reason === null;
    });
    return {
      count: changed.length,
      sampleIds: samplesOf(changed),
      skipped: [...skipped].map(([reason, left]): SkippedTasks => {
        return { reason, count: left.length, sampleIds: samplesOf(left) };
      }),
      keys,
      nextId: nextKey === null ? null : idOfKey(nextKey),
    };
  }

  const cancel: SyncVerb<Store["cancel"]> = (ids, error, nowMs) =>
    ids.map((id) => {
      const row = find(id);
      if (row === undefined) return { status: "not_found" };
      const state = stateOf(row.state);
      const verdict = judgeCancel(state);
      if (verdict === "cancelled") return { status: "cancelled", task: taskAfter(row), lease: null };
      if (verdict === "finished") return { status: "finished", state };
      transitions.finalize(row, "cancelled", error, "cancelled", nowMs);
      const { attempt, worker_id: workerId, lease_ms: leaseMs } = row;
      const lease =
        state === "running" ? { taskId: id, attempt, workerId: workerId ?? "", leaseKind: leaseKindOf(leaseMs) } : null;
      return { status: "cancelled", task: taskAfter(row), lease };
    });

  const retry: SyncVerb<Store["retry"]> = (ids, nowMs) =>
    ids.map((id) => {
      const row = find(id);
      if (row === undefined) return { status: "not_found" };
      const state = stateOf(row.state);
      const verdict = judgeRetry(changed(row), () => rivalOf(row) !== undefined);
      if (verdict === "not_retryable") return { status: "not_retryable", state };
      if (verdict === "in_workflow") return { status: "in_workflow", workflowId: idOfKey(row.workflow_id ?? 0) };
      if (verdict === "duplicate") return { status: "duplicate", id: idOfKey(rivalOf(row) ?? 0) };
      restart(row, nowMs);
      return { status: "retried", task: taskAfter(row) };
    });

  const retryMatching: SyncVerb<Store["retryMatching"]> = (filter, cursor, dryRun, nowMs) => {
    const { rows, nextKey } = scanUp(filter, cursor, batchTasks);
    // A dry run puts none back that would be the rival of a later one.
    const keys: string[] = [];
    const taken = new Set<string>();
    const keyOf = (row: TaskRow) =>
      row.deduplication_key === null ? null : `${row.queue_id}/${row.deduplication_key}`;
    return inBatch(
      { rows: rows.filter(({ state }) => state >= stateNumber.failed), nextKey },
      (row) => {
        const hasRival = () => rivalOf(row) !== undefined || taken.has(keyOf(row) ?? "");
        const verdict = judgeRetry(changed(row), hasRival);
        if (verdict === "in_workflow") return "TASK_IN_WORKFLOW";
        return verdict === "duplicate" ? "DUPLICATE_TASK" : null;
      },
      (row) => {
        const key = keyOf(row);
        if (!dryRun) restart(row, nowMs);
        else if (key !== null) {
          taken.add(key);
          keys.push(key);
        }
      },
      keys,
    );
  };

  const remove: SyncVerb<Store["delete"]> = (ids, nowMs) =>
    ids.map((id) => {
      const row = find(id);
      if (row === undefined) return "not_found";
      const verdict = judgeDelete(changed(row));
      if (verdict !== "delete") return verdict;
      transitions.remove(row, nowMs);
      return "deleted";
    });

  const purge: SyncVerb<Store["purge"]> = (queue, states, cursor, dryRun, nowMs) => {
    const purged = states.filter((state) => state !== "running");
    // To a filter, no states would mean every state.
    if (purged.length === 0)
      return inBatch(
        { rows: [], nextKey: null },
        () => null,
        () => undefined,
      );
    return inBatch(
      scanDown({ ...everything, queue, states: purged }, cursor, batchTasks),
      (row) => (judgeDelete(changed(row)) === "in_workflow" ? "TASK_IN_WORKFLOW" : null),
      (row) => {
        if (!dryRun) transitions.remove(row, nowMs);
      },
    );
  };

  return { cancel, retry, retryMatching, delete: remove, purge };
}

/** What of a row decides whether it may be changed. */
function changed(row: TaskRow): ChangedTask {
  return { state: stateOf(row.state), isInWorkflow: row.workflow_id !== null };
}

function samplesOf(rows: readonly TaskRow[]): string[] {
  return rows.slice(0, sampleSize).map((row) => idOfKey(row.id));
}

const everything: TaskFilter = {
  queue: null,
  type: null,
  states: [],
  correlationId: null,
  createdAfterMs: null,
  createdBeforeMs: null,
};
