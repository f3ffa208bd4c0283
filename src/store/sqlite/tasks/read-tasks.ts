import { limits } from "../../../contract/limits.ts";
import { firstWithin } from "../../../contract/message-size.ts";
import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { attemptsOf } from "../../../domain/tasks/attempt-history.ts";
import { taskBytes } from "../../rows/task-bytes.ts";
import { type AttemptRow, taskAttemptOf } from "../../rows/task-rows.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { TaskScans } from "./scan.ts";
import { taskOf } from "./task-content.ts";

/** Creates the verb `get` on an open database. */
export function createGet(engine: Engine): SyncVerb<Store["get"]> {
  const { selectWhole } = engine.tasks;
  const selectAttempts = engine.db.prepare<[number], AttemptRow>(
    "SELECT attempt, worker_id, start_ms, finish_ms, outcome, error FROM attempt WHERE task_id = ? ORDER BY seq",
  );
  return (ids) =>
    ids.map((id) => {
      const key = keyOfId(id);
      const row = key === null ? undefined : selectWhole.get(key);
      if (row === undefined) return null;
      const task = taskOf(row, engine);
      return { task, attempts: attemptsOf(task, selectAttempts.all(row.id).map(taskAttemptOf), limits.keptAttempts) };
    });
}

/** Creates the verb `queuesOf` on an open database. */
export function createQueuesOf({ db, queues }: Engine): SyncVerb<Store["queuesOf"]> {
  const selectQueue = db.prepare<[number], number>("SELECT queue_id FROM task WHERE id = ?").pluck();
  return (ids) =>
    ids.map((id) => {
      const key = keyOfId(id);
      const queueId = key === null ? undefined : selectQueue.get(key);
      return queueId === undefined ? null : queues.byId(queueId).name;
    });
}

/** Creates the verb `list` on an open database. */
export function createList(engine: Engine, scans: TaskScans): SyncVerb<Store["list"]> {
  return ({ filter, order = "newest_first", cursor, limit, full, maxBytes }) => {
    const { rows, nextKey } = scans[full ? "full" : "basic"][order](filter, cursor, limit);
    const found = rows.map((row) => taskOf(row, engine));
    const tasks = full ? firstWithin(found, taskBytes, { maxBytes }) : found;
    const next = tasks.length < rows.length ? (rows[tasks.length - 1]?.id ?? null) : nextKey;
    return {
      tasks,
      nextCursor: next === null ? null : idOfKey(next),
    };
  };
}
