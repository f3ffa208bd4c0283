import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import type { WorkflowRow } from "../../rows/workflow-rows.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { Transitions } from "../tasks/transitions.ts";
import { createTaskSelect } from "./read-workflow.ts";

/** How many rows one batch reads, and how many tasks it deletes. */
const batchRows = 2_000;
const batchTasks = 500;

/** Creates the verb `sweepWorkflows` on an open database. */
export function createSweepWorkflows(
  { db, keys }: Engine,
  transitions: Transitions,
): SyncVerb<Store["sweepWorkflows"]> {
  const selectTasks = createTaskSelect<TaskRow>(db, taskColumns);
  const selectOld = db.prepare<
    [number, number, number],
    Pick<WorkflowRow, "id" | "size" | "compensation" | "finish_ms">
  >("SELECT id, size, compensation, finish_ms FROM workflow WHERE id > ? AND id < ? ORDER BY id LIMIT ?");
  const deleteWorkflow = db.prepare<[number]>("DELETE FROM workflow WHERE id = ?");

  return (cursor, beforeMs, nowMs) => {
    const after = cursor === null ? 0 : (keyOfId(cursor) ?? 0);
    let deleted = 0;
    let tasks = 0;
    let last: number | null = null;
    // One that came to rest before a time was created before it.
    for (const row of selectOld.all(after, keys.at(beforeMs), batchRows)) {
      if (tasks >= batchTasks) break;
      last = row.id;
      if (row.finish_ms === null || row.finish_ms >= beforeMs) continue;
      for (const task of selectTasks(row, {})) {
        transitions.remove(task, nowMs);
        tasks++;
      }
      deleteWorkflow.run(row.id);
      deleted++;
    }
    return { deleted, nextCursor: last === null ? null : idOfKey(last) };
  };
}
