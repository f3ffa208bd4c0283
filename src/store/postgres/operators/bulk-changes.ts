import type { EndedLease } from "../../../domain/lease.ts";
import {
  type BulkChange,
  changeableStates,
  judgeDelete,
  judgeRetry,
} from "../../../domain/operators/operator-changes.ts";
import { BatchTally } from "../../rows/batch-tally.ts";
import { changedTask, deduplicationName } from "../../rows/operator-rows.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { SkipReason, TaskStore } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { ScanTasks } from "../tasks/scan.ts";
import type { Transitions } from "../tasks/transitions.ts";
import type { OperatorMoves, Rivals } from "./operator-moves.ts";

/** How many tasks one batch changes. */
const batchTasks = 500;

/**
 * Creates the verb `changeMatching`.
 *
 * Retries go upwards, so that tasks are handed out in the order of their creation. The other changes go downwards: the end of a
 * task can set off younger ones, a delivery with the same key or a compensation, which are not what was meant.
 */
export function createBulkChanges(
  { queues }: Pick<Engine, "queues">,
  transitions: Transitions,
  moves: OperatorMoves,
  scan: ScanTasks,
): Pick<TaskStore, "changeMatching"> {
  /** Why a task is left as it is; `null`: it is not. @param rivals those that were put back before it are in it too */
  function skipReason({ kind }: BulkChange, row: TaskRow, rivals: Rivals): SkipReason | null {
    switch (kind) {
      case "cancel":
        return null;
      case "delete":
        return judgeDelete(changedTask(row)) === "in_workflow" ? "TASK_IN_WORKFLOW" : null;
      case "retry": {
        const verdict = judgeRetry(changedTask(row), () => rivals.has(deduplicationName(row) ?? ""));
        if (verdict === "in_workflow") return "TASK_IN_WORKFLOW";
        return verdict === "duplicate" ? "DUPLICATE_TASK" : null;
      }
    }
  }

  /** Answers what ran until then, by the tasks' keys. */
  async function apply(
    change: BulkChange,
    rows: readonly TaskRow[],
    nowMs: number,
  ): Promise<ReadonlyMap<number, EndedLease>> {
    switch (change.kind) {
      case "cancel":
        return moves.cancel(rows, change.error, nowMs);
      case "delete":
        await transitions.remove(rows, nowMs);
        return new Map();
      case "retry":
        await moves.restart(rows, nowMs);
        return new Map();
    }
  }

  return {
    async changeMatching(change, filter, cursor, dryRun, nowMs) {
      const changeable = changeableStates[change.kind];
      const states =
        filter.states.length === 0 ? changeable : filter.states.filter((state) => changeable.includes(state));
      const tally = new BatchTally();
      // To a filter, no states would mean every state.
      if (states.length === 0) return tally.batch(null);
      const order = change.kind === "retry" ? "oldest_first" : "newest_first";
      const { rows: found, nextKey } = await scan({ ...filter, states }, order, cursor, batchTasks);
      const locked = dryRun ? null : await moves.lock(found.map(({ id }) => id));
      // Another server may have changed or deleted it since it was found.
      const rows = found.flatMap((row) => {
        const now = locked === null ? row : locked.get(row.id);
        return now !== undefined && states.includes(stateOf(now.state)) ? [now] : [];
      });
      const rivals = change.kind === "retry" ? await moves.rivalsOf(rows) : new Map<string, number>();
      const taken: string[] = [];
      const meant: TaskRow[] = [];
      for (const row of rows) {
        const reason = skipReason(change, row, rivals);
        if (reason !== null) {
          tally.skip(reason, row);
          continue;
        }
        meant.push(row);
        const name = change.kind === "retry" ? deduplicationName(row) : null;
        if (name === null) continue;
        rivals.set(name, row.id);
        if (dryRun) taken.push(name);
      }
      const leases = dryRun ? new Map<number, EndedLease>() : await apply(change, meant, nowMs);
      const names = await queues.byId(meant.map((row) => row.queue_id));
      for (const row of meant) {
        if (dryRun) tally.countErrorType(row);
        tally.count(row, names.get(row.queue_id)?.name ?? "", leases.get(row.id) ?? null);
      }
      return tally.batch(nextKey, taken);
    },
  };
}
