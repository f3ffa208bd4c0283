import type Database from "better-sqlite3";
import { addDeliveries, isBelowZero, moveDelivery, type SubscriptionCounts } from "../../../domain/tasks/deliveries.ts";
import { damagedQueueSettings, defaultQueueSettings, type QueueSettings } from "../../../domain/tasks/queue.ts";
import { FlowCount, FlowLog, type Flows } from "../../../domain/tasks/queue-flow.ts";
import { type TaskState, taskStates } from "../../../domain/tasks/task.ts";
import { deliveriesOf, deliveriesText, readJson } from "../../rows/json-column.ts";
import { stateNumber, stateOf } from "../../rows/task-states.ts";
import type { QueueTally, Tallies } from "../../tallies/tallies.ts";
import type { Damages } from "./damages.ts";
import { frontAfter, type LineFront, type Place } from "./line-front.ts";

/** A queue in memory: its settings, and its counts as the open transaction leaves them. */
export interface QueueEntry {
  readonly id: number;
  readonly name: string;
  settings: QueueSettings;
  readonly counts: Record<TaskState, number>;
  /** The lanes that may hold ready tasks. */
  readonly lanes: Set<string>;
  /** Where claims go on; `null`: at the beginning of the line. */
  front: LineFront | null;
  /** How many deliveries of each subscription are in it, by the subscription's number; none that has none. */
  readonly deliveries: SubscriptionCounts;
  /** Higher than that of every queue that has not changed since it did. */
  revision: number;
  /** What the open transaction does to its tasks. */
  readonly flow: FlowCount;
  readonly createMs: number;
  updateMs: number;
  /** Where its tasks are counted for metrics; `null`: they were not yet, or are not. */
  tally: QueueTally | null;
  /** No task that is ready has a place before this one in time; 0: it is not known. Kept for metrics. */
  oldestBound: number;
}

/**
 * Every queue, held in memory by the one thread that writes. Counts are moved here with each task and written once per
 * transaction, however many tasks it moved.
 */
export interface QueueTable {
  byName(name: string): QueueEntry | undefined;
  /** The queue of a number. Of one that there is none of, which only a damaged row names, a queue without a name and without tasks. */
  byId(id: number): QueueEntry;
  all(): Iterable<QueueEntry>;
  /** How many there are. */
  readonly count: number;
  /** The highest of the queues' revisions. */
  readonly revision: number;
  /** Notes that a queue has changed otherwise than by a commit. */
  touch(entry: QueueEntry): void;
  /** Answers the queue, made with default settings if it is missing. */
  ensure(name: string, nowMs: number): QueueEntry;
  /** Stores new settings. */
  update(entry: QueueEntry, settings: QueueSettings, nowMs: number): void;
  /**
   * Counts a task's move; `null` is outside: before it is stored, or after it is deleted.
   *
   * @param subscription whose delivery it is; `null`: it is none
   * @param place where it is in line if it is PENDING now; not set: anywhere
   */
  move(
    entry: QueueEntry,
    from: TaskState | null,
    to: TaskState | null,
    subscription: number | null,
    place?: Place,
  ): void;
  /** Takes back the move of a plain task that was not stored after all. */
  unmove(entry: QueueEntry): void;
  /** Writes the counts that changed; called before each commit. */
  flush(): void;
  /** The commit is on the disk: its flows count. */
  committed(): void;
  /** What the commits since the last call did. */
  takeFlows(): Flows;
  /** Goes back to what is on the disk; called after each rollback. */
  reload(): void;
}

type QueueRow = {
  id: number;
  name: string;
  settings: string;
  create_ms: number;
  update_ms: number;
  deliveries: string | null;
} & Record<TaskState, number>;

/** How many tasks of a queue are in a state, of each subscription apart. */
interface CountRow {
  readonly queue_id: number;
  readonly state: number;
  readonly subscription_id: number | null;
  readonly n: number;
}

