import { defaultQueueSettings, type QueueSettings } from "../../../domain/tasks/queue.ts";
import { finishedStates } from "../../../domain/tasks/retention.ts";
import { readJson } from "../../rows/json-column.ts";
import { stateNumber } from "../../rows/task-states.ts";
import { quoted, type Session } from "../database/session.ts";
import { isConflict, isConnectionLost, isDiskFull } from "../database/sql-state.ts";
import {
  type PartitionKind,
  partitionKey,
  partitionKeyAt,
  partitionKindAt,
  partitionKindOf,
} from "../rows/partitions.ts";
import { detachedTable } from "./sweep-detached.ts";

/** A partition as it is stored. */
interface PartitionRow {
  readonly name: string;
  readonly from_key: number;
  readonly until_key: number;
  readonly next_page: number | null;
  readonly is_swept: boolean;
}

/** A queue with what its settings say. */
interface KeepingQueue {
  readonly id: number;
  readonly retention: QueueSettings["retention"];
}

/** How long others may wait for a partition that is detached, in milliseconds: for those who use the table, and then for the partition. */
const tableMs = 70;
const partitionMs = 30;
/**
 * A partition is detached so long after its end, in milliseconds: longer than a transaction may stand still between the moment that it takes for now and
 * its statements.
 */
const slackMs = 60_000;
/** So many partitions ahead of what is needed now: for the time in which no server leads. */
const partitionsAhead = 2;
/** How many pages of a partition one statement looks through for rows that are to be kept. */
const pagesAtOnce = 200;
/** One server at a time, the other number stands for the schema. */
const lockClass = 0x5175;

/**
 * Makes the partitions that are needed next, detaches one in which all are past their retention, and drops the one that is swept.
 * Its session waits for no lock longer than others may wait for it: what it does not get now it gets the next time.
 */
export async function keepPartitions(open: () => Promise<Session>, schema: string, nowMs: number): Promise<void> {
  let session: Session | null = null;
  try {
    session = await open();
    await keep(session, schema, nowMs);
  } catch (error) {
    // The database is away or full, or another session is in the way: rows are deleted all the same, and the next round comes.
    if (!(isConflict(error) || isConnectionLost(error) || isDiskFull(error))) throw error;
  } finally {
    await session?.close().catch(() => undefined);
  }
}

async function keep(session: Session, schema: string, nowMs: number): Promise<void> {
  const lock = await session.get<{ got: boolean }>("SELECT pg_try_advisory_lock($1, hashtext($2)) AS got", [
    lockClass,
    schema,
  ]);
  if (lock?.got !== true) return;
  // A whole partition is read from its first page to the last.
  await session.script(
    `SET enable_seqscan TO on; SET statement_timeout TO 0; SET lock_timeout TO ${tableMs + partitionMs}`,
  );
  const partitions = await session.all<PartitionRow>(
    `SELECT ${partitionColumns} FROM task_partition ORDER BY from_key`,
  );
  const queues = await readQueues(session);
  await makePartitions(session, missingPartitions(partitions, kindsOf(queues), nowMs));
  const detached = partitions.find(({ next_page: page }) => page !== null);
  if (detached?.is_swept === false) return;
  if (detached !== undefined) await dropDetached(session);
  for (const partition of partitions.filter((each) => each !== detached && isPast(each, nowMs))) {
    if (await isOver(session, partition, queues, nowMs)) return detach(session, partition);
  }
}

const partitionColumns = "name, from_key, until_key, next_page, is_swept";

async function readQueues(session: Session): Promise<KeepingQueue[]> {
  const rows = await session.all<{ id: number; settings: string }>("SELECT id, settings FROM queue");
  return rows.map(({ id, settings }) => {
    const { retention } = { ...defaultQueueSettings, ...readJson<Partial<QueueSettings>>(settings) };
    return { id, retention };
  });
}

/** How long what is in partitions of a kind is kept at the most, by the kinds that the settings of queues ask for, in milliseconds. */
function kindsOf(queues: readonly KeepingQueue[]): ReadonlyMap<PartitionKind, number> {
  const kinds = new Map<PartitionKind, number>();
  for (const { retention } of queues) {
    for (const state of finishedStates) {
      const keptMs = retention[`${state}Ms`];
      const kind = partitionKindOf(keptMs);
      if (kind !== undefined) kinds.set(kind, Math.max(keptMs, kinds.get(kind) ?? 0));
    }
  }
  return kinds;
}

type NewPartition = Pick<PartitionRow, "name" | "from_key" | "until_key">;

function missingPartitions(
  partitions: readonly PartitionRow[],
  kinds: ReadonlyMap<PartitionKind, number>,
  nowMs: number,
): NewPartition[] {
  const there = new Set(partitions.map(({ from_key: fromKey }) => fromKey));
  return [...kinds].flatMap(([kind, mostMs]) => {
    const { widthMs } = kind;
    const count = Math.ceil(mostMs / widthMs) + 1 + partitionsAhead;
    const first = Math.floor(nowMs / widthMs);
    return Array.from({ length: count }, (_, index): NewPartition => {
      const fromMs = (first + index) * widthMs;
      const [fromKey, untilKey] = [partitionKeyAt(kind, fromMs), partitionKeyAt(kind, fromMs + widthMs)];
      return { name: `task_${kind.number}_${fromMs / 1_000}`, from_key: fromKey, until_key: untilKey };
    }).filter((partition) => !there.has(partition.from_key));
  });
}

