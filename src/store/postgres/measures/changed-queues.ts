import { taskStates } from "../../../domain/tasks/task.ts";
import type { OverviewStore, QueueSnapshot } from "../../overview-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { QueueEntry } from "../engine/queue-table.ts";
import { pausedBy } from "../queues/paused-by.ts";
import type { ReadyRows } from "../tasks/ready-rows.ts";
import { oldestReadyKeys } from "./oldest-ready.ts";

/** A queue as it was found. */
interface Found {
  /** Which transactions of which servers wrote its rows last. */
  readonly mark: string;
  /** The reading that found it so. */
  readonly revision: number;
}

/**
 * What has changed since a reading: the rows of queues and of their counts tell which transaction wrote them, so that no write
 * costs anything for it. A transaction of another server may have begun before a reading and be committed after it, so that each
 * reading begins at the oldest one that ran in the last.
 */
const selectChanged = `WITH changed AS (
    SELECT id FROM queue WHERE $1::text IS NULL OR age(xmin) <= age($1::xid)
    UNION
    SELECT queue_id FROM queue_count WHERE $1::text IS NULL OR age(xmin) <= age($1::xid)
  )
  SELECT id, concat_ws(' ', queue.xmin, (
    SELECT string_agg(server_id || ':' || queue_count.xmin, ' ' ORDER BY server_id) FROM queue_count WHERE queue_id = queue.id
  )) AS mark FROM queue JOIN changed USING (id)`;

/** Creates the verb `changedQueues`. It counts no tasks; of queues with waiting tasks it looks at the first ones. */
export function createChangedQueues(engine: Engine, readyRows: ReadyRows): Pick<OverviewStore, "changedQueues"> {
  const { db, queues, keys } = engine;
  /** What the readings of this server have found, by the number of the queue. */
  const found = new Map<number, Found>();
  let revision = 0;
  /** The oldest transaction that ran at the last reading; `null`: there was none. */
  let since: string | null = null;

  async function read(): Promise<void> {
    await queues.flush();
    const now = await db.get<{ oldest: string }>("SELECT pg_snapshot_xmin(pg_current_snapshot())::xid::text AS oldest");
    const rows = await db.all<{ id: number; mark: string }>(selectChanged, [since]);
    for (const { id, mark } of rows.sort((a, b) => a.id - b.id)) {
      if (found.get(id)?.mark !== mark) found.set(id, { mark, revision: ++revision });
    }
    since = now?.oldest ?? null;
  }

  async function snapshotsOf(entries: readonly QueueEntry[]): Promise<QueueSnapshot[]> {
    const ids = entries.map(({ id }) => id);
    const counts = await queues.counts(ids);
    const waiting = ids.filter((id) => (counts.get(id)?.pending ?? 0) > 0);
    const oldest = await oldestReadyKeys(db, waiting);
    const passedOver = await readyRows.passedOver(waiting);
    const authors = await pausedBy(db, entries);
    return entries.map(({ id, name, settings: { paused, maxDepth, maxRunning } }) => {
      const author = authors.get(id);
      const key = oldest.get(id);
      return {
        name,
        paused,
        ...(author && { pausedBy: author }),
        maxDepth,
        maxRunning,
        counts: counts.get(id) ?? noTasks,
        oldestReadyMs: key === undefined ? null : keys.timeOf(key),
        passedOver: passedOver.get(id) ?? [],
      };
    });
  }

  return {
    async changedQueues({ since: known, isFirstPage, limit }) {
      if (isFirstPage) await read();
      const changed = [...found].filter(([, each]) => each.revision > known);
      changed.sort(([, a], [, b]) => a.revision - b.revision);
      const page = changed.slice(0, limit);
      const entries = await queues.byId(page.map(([id]) => id));
      return {
        queues: await snapshotsOf([...entries.values()]),
        revision: page.at(-1)?.[1].revision ?? known,
        isAll: page.length === changed.length,
      };
    },
  };
}

const noTasks = Object.fromEntries(taskStates.map((state) => [state, 0])) as QueueSnapshot["counts"];
