import { idOfKey } from "../../../domain/ids.ts";
import type { QueueLease } from "../../../domain/lease.ts";
import {
  type BulkChange,
  changeableStates,
  judgeCancel,
  judgeDelete,
  judgeRetry,
} from "../../../domain/operators/operator-changes.ts";
import type { TaskError } from "../../../domain/tasks/task.ts";
import { readJson, textOf } from "../../rows/json-column.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { Batch, SkipReason } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { TaskScans } from "../tasks/scan.ts";
import type { Transitions } from "../tasks/transitions.ts";
import { changedTask, type OperatorMoves } from "./operator-moves.ts";

/** How many tasks one batch changes: a few milliseconds. */
const batchTasks = 500;
const sampleSize = 10;

/**
 * Creates the verb `changeMatching` on an open database.
 *
 * Retries go upwards, so that tasks are handed out in the order of their creation. The other changes go downwards: the end of a
 * task can set off younger ones, a delivery with the same key or a compensation, which are not what was meant.
 */
export function createBulkChanges(
  engine: Engine,
  transitions: Transitions,
  moves: OperatorMoves,
  scans: TaskScans,
): SyncVerb<Store["changeMatching"]> {
  const { select } = engine.tasks;

  /** Why a task is left as it is; `null`: it is not. @param taken the keys of those that a dry run would have put back */
  function skipReason({ kind }: BulkChange, row: TaskRow, taken: ReadonlySet<string>): SkipReason | null {
    switch (kind) {
      case "cancel":
        return null;
      case "delete":
        return judgeDelete(changedTask(row)) === "in_workflow" ? "TASK_IN_WORKFLOW" : null;
      case "retry": {
        const hasRival = () => moves.rivalOf(row) !== undefined || taken.has(keyOf(row) ?? "");
        const verdict = judgeRetry(changedTask(row), hasRival);
        if (verdict === "in_workflow") return "TASK_IN_WORKFLOW";
        return verdict === "duplicate" ? "DUPLICATE_TASK" : null;
      }
    }
  }

  /** Answers what ran until then. */
  function apply(change: BulkChange, row: TaskRow, nowMs: number): QueueLease | null {
    switch (change.kind) {
      case "cancel":
        // What was cancelled before it may have cancelled it: a step of the same workflow.
        return judgeCancel(stateOf(row.state)) === "cancel" ? moves.cancel(row, change.error, nowMs) : null;
      case "delete":
        transitions.remove(row, nowMs);
        return null;
      case "retry":
        moves.restart(row, nowMs);
        return null;
    }
  }

  return (change, filter, cursor, dryRun, nowMs) => {
    const changeable = changeableStates[change.kind];
    const states =
      filter.states.length === 0 ? changeable : filter.states.filter((state) => changeable.includes(state));
    const tally = new BatchTally();
    // To a filter, no states would mean every state.
    if (states.length === 0) return tally.batch(null);
    const scan = scans.basic[change.kind === "retry" ? "oldest_first" : "newest_first"];
    const { rows, nextKey } = scan({ ...filter, states }, cursor, batchTasks);
    const taken = new Set<string>();
    for (const found of rows) {
      // One by one: a change can move a later row, or take what it needs.
      const row = dryRun ? found : select.get(found.id);
      if (row === undefined) continue;
      const reason = skipReason(change, row, taken);
      if (reason !== null) {
        tally.skip(reason, row);
        continue;
      }
      if (dryRun) tally.countErrorType(row);
      const key = dryRun && change.kind === "retry" ? keyOf(row) : null;
      if (key !== null) taken.add(key);
      const queue = engine.queues.byId(row.queue_id).name;
      tally.count(row, queue, dryRun ? null : apply(change, row, nowMs));
    }
    return tally.batch(nextKey, [...taken]);
  };
}

/** What a batch did, while it is under way. */
class BatchTally {
  private changed = 0;
  private readonly sampleIds: string[] = [];
  private readonly skipped = new Map<SkipReason, { count: number; readonly sampleIds: string[] }>();
  private readonly errorTypes = new Map<string, number>();
  private readonly leases: QueueLease[] = [];
  private readonly queues = new Set<string>();

  skip(reason: SkipReason, { id }: TaskRow): void {
    const known = this.skipped.get(reason) ?? { count: 0, sampleIds: [] };
    this.skipped.set(reason, known);
    known.count++;
    if (known.sampleIds.length < sampleSize) known.sampleIds.push(idOfKey(id));
  }

  count({ id }: TaskRow, queue: string, lease: QueueLease | null): void {
    this.changed++;
    if (this.sampleIds.length < sampleSize) this.sampleIds.push(idOfKey(id));
    if (lease !== null) this.leases.push(lease);
    else this.queues.add(queue);
  }

  countErrorType({ error }: TaskRow): void {
    if (error === null) return;
    const type = textOf(readJson<TaskError>(error)?.type ?? null) ?? "";
    this.errorTypes.set(type, (this.errorTypes.get(type) ?? 0) + 1);
  }

  batch(nextKey: number | null, keys: readonly string[] = []): Batch {
    return {
      count: this.changed,
      sampleIds: this.sampleIds,
      skipped: [...this.skipped].map(([reason, left]) => ({ reason, ...left })),
      errorTypes: [...this.errorTypes],
      keys,
      leases: this.leases,
      queues: [...this.queues],
      nextId: nextKey === null ? null : idOfKey(nextKey),
    };
  }
}

function keyOf({ queue_id: queueId, deduplication_key: key }: TaskRow): string | null {
  return key === null ? null : `${queueId}/${key}`;
}
