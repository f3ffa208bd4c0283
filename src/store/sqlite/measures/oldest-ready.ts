import { stateNumber } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import type { QueueEntry } from "../rows/queue-table.ts";

/** The ready task of a queue that waits longest, whatever its priority. */
export interface OldestReady {
  /** The place in time of a queue's oldest; `null`: none is ready. */
  keyOf(queue: QueueEntry, open: OpenTasks, nowMs: number): number | null;
  /**
   * The same over several queues, of which it looks only at those that may have it. Where the tasks of more than `mostLooks` queues come
   * and go, it is the oldest of those that it has looked at, each time at others.
   */
  keyOfAll(queues: readonly QueueEntry[], open: OpenTasks, nowMs: number): number | null;
}

/** The tasks whose leases are open, by the number of their queue: their rows say that they are ready. */
export type OpenTasks = ReadonlyMap<number, readonly number[]>;

/** At how many queues one call looks: a look takes 5 to 10 µs. */
const mostLooks = 200;
/** At how many of the lanes beside a queue's line a look looks. */
const mostLanes = 4;

/** Creates it over an open database. */
export function createOldestReady({ db, keys }: Pick<Engine, "db" | "keys">): OldestReady {
  const ready = `queue_id = +? AND state = ${stateNumber.pending}`;
  const isFree = "id NOT IN (SELECT value FROM json_each(?))";
  const inOrder = "priority < +? ORDER BY priority DESC, ready_key LIMIT 1";
  const selectInLine = db.prepare<[number, string, number], Place>(
    `SELECT priority, ready_key FROM task INDEXED BY task_ready WHERE ${ready} AND lane IS NULL AND ${isFree} AND ${inOrder}`,
  );
  const selectInLane = db.prepare<[number, string, string, number], Place>(
    `SELECT priority, ready_key FROM task INDEXED BY task_lane
     WHERE ${ready} AND lane = ? AND lane IS NOT NULL AND ${isFree} AND ${inOrder}`,
  );

  /** The oldest over all priorities: of each the first is its oldest. */
  function oldest(next: (belowPriority: number) => Place | undefined): number {
    let least = Number.POSITIVE_INFINITY;
    for (let place = next(abovePriorities); place !== undefined; place = next(place.priority)) {
      least = Math.min(least, place.ready_key);
    }
    return least;
  }

  function look({ id, lanes }: QueueEntry, opened: OpenTasks): number {
    const open = JSON.stringify(opened.get(id) ?? []);
    let least = oldest((below) => selectInLine.get(id, open, below));
    for (const lane of [...lanes].slice(0, mostLanes)) {
      least = Math.min(
        least,
        oldest((below) => selectInLane.get(id, lane, open, below)),
      );
    }
    return least;
  }

  /** Looks, and remembers what comes of it: what gets ready later comes behind it, or behind the present. */
  function lookAt(queue: QueueEntry, open: OpenTasks, nowMs: number): number | null {
    const key = look(queue, open);
    queue.oldestBound = Math.min(key, keys.at(nowMs));
    return Number.isFinite(key) ? key : null;
  }

  return {
    keyOf: (queue, open, nowMs) => (queue.counts.pending === 0 ? null : lookAt(queue, open, nowMs)),

    keyOfAll(queues, open, nowMs) {
      const waiting = queues.filter(({ counts }) => counts.pending > 0);
      let found: number | null = null;
      for (const queue of leastBounds(waiting).sort((a, b) => a.oldestBound - b.oldestBound)) {
        // Neither it nor any behind it has an older one.
        if (found !== null && queue.oldestBound >= found) break;
        const key = lookAt(queue, open, nowMs);
        if (key !== null && (found === null || key < found)) found = key;
      }
      return found;
    },
  };
}

/** The queues that may have the oldest task, as many as are looked at. To sort 10,000 of them costs 5 ms, their bounds alone 0.5 ms. */
function leastBounds(queues: readonly QueueEntry[]): QueueEntry[] {
  if (queues.length <= mostLooks) return [...queues];
  const bounds = Float64Array.from(queues, ({ oldestBound }) => oldestBound).sort();
  const most = bounds[mostLooks - 1] ?? 0;
  const least = queues.filter(({ oldestBound }) => oldestBound < most);
  for (const queue of queues) {
    if (least.length === mostLooks) break;
    if (queue.oldestBound === most) least.push(queue);
  }
  return least;
}

interface Place {
  readonly priority: number;
  readonly ready_key: number;
}

/** Above every priority that a task can have. */
const abovePriorities = 2 ** 31;
