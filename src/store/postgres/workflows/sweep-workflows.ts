import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import type { WorkflowRow } from "../../rows/workflow-rows.ts";
import type { WorkflowStore } from "../../workflow-store.ts";
import type { Engine } from "../engine/engine.ts";
import { type MovedRow, movedColumns, type Transitions } from "../tasks/transitions.ts";
import { tasksOfWorkflows } from "./read-workflow.ts";

/** How many rows one batch reads, and how many tasks it deletes. */
const batchRows = 2_000;
const batchTasks = 500;

type OldRow = Pick<WorkflowRow, "id" | "size" | "finish_ms">;

/** Creates the verb `sweepWorkflows`. */
export function createSweepWorkflows(
  { db, keys, upkeep }: Engine,
  transitions: Transitions,
): WorkflowStore["sweepWorkflows"] {
  const columns = movedColumns
    .split(", ")
    .map((name) => `task.${name}`)
    .join(", ");

  return async (cursor, beforeMs, nowMs) => {
    const mostTasks = upkeep.portion("sweepWorkflows", batchTasks);
    const after = cursor === null ? 0 : (keyOfId(cursor) ?? 0);
    // One that came to rest before a time was created before it.
    const rows = await db.all<OldRow>(
      "SELECT id, size, finish_ms FROM workflow WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3",
      [after, keys.at(beforeMs), upkeep.portion("sweepWorkflows", batchRows)],
    );
    const old: OldRow[] = [];
    let tasks = 0;
    let last: number | null = null;
    for (const row of rows) {
      if (tasks >= mostTasks) break;
      last = row.id;
      if (row.finish_ms === null || row.finish_ms >= beforeMs) continue;
      old.push(row);
      tasks += row.size;
    }
    const deleted = await remove(old, beforeMs, nowMs);
    return { deleted, nextCursor: last === null ? null : idOfKey(last) };
  };

  /** @returns how many it deleted: another server may have begun one again, or deleted it */
  async function remove(old: readonly OldRow[], beforeMs: number, nowMs: number): Promise<number> {
    if (old.length === 0) return 0;
    const locked = await db.all<OldRow>(
      "SELECT id, size, finish_ms FROM workflow WHERE id = ANY($1) AND finish_ms < $2 ORDER BY id FOR UPDATE",
      [old.map(({ id }) => id), beforeMs],
    );
    const ids = locked.map(({ id }) => id);
    const tasks = await db.all<MovedRow>(`SELECT ${columns} FROM ${tasksOfWorkflows} ORDER BY task.id`, [
      ids,
      locked.map(({ size }) => size),
    ]);
    await transitions.remove(tasks, nowMs);
    return db.run("DELETE FROM workflow WHERE id = ANY($1)", [ids]);
  }
}
