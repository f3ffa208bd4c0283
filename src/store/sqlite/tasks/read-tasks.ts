import { countWithin } from "../../../contract/message-size.ts";
import type { Queue } from "../../../domain/tasks/queue.ts";
import type { Task } from "../../../domain/tasks/task.ts";
import type { Store } from "../../store.ts";
import type { Session } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { idOfKey, keyOfId } from "../rows/ids.ts";
import type { QueueEntry } from "../rows/queue-table.ts";
import {
  type AttemptRow,
  attemptsOf,
  type FullTaskRow,
  fullTaskColumns,
  type TaskRow,
  taskColumns,
} from "../rows/task-rows.ts";
import type { ReadyRows } from "./ready-rows.ts";
import { createScan } from "./scan.ts";
import { taskOf } from "./task-content.ts";

/** The verb `get` on an open database. */
export function createGet(session: Session): SyncVerb<Store["get"]> {
  const { selectWhole } = session.tasks;
  const selectAttempts = session.db.prepare<[number], AttemptRow>(
    "SELECT attempt, worker_id, start_ms, finish_ms, outcome, error FROM attempt WHERE task_id = ? ORDER BY seq",
  );
  return (ids) =>
    ids.map((id) => {
      const key = keyOfId(id);
      const row = key === null ? undefined : selectWhole.get(key);
      if (row === undefined) return null;
      const task = taskOf(row, session);
      return { task, attempts: attemptsOf(task, selectAttempts.all(row.id)) };
    });
}

/** The verb `list` on an open database. */
export function createList(session: Session): SyncVerb<Store["list"]> {
  const scanBasic = createScan<TaskRow>(session, taskColumns);
  const scanFull = createScan<FullTaskRow>(session, fullTaskColumns);
  return ({ filter, beforeId, limit, full, maxBytes }) => {
    const { rows, nextKey } = (full ? scanFull : scanBasic)(filter, beforeId, limit);
    const found = rows.map((row) => taskOf(row, session));
    const tasks = full ? found.slice(0, countWithin(found, bytesOf, { maxBytes })) : found;
    const next = tasks.length < rows.length ? (rows[tasks.length - 1]?.id ?? null) : nextKey;
    return {
      tasks,
      nextBeforeId: next === null ? null : idOfKey(next),
    };
  };
}

/** What a task takes in a message, about. */
function bytesOf({ payload, result, headers, event, error }: Task): number {
  let bytes = (payload?.length ?? 0) + (result?.length ?? 0) + 512;
  for (const part of [headers, event?.attributes, error]) if (part != null) bytes += JSON.stringify(part).length;
  return bytes;
}

/** The verbs that read queues, on an open database. */
export function createQueueReads({ db, keys, queues }: Session, readyRows: ReadyRows) {
  const selectNames = db
    .prepare<[string, number], string>("SELECT name FROM queue WHERE name > ? ORDER BY name LIMIT ?")
    .pluck();

  function queueOf(entry: QueueEntry): Queue {
    const next = readyRows.firstKey(entry);
    return {
      ...entry.settings,
      name: entry.name,
      counts: { ...entry.counts },
      nextPendingMs: next === null ? null : keys.timeOf(next),
      passedOver: readyRows.passedOver(entry),
      createMs: entry.createMs,
      updateMs: entry.updateMs,
    };
  }

  const getQueue: SyncVerb<Store["getQueue"]> = (name) => {
    const entry = queues.byName(name);
    return entry === undefined ? null : queueOf(entry);
  };

  const listQueues: SyncVerb<Store["listQueues"]> = (afterName, limit) =>
    selectNames.all(afterName ?? "", limit).flatMap((name) => getQueue(name) ?? []);

  const updateQueue: SyncVerb<Store["updateQueue"]> = (name, changes, allowMissing, nowMs) => {
    const entry = queues.byName(name) ?? (allowMissing ? queues.ensure(name, nowMs) : null);
    if (entry === null) return null;
    if (Object.keys(changes).length === 0) return queueOf(entry);
    queues.update(entry, { ...entry.settings, ...changes }, nowMs);
    return queueOf(entry);
  };

  return { getQueue, listQueues, updateQueue };
}
