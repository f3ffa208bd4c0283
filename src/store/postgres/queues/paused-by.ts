import type { ChangeAuthor } from "../../../domain/tasks/setting-changes.ts";
import type { Statements } from "../database/statements.ts";
import type { QueueEntry } from "../engine/queue-table.ts";

/** Who paused queues, by their numbers; those that are not paused, or of which it is not known, are left out. */
export async function pausedBy(
  db: Statements,
  queues: Iterable<Pick<QueueEntry, "id" | "settings">>,
): Promise<ReadonlyMap<number, ChangeAuthor>> {
  const paused = [...queues].filter(({ settings }) => settings.paused).map(({ id }) => id);
  if (paused.length === 0) return new Map();
  const rows = await db.all<ChangeAuthor & { readonly queue_id: number }>(
    "SELECT queue_id, principal, reason FROM setting_change WHERE queue_id = ANY($1) AND setting = 'paused'",
    [paused],
  );
  return new Map(rows.map(({ queue_id: id, principal, reason }) => [id, { principal, reason }]));
}
