import type { EndedLease } from "../../../domain/lease.ts";
import {
  type BulkChange,
  changeableStates,
  judgeCancel,
  judgeDelete,
  judgeRetry,
} from "../../../domain/operators/operator-changes.ts";
import { BatchTally } from "../../rows/batch-tally.ts";
import { changedTask, deduplicationName } from "../../rows/operator-rows.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { SkipReason } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { TaskScans } from "../tasks/scan.ts";
import type { Transitions } from "../tasks/transitions.ts";
import type { OperatorMoves } from "./operator-moves.ts";

/** How many tasks one batch changes: a few milliseconds. */
const batchTasks = 500;

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
        const hasRival = () => moves.rivalOf(row) !== undefined || taken.has(deduplicationName(row) ?? "");
        const verdict = judgeRetry(changedTask(row), hasRival);
        if (verdict === "in_workflow") return "TASK_IN_WORKFLOW";
        return verdict === "duplicate" ? "DUPLICATE_TASK" : null;
      }
    }
  }

  /** Answers what ran until then. */
  function apply(change: BulkChange, row: TaskRow, nowMs: number): EndedLease | null {
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
      const key = dryRun && change.kind === "retry" ? deduplicationName(row) : null;
      if (key !== null) taken.add(key);
      const queue = engine.queues.byId(row.queue_id).name;
      tally.count(row, queue, dryRun ? null : apply(change, row, nowMs));
    }
    return tally.batch(nextKey, [...taken]);
  };
}
