import { type TaskState, taskStates } from "../../../domain/tasks/task.ts";
import type { QueueMeasures, StoreMeasures } from "../../measures.ts";
import { workflowStateOf } from "../../rows/workflow-rows.ts";
import type { Store } from "../../store.ts";
import type { QueueTally, Tallies } from "../../tallies/tallies.ts";
import type { Engine } from "../engine/engine.ts";
import type { OpenLease } from "../engine/open-leases.ts";
import { depth } from "../engine/queue-depth.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { QueueEntry } from "../rows/queue-table.ts";
import { createMeasureSubscriptions } from "./measure-subscriptions.ts";
import { createOldestReady, type OpenTasks } from "./oldest-ready.ts";

/**
 * Creates the verb `measure` on an open database. It counts no rows: all that it answers is in memory, but for the oldest task of each
 * queue and subscription that is counted apart.
 */
export function createMeasure(engine: Engine): SyncVerb<Store["measure"]> {
  const { tallies } = engine;
  if (tallies === null) return () => null;
  countPresent(engine, tallies);
  const measureQueues = createMeasureQueues(engine, tallies);
  const measureSubscriptions = createMeasureSubscriptions(engine, tallies.most);

  return (nowMs): StoreMeasures => {
    const leases = engine.leases.all();
    return {
      queues: measureQueues(leases, nowMs),
      queueCount: engine.queues.count,
      subscriptions: measureSubscriptions(leases),
      workflows: tallies.readWorkflows(),
      events: tallies.readEvents(),
      commits: tallies.readCommits(),
      files: tallies.readFiles(),
    };
  };
}

/**
 * Counts what is there when the store is opened. Queues with unfinished tasks are counted apart first, and all of them if there are
 * not too many.
 */
function countPresent({ db, queues }: Engine, tallies: Tallies): void {
  const selectUnfinished = db.prepare<[], { readonly state: number; readonly n: number }>(
    "SELECT state, count(*) AS n FROM workflow INDEXED BY workflow_unfinished WHERE finish_ms IS NULL GROUP BY state",
  );
  for (const { state, n } of selectUnfinished.all()) tallies.foundWorkflows(workflowStateOf(state), n);
  const all = [...queues.all()];
  for (const queue of all) if (all.length <= tallies.most || depth(queue) > 0) tallies.of(queue);
}

function createMeasureQueues(engine: Engine, tallies: Tallies) {
  const { queues, keys } = engine;
  const oldest = createOldestReady(engine);
  const timeOf = (key: number | null) => (key === null ? null : keys.timeOf(key));

  function measured(
    tally: QueueTally,
    entries: readonly QueueEntry[],
    open: OpenTasks,
  ): Omit<QueueMeasures, "oldestReadyMs"> {
    const tasks = Object.fromEntries(taskStates.map((state) => [state, 0])) as Record<TaskState, number>;
    for (const { id, counts } of entries) {
      const running = open.size === 0 ? 0 : (open.get(id)?.length ?? 0);
      for (const state of taskStates) tasks[state] += counts[state];
      tasks.pending -= running;
      tasks.running += running;
    }
    const paused = entries.length > 0 && entries.every(({ settings }) => settings.paused);
    return { queue: tally.name, tasks, paused, ...tallies.readQueue(tally) };
  }

  return (leases: readonly OpenLease[], nowMs: number): QueueMeasures[] => {
    const openIds = Map.groupBy(leases, ({ queue_id }) => queue_id);
    const open = new Map([...openIds].map(([queue, each]) => [queue, each.map(({ id }) => id)]));
    const apart: QueueMeasures[] = [];
    const others: QueueEntry[] = [];
    for (const queue of queues.all()) {
      const tally = tallies.known(queue);
      if (tally === null) others.push(queue);
      else apart.push({ ...measured(tally, [queue], open), oldestReadyMs: timeOf(oldest.keyOf(queue, open, nowMs)) });
    }
    apart.sort((a, b) => (a.queue < b.queue ? -1 : 1));
    if (others.length === 0) return apart;
    const oldestReadyMs = timeOf(oldest.keyOfAll(others, open, nowMs));
    return [...apart, { ...measured(tallies.others, others, open), oldestReadyMs }];
  };
}
