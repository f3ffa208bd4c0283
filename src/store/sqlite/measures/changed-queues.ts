import { type TaskState, taskStates } from "../../../domain/tasks/task.ts";
import type { QueueSnapshot } from "../../overview-store.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { createSettingChanges } from "../queues/setting-changes.ts";
import type { QueueEntry } from "../rows/queue-table.ts";
import type { ReadyRows } from "../tasks/ready-rows.ts";
import { createOldestReady } from "./oldest-ready.ts";

/** Creates the verb `changedQueues` on an open database. It counts no rows; of queues with waiting tasks it looks at the first ones. */
export function createChangedQueues(
  engine: Engine,
  readyRows: Pick<ReadyRows, "passedOver">,
): SyncVerb<Store["changedQueues"]> {
  const { queues, leases, keys } = engine;
  const oldest = createOldestReady(engine);
  const settingChanges = createSettingChanges(engine);
  /** The queues with leases that were open at the last call: theirs may have changed without a commit. */
  let leased = new Set<QueueEntry>();

  return ({ since, isFirstPage, limit }, nowMs) => {
    const open = new Map<number, number[]>();
    for (const { queue_id, id } of leases.all()) open.set(queue_id, [...(open.get(queue_id) ?? []), id]);
    if (isFirstPage) {
      const leasedNow = new Set(Array.from(open.keys(), (id) => queues.byId(id)));
      for (const queue of new Set([...leased, ...leasedNow])) queues.touch(queue);
      leased = leasedNow;
    }

    const changed = [...queues.all()].filter(({ revision }) => revision > since);
    changed.sort((a, b) => a.revision - b.revision);
    const page = changed.slice(0, limit);
    const snapshots = page.map((queue): QueueSnapshot => {
      const { paused, maxDepth, maxRunning } = queue.settings;
      const pausedBy = settingChanges.pausedBy(queue);
      const key = oldest.keyOf(queue, open, nowMs);
      return {
        name: queue.name,
        paused,
        ...(pausedBy && { pausedBy }),
        maxDepth,
        maxRunning,
        counts: countsOf(queue, open.get(queue.id)?.length ?? 0),
        oldestReadyMs: key === null ? null : keys.timeOf(key),
        passedOver: readyRows.passedOver(queue),
      };
    });
    return {
      queues: snapshots,
      revision: page.at(-1)?.revision ?? since,
      isAll: page.length === changed.length,
    };
  };
}

/** @param running how many tasks count as waiting though they are handed out */
function countsOf({ counts }: QueueEntry, running: number): Record<TaskState, number> {
  const read = Object.fromEntries(taskStates.map((state) => [state, counts[state]])) as Record<TaskState, number>;
  return { ...read, pending: read.pending - running, running: read.running + running };
}
