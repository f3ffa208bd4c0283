import type { Queue } from "../../domain/queue.ts";
import type { Store } from "../store.ts";
import type { SyncVerb } from "./engine.ts";
import { idOfKey, keyOfId, msOfKey } from "./ids.ts";
import type { QueueEntry } from "./queue-table.ts";
import {
  type AttemptRow,
  attemptsOf,
  type FullTaskRow,
  fullTaskColumns,
  stateNumber,
  type TaskRow,
  taskColumns,
  taskOf,
} from "./rows.ts";
import { createScan } from "./scan.ts";
import type { Session } from "./session.ts";

/** The verb `get` on an open database. */
export function createGet({ db, queues }: Session): SyncVerb<Store["get"]> {
  const selectTask = db.prepare<[number], FullTaskRow>(`SELECT ${fullTaskColumns} FROM task WHERE id = ?`);
  const selectAttempts = db.prepare<[number], AttemptRow>(
    "SELECT attempt, worker_id, start_ms, finish_ms, outcome, error FROM attempt WHERE task_id = ? ORDER BY seq",
  );
  return (ids) =>
    ids.map((id) => {
      const key = keyOfId(id);
      const row = key === null ? undefined : selectTask.get(key);
      if (row === undefined) return null;
      const task = taskOf(row, queues.byId(row.queue_id));
      return { task, attempts: attemptsOf(task, selectAttempts.all(row.id)) };
    });
}

/** The verb `list` on an open database. */
export function createList(session: Session): SyncVerb<Store["list"]> {
  const scanBasic = createScan<TaskRow>(session, taskColumns);
  const scanFull = createScan<FullTaskRow>(session, fullTaskColumns);
  return ({ filter, beforeId, limit, full, maxBytes }) => {
    const { rows, nextBeforeKey } = (full ? scanFull : scanBasic)(filter, beforeId, limit);
    const kept = full ? countWithin(rows, maxBytes) : rows.length;
    const next = kept < rows.length ? (rows[kept - 1]?.id ?? null) : nextBeforeKey;
    return {
      tasks: rows.slice(0, kept).map((row) => taskOf(row, session.queues.byId(row.queue_id))),
      nextBeforeId: next === null ? null : idOfKey(next),
    };
  };
}

/** How many of the rows fit; the first always does, or nobody would ever see it. */
function countWithin(rows: readonly (TaskRow | FullTaskRow)[], maxBytes: number): number {
  let bytes = 0;
  const over = rows.findIndex((row, index) => {
    if ("payload" in row) {
      bytes += (row.payload?.length ?? 0) + (row.result?.length ?? 0) + (row.headers?.length ?? 0);
    }
    bytes += (row.error?.length ?? 0) + 512;
    return index > 0 && bytes > maxBytes;
  });
  return over === -1 ? rows.length : over;
}

/** The verbs that read queues, on an open database. */
export function createQueueReads({ db, queues }: Session) {
  const selectNext = db.prepare<[number], { ready_key: number }>(
    `SELECT ready_key FROM task WHERE queue_id = ? AND state = ${stateNumber.pending}
     ORDER BY priority DESC, ready_key LIMIT 1`,
  );
  const selectNames = db
    .prepare<[string, number], string>("SELECT name FROM queue WHERE name > ? ORDER BY name LIMIT ?")
    .pluck();

  function queueOf(entry: QueueEntry): Queue {
    const next = selectNext.get(entry.id);
    return {
      ...entry.settings,
      name: entry.name,
      counts: { ...entry.counts },
      nextPendingMs: next === undefined ? null : msOfKey(next.ready_key),
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
    queues.update(entry, { ...entry.settings, ...changes }, nowMs);
    return queueOf(entry);
  };

  return { getQueue, listQueues, updateQueue };
}
