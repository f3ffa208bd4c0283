import { deliveryCountOf } from "../../../domain/tasks/deliveries.ts";
import { defaultQueueSettings, type QueueSettings } from "../../../domain/tasks/queue.ts";
import { FlowCount, FlowLog, type Flows } from "../../../domain/tasks/queue-flow.ts";
import { type TaskState, taskStates } from "../../../domain/tasks/task.ts";
import { readJson } from "../../rows/json-column.ts";
import type { QueueTally, Tallies } from "../../tallies/tallies.ts";
import type { Statements } from "../database/statements.ts";
import { addCounts } from "../rows/counts.ts";

/** A queue as the open transaction leaves it. */
export interface QueueEntry {
  readonly id: number;
  readonly name: string;
  settings: QueueSettings;
  readonly createMs: number;
  updateMs: number;
  /** What the open transaction does to its tasks. */
  readonly flow: FlowCount;
  /** What is counted of it for metrics; `null`: nothing was yet. */
  tally: QueueTally | null;
}

/** How many tasks a queue holds in each state. */
export type QueueCounts = Record<TaskState, number>;

interface QueueRow {
  readonly id: number;
  readonly name: string;
  readonly settings: string;
  readonly create_ms: number;
  readonly update_ms: number;
}

type DeliveryDelta = Record<"waiting" | "running" | "failed", number>;

const columns = "id, name, settings, create_ms, update_ms";

/**
 * The queues. Their settings are kept in memory as long as no server changes any; what a transaction does to their counts is
 * collected, and written once, before the commit.
 */
export class QueueTable {
  private readonly db: Statements;
  private readonly serverId: number;
  private readonly tallies: Pick<Tallies, "flowed"> | null;
  private readonly names = new Map<string, QueueEntry>();
  private readonly ids = new Map<number, QueueEntry>();
  /** What the open transaction adds to the counts, by the queue's number. */
  private readonly deltas = new Map<number, QueueCounts>();
  private readonly deliveryDeltas = new Map<string, DeliveryDelta & { queueId: number; subscriptionId: number }>();
  /** The queues whose tasks the open transaction has moved. */
  private readonly moved = new Set<QueueEntry>();
  private readonly flows = new FlowLog();
  private revision = -1;
  private movesSome = false;

  /** @param tallies counts what commits do; `null`: nothing does */
  constructor(db: Statements, serverId: number, tallies: Pick<Tallies, "flowed"> | null) {
    this.tallies = tallies;
    this.db = db;
    this.serverId = serverId;
  }

  /** Called at the beginning of each transaction. @param revision as the database has it */
  begin(revision: number): void {
    if (revision !== this.revision) this.forget();
    this.revision = revision;
  }

  /** The queues of these names, by name; those that are not there are left out. */
  async find(names: Iterable<string>): Promise<ReadonlyMap<string, QueueEntry>> {
    const wanted = [...new Set(names)];
    const missing = wanted.filter((name) => !this.names.has(name));
    if (missing.length > 0) {
      const rows = await this.db.all<QueueRow>(`SELECT ${columns} FROM queue WHERE name = ANY($1)`, [missing]);
      for (const row of rows) this.add(row);
    }
    return new Map(wanted.flatMap((name) => entryOf(name, this.names.get(name))));
  }

  /** The queues of these numbers, by number. */
  async byId(ids: Iterable<number>): Promise<ReadonlyMap<number, QueueEntry>> {
    const wanted = [...new Set(ids)];
    const missing = wanted.filter((id) => !this.ids.has(id));
    if (missing.length > 0) {
      const rows = await this.db.all<QueueRow>(`SELECT ${columns} FROM queue WHERE id = ANY($1)`, [missing]);
      for (const row of rows) this.add(row);
    }
    return new Map(wanted.flatMap((id) => entryOf(id, this.ids.get(id))));
  }

  /** A queue that was read since the transaction began; `undefined`: it was not there. */
  named(name: string): QueueEntry | undefined {
    return this.names.get(name);
  }

  /** A queue that `find`, `byId` or `ensure` has answered since the transaction began. */
  known(id: number): QueueEntry {
    const entry = this.ids.get(id);
    if (entry === undefined) throw new Error(`queue ${id} was not read`);
    return entry;
  }

  /** The queues of these names, by name; those that are missing are made with default settings. */
  async ensure(names: Iterable<string>, nowMs: number): Promise<ReadonlyMap<string, QueueEntry>> {
    const wanted = [...new Set(names)];
    const found = await this.find(wanted);
    // In one order everywhere, so that two servers that make the same ones do not wait for each other in a circle.
    const missing = wanted.filter((name) => !found.has(name)).sort();
    if (missing.length === 0) return found;
    const settings = JSON.stringify(defaultQueueSettings);
    await this.db.run(
      `INSERT INTO queue (name, settings, create_ms, update_ms) SELECT name, $2, $3, $3 FROM unnest($1::text[]) AS name
       ON CONFLICT (name) DO NOTHING`,
      [missing, settings, nowMs],
    );
    return this.find(wanted);
  }

  /** Stores new settings; the caller tells all servers by `Engine.changed`. */
  async update(entry: QueueEntry, settings: QueueSettings, nowMs: number): Promise<void> {
    await this.db.run("UPDATE queue SET settings = $2, update_ms = $3 WHERE id = $1", [
      entry.id,
      JSON.stringify(settings),
      nowMs,
    ]);
    entry.settings = settings;
    entry.updateMs = nowMs;
  }

