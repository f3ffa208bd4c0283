import type { Statements } from "../database/statements.ts";

/** The tasks `gone (id, partition_key)`, each looked for in its part alone. */
export const inTheirPartitions = "unnest($1::bigint[], $2::bigint[]) AS gone (id, partition_key)";
export const isThere = "task.id = gone.id AND task.partition_key = gone.partition_key";

/** Deletes rows of tasks with what hangs on them: their attempts, and their request ids. */
export async function removeRows(db: Statements, rows: readonly RemovableRow[]): Promise<void> {
  const ids = rows.map(({ id }) => id);
  const parts = rows.map(({ partition_key: partitionKey }) => partitionKey);
  const removed = parts.includes(undefined)
    ? await db.all<RemovedRow>("DELETE FROM task WHERE id = ANY($1) RETURNING id, request_id", [ids])
    : await db.all<RemovedRow>(
        `DELETE FROM task USING ${inTheirPartitions} WHERE ${isThere} RETURNING task.id, request_id`,
        [ids, parts],
      );
  await db.run("DELETE FROM attempt WHERE task_id = ANY($1)", [ids]);
  await removeRequests(
    db,
    removed.filter(({ request_id: requestId }) => requestId !== null),
  );
}

/** A task that is to be deleted. */
interface RemovableRow {
  readonly id: number;
  /** In which part it is, where that is known. */
  readonly partition_key?: number;
}

/** A task that is deleted. */
interface RemovedRow {
  readonly id: number;
  readonly request_id: string | null;
}

/** Gives request ids free, unless they stand for other tasks by now. */
export async function removeRequests(db: Statements, requests: readonly RemovedRow[]): Promise<void> {
  if (requests.length === 0) return;
  await db.run(
    `DELETE FROM task_request USING unnest($1::text[], $2::bigint[]) AS gone (request_id, task_id)
     WHERE task_request.request_id = gone.request_id AND task_request.task_id = gone.task_id`,
    [requests.map((row) => row.request_id), requests.map(({ id }) => id)],
  );
}
