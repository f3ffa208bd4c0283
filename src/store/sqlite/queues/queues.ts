import type { Queue } from "../../../domain/tasks/queue.ts";
import { type QueueWithChanges, settingChanges } from "../../../domain/tasks/setting-changes.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { QueueEntry } from "../rows/queue-table.ts";
import type { ReadyRows } from "../tasks/ready-rows.ts";
import { createSettingChanges } from "./setting-changes.ts";

const unknownAuthor = { principal: "", reason: "" };

/** Creates the verbs of queues, on an open database. */
export function createQueues(engine: Engine, readyRows: ReadyRows) {
  const { db, keys, queues } = engine;
  const changes = createSettingChanges(engine);
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

  function withChanges(entry: QueueEntry): QueueWithChanges {
    return { ...queueOf(entry), settingChanges: changes.of(entry.id) };
  }

  const getQueue: SyncVerb<Store["getQueue"]> = (name) => {
    const entry = queues.byName(name);
    return entry === undefined ? null : withChanges(entry);
  };

  const listQueues: SyncVerb<Store["listQueues"]> = (cursor, limit) =>
    selectNames.all(cursor ?? "", limit).flatMap((name) => {
      const entry = queues.byName(name);
      return entry === undefined ? [] : queueOf(entry);
    });

  const updateQueue: SyncVerb<Store["updateQueue"]> = (name, update, allowMissing, nowMs, author = unknownAuthor) => {
    const entry = queues.byName(name) ?? (allowMissing ? queues.ensure(name, nowMs) : null);
    if (entry === null) return null;
    if (Object.keys(update).length === 0) return withChanges(entry);
    const known = changes.of(entry.id);
    for (const change of settingChanges(entry.settings, update, author, known, nowMs)) changes.put(entry.id, change);
    queues.update(entry, { ...entry.settings, ...update }, nowMs);
    return withChanges(entry);
  };

  return { getQueue, listQueues, updateQueue };
}