/** Creates the table of queues of an open database. @param tallies counts what commits do; `null`: nothing does */
export function createQueueTable(
  db: Database.Database,
  damages: Pick<Damages, "leftOut">,
  tallies: Pick<Tallies, "flowed"> | null,
): QueueTable {
  const columns = `id, name, settings, create_ms, update_ms, deliveries, ${taskStates.join(", ")}`;
  const selectAll = db.prepare<[], QueueRow>(`SELECT ${columns} FROM queue`);
  const insert = db.prepare<[string, string, number, number]>(
    "INSERT INTO queue (name, settings, create_ms, update_ms) VALUES (?, ?, ?, ?)",
  );
  const updateSettings = db.prepare<[string, number, number]>(
    "UPDATE queue SET settings = ?, update_ms = ? WHERE id = ?",
  );
  const updateCounts = db.prepare(
    `UPDATE queue SET ${taskStates.map((state) => `${state} = @${state}`).join(", ")}, deliveries = @deliveries WHERE id = @id`,
  );

  const selectLanes = db.prepare<[], { queue_id: number; lane: string }>(
    `SELECT DISTINCT queue_id, lane FROM task INDEXED BY task_lane
     WHERE state = ${stateNumber.pending} AND lane IS NOT NULL`,
  );

  const countRunning = db.prepare<[], CountRow>(
    `SELECT queue_id, ${stateNumber.running} AS state, subscription_id, count(*) AS n FROM task INDEXED BY task_running
     WHERE state = ${stateNumber.running} GROUP BY 1, 3`,
  );

  const countAll = db.prepare<[number], CountRow>(
    "SELECT queue_id, state, subscription_id, count(*) AS n FROM task WHERE queue_id = ? GROUP BY 2, 3",
  );

  const names = new Map<string, QueueEntry>();
  const ids = new Map<number, QueueEntry>();
  const moved = new Set<QueueEntry>();
  const flows = new FlowLog();
  let revision = 0;

  function add(entry: QueueEntry): QueueEntry {
    entry.revision = ++revision;
    names.set(entry.name, entry);
    ids.set(entry.id, entry);
    return entry;
  }

  /** What runs is counted anew: there is little of it, and an earlier version could write a wrong number, which bounds the queue. */
  function recountRunning(): void {
    for (const { counts, deliveries } of ids.values()) {
      counts.running = 0;
      for (const each of deliveries.values()) each.running = 0;
    }
    addCounts(countRunning.all());
  }

  /**
   * Counts all tasks of a queue anew. A count below zero was wrong on the disk: its CHECK would refuse every commit that moves a
   * task of the queue, for good.
   */
  function recount({ id, counts, deliveries }: QueueEntry): void {
    Object.assign(counts, emptyCounts());
    deliveries.clear();
    addCounts(countAll.all(id));
  }

  function addCounts(rows: readonly CountRow[]): void {
    for (const { queue_id, state, subscription_id, n } of rows) {
      const { counts, deliveries } = table.byId(queue_id);
      counts[stateOf(state)] += n;
      if (subscription_id !== null) addDeliveries(deliveries, subscription_id, stateOf(state), n);
    }
  }

  function settingsOf({ name, settings }: QueueRow): QueueSettings {
    const known = readJson<Partial<QueueSettings>>(settings);
    if (typeof known === "object" && known !== null) return { ...defaultQueueSettings, ...known };
    damages.leftOut(`the settings of queue ${name}, which is paused until it is given others`);
    return damagedQueueSettings;
  }

  const table: QueueTable = {
    byName: (name) => names.get(name),

    byId: (id) => ids.get(id) ?? newEntry(id, "", 0),

    all: () => ids.values(),

    get count() {
      return ids.size;
    },

    get revision() {
      return revision;
    },

    touch(entry) {
      entry.revision = ++revision;
    },

    ensure(name, nowMs) {
      const known = names.get(name);
      if (known !== undefined) return known;
      const { lastInsertRowid } = insert.run(name, JSON.stringify(defaultQueueSettings), nowMs, nowMs);
      return add(newEntry(Number(lastInsertRowid), name, nowMs));
    },

    update(entry, settings, nowMs) {
      updateSettings.run(JSON.stringify(settings), nowMs, entry.id);
      entry.settings = settings;
      entry.updateMs = nowMs;
      entry.revision = ++revision;
    },

    move(entry, from, to, subscription, place) {
      if (from !== null) entry.counts[from]--;
      if (to !== null) entry.counts[to]++;
      entry.flow.moved(from, to);
      if (to === "pending") entry.front = frontAfter(entry.front, place);
      if (subscription !== null) {
        moveDelivery(entry.deliveries, subscription, from, to);
        flows.deliveriesOf(subscription).moved(from, to);
      }
      moved.add(entry);
      // It comes back to its old place.
      if (from === "running" && to === "pending") entry.oldestBound = 0;
    },

    unmove(entry) {
      entry.counts.pending--;
      entry.flow.enqueued--;
    },

    flush() {
      for (const entry of moved) {
        if (isBelowZero(entry)) recount(entry);
        updateCounts.run({ id: entry.id, ...entry.counts, deliveries: deliveriesText(entry.deliveries) });
      }
    },

    committed() {
      for (const entry of moved) entry.revision = ++revision;
      flows.committed(moved, tallies);
      moved.clear();
    },

    takeFlows: () => flows.take(),

    reload() {
      moved.clear();
      flows.undo();
      names.clear();
      ids.clear();
      for (const row of selectAll.all()) {
        const deliveries = deliveriesOf(row.deliveries);
        const entry = add({
          id: row.id,
          name: row.name,
          settings: settingsOf(row),
          lanes: new Set(),
          front: null,
          counts: Object.assign(emptyCounts(), Object.fromEntries(taskStates.map((state) => [state, row[state]]))),
          deliveries: deliveries ?? new Map(),
          revision: 0,
          flow: new FlowCount(),
          createMs: row.create_ms,
          updateMs: row.update_ms,
          tally: null,
          oldestBound: 0,
        });
        if (deliveries === null) recount(entry);
      }
      recountRunning();
      for (const { queue_id, lane } of selectLanes.all()) ids.get(queue_id)?.lanes.add(lane);
    },
  };
  table.reload();
  return table;
}

function newEntry(id: number, name: string, nowMs: number): QueueEntry {
  return {
    id,
    name,
    settings: defaultQueueSettings,
    counts: emptyCounts(),
    lanes: new Set(),
    front: null,
    deliveries: new Map(),
    revision: 0,
    flow: new FlowCount(),
    createMs: nowMs,
    updateMs: nowMs,
    tally: null,
    oldestBound: 0,
  };
}

function emptyCounts(): Record<TaskState, number> {
  return { blocked: 0, scheduled: 0, pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
}
