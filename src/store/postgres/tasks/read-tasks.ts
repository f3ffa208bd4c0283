import { limits } from "../../../contract/limits.ts";
import { countWithin, firstWithin } from "../../../contract/message-size.ts";
import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { attemptsOf } from "../../../domain/tasks/attempt-history.ts";
import { taskBytes } from "../../rows/task-bytes.ts";
import { type AttemptRow, type TaskRow, taskAttemptOf } from "../../rows/task-rows.ts";
import type { TaskStore } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { ScanTasks } from "./scan.ts";
import { tasksOf, type WholeTaskRow, wholeColumns } from "./task-content.ts";

/** Creates the verbs that read tasks. */
export function createReadTasks(engine: Engine, scan: ScanTasks): Pick<TaskStore, "get" | "queuesOf" | "list"> {
  const { db, queues } = engine;

  async function wholeRows(keys: readonly number[]): Promise<ReadonlyMap<number, WholeTaskRow>> {
    const rows = await db.all<WholeTaskRow>(`SELECT ${wholeColumns} FROM task WHERE id = ANY($1)`, [keys]);
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** The first of these rows, as many as fit into a message by their large columns. */
  async function firstOf(rows: readonly TaskRow[], maxBytes: number): Promise<readonly TaskRow[]> {
    const sizes = await db.all<{ id: number; bytes: number }>(
      `SELECT task.id, coalesce(octet_length(payload), 0)::bigint + coalesce(octet_length(result), 0) + coalesce(octet_length(headers), 0)
         + coalesce(octet_length(data), 0) AS bytes
       FROM task LEFT JOIN event ON event.id = event_key WHERE task.id = ANY($1)`,
      [rows.map(({ id }) => id)],
    );
    const bytes = new Map(sizes.map((size) => [size.id, size.bytes]));
    return rows.slice(
      0,
      countWithin(rows, ({ id }) => bytes.get(id) ?? 0, { maxBytes }),
    );
  }

  return {
    async get(ids) {
      const keys = ids.map(keyOfId);
      const wanted = [...new Set(keys.filter((key) => key !== null))];
      const rows = [...(await wholeRows(wanted)).values()];
      const attempts = await db.all<AttemptRow & { readonly task_id: number }>(
        "SELECT task_id, attempt, worker_id, start_ms, finish_ms, outcome, error FROM attempt WHERE task_id = ANY($1) ORDER BY task_id, seq",
        [wanted],
      );
      const attemptsByKey = Map.groupBy(attempts, (row) => row.task_id);
      const tasks = await tasksOf(rows, engine);
      const found = new Map(
        rows.map(({ id }, index) => {
          const task = tasks[index];
          if (task === undefined) throw new Error("no task of a row");
          const onRecord = (attemptsByKey.get(id) ?? []).map(taskAttemptOf);
          return [id, { task, attempts: attemptsOf(task, onRecord, limits.keptAttempts) }];
        }),
      );
      return keys.map((key) => found.get(key ?? -1) ?? null);
    },

    async queuesOf(ids) {
      const keys = ids.map(keyOfId);
      const rows = await db.all<Pick<TaskRow, "id" | "queue_id">>("SELECT id, queue_id FROM task WHERE id = ANY($1)", [
        keys.filter((key) => key !== null),
      ]);
      const entries = await queues.byId(rows.map((row) => row.queue_id));
      const names = new Map(rows.map((row) => [row.id, entries.get(row.queue_id)?.name ?? null]));
      return keys.map((key) => names.get(key ?? -1) ?? null);
    },

    async list({ filter, order = "newest_first", cursor, limit, full, maxBytes }) {
      const { rows, nextKey } = await scan(filter, order, cursor, limit);
      if (!full) return { tasks: await tasksOf(rows, engine), nextCursor: nextKey === null ? null : idOfKey(nextKey) };
      const first = await firstOf(rows, maxBytes);
      const whole = await wholeRows(first.map(({ id }) => id));
      // What was deleted meanwhile is left out.
      const found = await tasksOf(
        first.flatMap(({ id }) => whole.get(id) ?? []),
        engine,
      );
      const tasks = firstWithin(found, taskBytes, { maxBytes });
      const last = tasks.length < found.length ? tasks.at(-1)?.id : undefined;
      const nextOf = first.length < rows.length ? (first.at(-1)?.id ?? null) : nextKey;
      return { tasks, nextCursor: last ?? (nextOf === null ? null : idOfKey(nextOf)) };
    },
  };
}
