import type { Queue } from "../../../domain/tasks/queue.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { QueueEntry } from "../rows/queue-table.ts";
import type { ReadyRows } from "../tasks/ready-rows.ts";

/** Creates the verbs of queues, on an open database. */
export function createQueues({ db, keys, queues }: Engine, readyRows: ReadyRows) {
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

  const listQueues: SyncVerb<Store["listQueues"]> = (cursor, limit) =>
    selectNames.all(cursor ?? "", limit).flatMap((name) => getQueue(name) ?? []);

  const updateQueue: SyncVerb<Store["updateQueue"]> = (name, changes, allowMissing, nowMs) => {
    const entry = queues.byName(name) ?? (allowMissing ? queues.ensure(name, nowMs) : null);
    if (entry === null) return null;
    if (Object.keys(changes).length === 0) return queueOf(entry);
    queues.update(entry, { ...entry.settings, ...changes }, nowMs);
    return queueOf(entry);
  };

  return { getQueue, listQueues, updateQueue };
}