  /** How many tasks each of these queues holds in each state, what the open transaction did to them included. */
  async counts(ids: Iterable<number>): Promise<ReadonlyMap<number, QueueCounts>> {
    const wanted = [...new Set(ids)];
    const sums = taskStates.map((state) => `sum(${state})::bigint AS ${state}`).join(", ");
    const rows = await this.db.all<QueueCounts & { queue_id: number }>(
      `SELECT queue_id, ${sums} FROM queue_count WHERE queue_id = ANY($1) GROUP BY queue_id`,
      [wanted],
    );
    const counts = new Map(wanted.map((id) => [id, { ...noCounts() }]));
    const add = (to: QueueCounts | undefined, more: QueueCounts | undefined) => {
      if (to !== undefined && more !== undefined) for (const state of taskStates) to[state] += more[state];
    };
    for (const row of rows) add(counts.get(row.queue_id), row);
    for (const id of wanted) add(counts.get(id), this.deltas.get(id));
    return counts;
  }

  /**
   * Counts the move of a task; `null` is outside.
   *
   * @param subscriptionId whose delivery it is; `null`: it is none @param isCounted the statement that moved it has added it to the counts
   */
  move(
    queueId: number,
    from: TaskState | null,
    to: TaskState | null,
    subscriptionId: number | null,
    isCounted = false,
  ): void {
    if (!isCounted) {
      const delta = this.deltas.get(queueId) ?? noCounts();
      this.deltas.set(queueId, delta);
      if (from !== null) delta[from]--;
      if (to !== null) delta[to]++;
    }
    const entry = this.known(queueId);
    entry.flow.moved(from, to);
    this.moved.add(entry);
    if (subscriptionId === null) return;
    this.movesSome = true;
    this.flows.deliveriesOf(subscriptionId).moved(from, to);
    const key = `${queueId}.${subscriptionId}`;
    const deliveries = this.deliveryDeltas.get(key) ?? { queueId, subscriptionId, waiting: 0, running: 0, failed: 0 };
    this.deliveryDeltas.set(key, deliveries);
    const before = from === null ? null : deliveryCountOf(from);
    const after = to === null ? null : deliveryCountOf(to);
    if (before !== null) deliveries[before]--;
    if (after !== null) deliveries[after]++;
  }

  /** Whether the open transaction has moved deliveries. */
  get movesDeliveries(): boolean {
    return this.movesSome;
  }

  /** Writes what was counted; called before each commit, and before a verb reads counts by a statement of its own. */
  async flush(): Promise<void> {
    await Promise.all([
      this.deltas.size > 0 ? this.flushCounts() : null,
      this.deliveryDeltas.size > 0 ? this.flushDeliveries() : null,
    ]);
  }

  /** The commit is on the disk: its flows count. */
  committed(): void {
    this.flows.committed(this.moved, this.tallies);
    this.moved.clear();
    this.movesSome = false;
  }

  /** What the commits since the last call did. */
  takeFlows(): Flows {
    return this.flows.take();
  }

  /** Forgets what the transaction did that was undone. */
  undo(): void {
    this.forget();
    this.deltas.clear();
    this.deliveryDeltas.clear();
    this.moved.clear();
    this.movesSome = false;
    this.flows.undo();
    this.revision = -1;
  }

  private async flushCounts(): Promise<void> {
    const rows = [...this.deltas].sort(([a], [b]) => a - b);
    this.deltas.clear();
    const lists = taskStates.map((_, index) => `$${index + 3}::bigint[]`).join(", ");
    const counts = `SELECT queue_id, $1, ${taskStates.join(", ")} FROM unnest($2::int[], ${lists}) AS added (queue_id, ${taskStates.join(", ")})`;
    await this.db.run(addCounts(counts, taskStates), [
      this.serverId,
      rows.map(([id]) => id),
      ...taskStates.map((state) => rows.map(([, counts]) => counts[state])),
    ]);
  }

  private async flushDeliveries(): Promise<void> {
    const rows = [...this.deliveryDeltas.values()].sort(
      (a, b) => a.queueId - b.queueId || a.subscriptionId - b.subscriptionId,
    );
    this.deliveryDeltas.clear();
    await this.db.run(
      `INSERT INTO delivery_count (server_id, queue_id, subscription_id, waiting, running, failed)
       SELECT $1, * FROM unnest($2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[])
       ON CONFLICT (queue_id, subscription_id, server_id) DO UPDATE SET waiting = delivery_count.waiting + excluded.waiting,
         running = delivery_count.running + excluded.running, failed = delivery_count.failed + excluded.failed`,
      [
        this.serverId,
        rows.map(({ queueId }) => queueId),
        rows.map(({ subscriptionId }) => subscriptionId),
        rows.map(({ waiting }) => waiting),
        rows.map(({ running }) => running),
        rows.map(({ failed }) => failed),
      ],
    );
  }

  private add({ id, name, settings, create_ms, update_ms }: QueueRow): void {
    const known = readJson<Partial<QueueSettings>>(settings);
    const entry: QueueEntry = {
      id,
      name,
      settings: { ...defaultQueueSettings, ...known },
      createMs: create_ms,
      updateMs: update_ms,
      flow: new FlowCount(),
      tally: null,
    };
    this.names.set(name, entry);
    this.ids.set(id, entry);
  }

  private forget(): void {
    this.names.clear();
    this.ids.clear();
  }
}

function noCounts(): QueueCounts {
  return { blocked: 0, scheduled: 0, pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
}

function entryOf<Key>(key: Key, entry: QueueEntry | undefined): [Key, QueueEntry][] {
  return entry === undefined ? [] : [[key, entry]];
}