/** Makes partitions. No statement of others waits for it, and it waits for none. */
async function makePartitions(session: Session, partitions: readonly NewPartition[]): Promise<void> {
  if (partitions.length === 0) return;
  await transaction(session, async () => {
    for (const { name, from_key: fromKey, until_key: untilKey } of partitions) {
      await session.script(
        `CREATE TABLE ${quoted(name)} (LIKE task INCLUDING ALL) WITH (autovacuum_vacuum_insert_threshold = -1);
         ALTER TABLE task ATTACH PARTITION ${quoted(name)} FOR VALUES FROM (${fromKey}) TO (${untilKey})`,
      );
      await session.run("INSERT INTO task_partition (name, from_key, until_key) VALUES ($1, $2, $3)", [
        name,
        fromKey,
        untilKey,
      ]);
    }
  });
}

function isPast({ from_key: fromKey, until_key: untilKey }: PartitionRow, nowMs: number): boolean {
  const kind = partitionKindAt(fromKey);
  return kind !== undefined && untilKey <= partitionKeyAt(kind, nowMs - slackMs);
}

/** Whether all in a partition are past their retention, as it is now, once those that are not are moved out of it. */
async function isOver(
  session: Session,
  partition: PartitionRow,
  queues: readonly KeepingQueue[],
  nowMs: number,
): Promise<boolean> {
  const kept = await keptOf(session, partition, queues, nowMs);
  if (kept.length === 0) return true;
  await moveOut(session, partition, kept);
  return (await keptOf(session, partition, queues, nowMs)).length === 0;
}

/** What a partition holds of a queue in one state. */
interface Group {
  readonly queue_id: number;
  readonly state: number;
  /** When the last one finished. */
  readonly last_ms: number;
}

/** Tasks of a queue and state that finished after this are to be kept. */
interface Kept {
  readonly queue_id: number;
  readonly state: number;
  readonly after_ms: number;
}

async function keptOf(
  session: Session,
  { name }: PartitionRow,
  queues: readonly KeepingQueue[],
  nowMs: number,
): Promise<Kept[]> {
  const groups = (await session.script(
    `SELECT queue_id, state::int AS state, max(finish_ms) AS last_ms
     FROM ${quoted(name)} GROUP BY 1, 2`,
    0,
  )) as unknown as readonly Group[];
  const byId = new Map(queues.map((queue) => [queue.id, queue]));
  return groups.flatMap((group) => {
    const state = finishedStates.find((each) => stateNumber[each] === group.state);
    const queue = byId.get(group.queue_id);
    // A queue that was made since they were read: the next time.
    const afterMs = state === undefined || queue === undefined ? 0 : nowMs - queue.retention[`${state}Ms`];
    return group.last_ms > afterMs ? { queue_id: group.queue_id, state: group.state, after_ms: afterMs } : [];
  });
}

/** Moves what is to be kept to `task_kept`, from which rows are deleted one by one. */
async function moveOut(session: Session, partition: PartitionRow, kept: readonly Kept[]): Promise<void> {
  const pages = await pagesOf(session, partition.name);
  for (let page = 0; page < pages; page += pagesAtOnce) {
    await session.script(
      `UPDATE task SET partition_key = ${partitionKey.kept}
       WHERE partition_key >= ${partition.from_key} AND partition_key < ${partition.until_key}
         AND ctid >= '(${page},0)' AND ctid < '(${page + pagesAtOnce},0)'
         AND (${kept.map((each) => `queue_id = ${each.queue_id} AND state = ${each.state} AND finish_ms > ${each.after_ms}`).join(" OR ")})`,
      0,
    );
  }
}

/** How many pages a table has. */
async function pagesOf(session: Session, name: string): Promise<number> {
  const row = await session.get<{ pages: number }>(
    "SELECT pg_relation_size($1::regclass) / current_setting('block_size')::int AS pages",
    [quoted(name)],
  );
  return row?.pages ?? 0;
}

/** Detaches a partition: from then on its tasks are not found. While it waits for those who use the table, others wait behind it. */
async function detach(session: Session, { name }: PartitionRow): Promise<void> {
  await transaction(session, async () => {
    await session.script(`SET LOCAL lock_timeout TO ${tableMs}; LOCK TABLE ONLY task IN ACCESS EXCLUSIVE MODE`);
    await session.script(
      `SET LOCAL lock_timeout TO ${partitionMs}; ALTER TABLE task DETACH PARTITION ${quoted(name)};
       ALTER TABLE ${quoted(name)} RENAME TO ${detachedTable}`,
    );
    await session.run("UPDATE task_partition SET name = $2, next_page = 0 WHERE name = $1", [name, detachedTable]);
  });
}

/** Drops the partition that is swept. */
async function dropDetached(session: Session): Promise<void> {
  await transaction(session, async () => {
    await session.script(`DROP TABLE ${detachedTable}`);
    await session.run("DELETE FROM task_partition WHERE is_swept");
  });
}

async function transaction(session: Session, work: () => Promise<void>): Promise<void> {
  await session.script("BEGIN");
  try {
    await work();
    await session.script("COMMIT");
  } catch (error) {
    await session.script("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
