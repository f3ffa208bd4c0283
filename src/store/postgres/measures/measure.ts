import { type TaskState, taskStates } from "../../../domain/tasks/task.ts";
import { type WorkflowState, workflowStates } from "../../../domain/workflows/workflow.ts";
import type { FileMeasures, MeasureStore, QueueMeasures, StoreMeasures } from "../../measures.ts";
import { workflowStateOf } from "../../rows/workflow-rows.ts";
import type { QueueTally, Tallies } from "../../tallies/tallies.ts";
import { isConnectionLost, isTooSlow, sqlStateOf } from "../database/sql-state.ts";
import type { Statements } from "../database/statements.ts";
import type { Engine } from "../engine/engine.ts";
import type { QueueCounts, QueueEntry } from "../engine/queue-table.ts";
import { createMeasureSubscriptions } from "./measure-subscriptions.ts";
import { oldestReadyKeys } from "./oldest-ready.ts";

/** At how many queues that are counted together one call looks for the oldest task, and how many of these take turns. */
const mostLooks = 200;
const turns = 50;
/** How many unfinished workflows are counted. */
const mostUnfinished = 100_000;

/**
 * Creates the verb `measure`. What happens, each server counts for itself, in memory; how everything stands, it reads where all servers count
 * it: no tasks are counted.
 */
export function createMeasure(engine: Engine): MeasureStore {
  const { tallies, db, queues } = engine;
  if (tallies === null) return { measure: async () => null };
  const measureQueues = createMeasureQueues(engine, tallies);
  const measureSubscriptions = createMeasureSubscriptions(engine, tallies.most);
  const readFiles = createReadFiles(db);

  return {
    async measure(): Promise<StoreMeasures> {
      await queues.flush();
      const ids = (await db.all<{ id: number }>("SELECT id FROM queue ORDER BY id")).map(({ id }) => id);
      return {
        queues: await measureQueues(ids),
        queueCount: ids.length,
        subscriptions: await measureSubscriptions(),
        workflows: { ...tallies.readWorkflows(), unfinished: await unfinishedWorkflows(db) },
        events: tallies.readEvents(),
        commits: tallies.readCommits(),
        files: await readFiles(),
      };
    },
  };
}

/** How many workflows are not at rest, by their states; of very many, the oldest. */
async function unfinishedWorkflows(db: Statements): Promise<Record<WorkflowState, number>> {
  const rows = await db.all<{ state: number; n: number }>(
    `SELECT state, count(*) AS n FROM (
       SELECT state FROM workflow WHERE finish_ms IS NULL ORDER BY id LIMIT ${mostUnfinished}
     ) AS unfinished GROUP BY state`,
  );
  const counts = Object.fromEntries(workflowStates.map((state) => [state, 0])) as Record<WorkflowState, number>;
  for (const { state, n } of rows) counts[workflowStateOf(state)] += n;
  return counts;
}

const selectFiles = `SELECT pg_database_size(current_database()) AS database,
    pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::bigint AS wal FROM pg_control_checkpoint()`;

/**
 * Makes what reads the sizes of the database, and of its log since the last checkpoint: so much a start after a crash would go through. Where
 * the database does not tell them, as some that are run by others do not, they are 0.
 */
function createReadFiles(db: Statements): () => Promise<FileMeasures> {
  let isTold = true;

  async function read() {
    if (!isTold) return undefined;
    await db.run("SAVEPOINT files");
    try {
      const row = await db.get<{ database: number; wal: number }>(selectFiles);
      await db.run("RELEASE SAVEPOINT files");
      return row;
    } catch (error) {
      if (sqlStateOf(error) === "" || isConnectionLost(error) || isTooSlow(error)) throw error;
      isTold = false;
      await db.run("ROLLBACK TO SAVEPOINT files");
      return undefined;
    }
  }

  return async () => {
    const { database = 0, wal = 0 } = (await read()) ?? {};
    return { databaseBytes: database, walBytes: wal, freeBytes: null, reserveBytes: 0 };
  };
}

function createMeasureQueues({ db, keys, queues }: Engine, tallies: Tallies) {
  /** The oldest ready tasks of queues that are counted together, when they were last looked at. */
  const oldestOfOthers = new Map<number, number>();
  let turn = 0;

  /** The oldest task of several queues, of which it looks only at those that may have it. */
  async function oldestOf(waiting: readonly number[]): Promise<number | null> {
    const still = new Set(waiting);
    for (const id of oldestOfOthers.keys()) if (!still.has(id)) oldestOfOthers.delete(id);
    const boundOf = (id: number) => oldestOfOthers.get(id) ?? 0;
    const least = waiting.toSorted((a, b) => boundOf(a) - boundOf(b)).slice(0, mostLooks - turns);
    const next = Array.from(
      { length: Math.min(turns, waiting.length) },
      (_, n) => waiting[(turn + n) % waiting.length],
    );
    turn += turns;
    const looked = [...new Set([...least, ...next.filter((id) => id !== undefined)])];
    const found = await oldestReadyKeys(db, looked);
    for (const id of looked) {
      const key = found.get(id);
      if (key === undefined) oldestOfOthers.delete(id);
      else oldestOfOthers.set(id, key);
    }
    const oldest = [...oldestOfOthers.values()].reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    return Number.isFinite(oldest) ? oldest : null;
  }

  function measured(
    tally: QueueTally,
    entries: readonly QueueEntry[],
    counts: ReadonlyMap<number, QueueCounts>,
    oldestKey: number | null,
  ): QueueMeasures {
    const tasks = Object.fromEntries(taskStates.map((state) => [state, 0])) as Record<TaskState, number>;
    for (const { id } of entries) for (const state of taskStates) tasks[state] += counts.get(id)?.[state] ?? 0;
    const paused = entries.length > 0 && entries.every(({ settings }) => settings.paused);
    const oldestReadyMs = oldestKey === null ? null : keys.timeOf(oldestKey);
    return { queue: tally.name, tasks, paused, oldestReadyMs, ...tallies.readQueue(tally) };
  }

  return async (ids: readonly number[]): Promise<QueueMeasures[]> => {
    const entries = [...(await queues.byId(ids)).values()];
    const counts = await queues.counts(ids);
    const isWaiting = ({ id }: QueueEntry) => (counts.get(id)?.pending ?? 0) > 0;
    // All are counted apart if there are not too many, else first those with unfinished tasks: those too that other servers have made.
    const isFew = entries.length <= tallies.most;
    for (const entry of entries) if (isFew || isUnfinished(counts.get(entry.id))) tallies.of(entry);
    const apart = entries.flatMap((entry) => {
      const tally = tallies.known(entry);
      return tally === null ? [] : [{ entry, tally }];
    });
    const waitingApart = apart.map(({ entry }) => entry).filter(isWaiting);
    const oldest = await oldestReadyKeys(
      db,
      waitingApart.map(({ id }) => id),
    );
    const all = apart.map(({ entry, tally }) => measured(tally, [entry], counts, oldest.get(entry.id) ?? null));
    all.sort((a, b) => (a.queue < b.queue ? -1 : 1));
    const others = entries.filter((entry) => tallies.known(entry) === null);
    if (others.length === 0) return all;
    const oldestKey = await oldestOf(others.filter(isWaiting).map(({ id }) => id));
    return [...all, measured(tallies.others, others, counts, oldestKey)];
  };
}

function isUnfinished(counts: QueueCounts | undefined): boolean {
  return counts !== undefined && counts.blocked + counts.scheduled + counts.pending + counts.running > 0;
}
