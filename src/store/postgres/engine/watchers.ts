/**
 * Which servers watch changes, as each server's row has it: the list of those for whom its commits have to be stored in the feed of changes. Each
 * transaction begins by a change of that row, so that it finds the list as it is, and who changes the list waits for the open transaction.
 *
 * A server that begins to watch writes itself into its own row, and then into those of the others: once that is done, whatever they commit is in the
 * feed, or was committed before. A server that starts has its row first and reads the rows of the others then: one of the two finds the other.
 * Each row is changed by a statement that is a transaction of its own and holds nothing else, so that no two can wait for each other in a circle; and
 * each adds or removes one number, so that it does not matter who comes first.
 */

import type { Watched } from "../../changes.ts";
import type { Statements } from "../database/statements.ts";

function listSql(column: string, isIn: string): string {
  const without = `array_remove(${column}, $2::int)`;
  return `${column} = CASE WHEN ${isIn} THEN array_append(${without}, $2::int) ELSE ${without} END`;
}

const changeSql = `UPDATE server SET ${listSql("task_watchers", "$3::boolean")}, ${listSql("workflow_watchers", "$4::boolean")}
  WHERE id = $1`;

/** Says what a server watches from now on. Outside a transaction; waits for the open transactions of all servers. */
export async function setWatched(db: Statements, serverId: number, { tasks, workflows }: Watched): Promise<void> {
  await db.run(changeSql, [serverId, serverId, tasks, workflows]);
  const others = await db.all<{ id: number }>("SELECT id FROM server WHERE id <> $1 AND end_ms IS NULL", [serverId]);
  await Promise.all(others.map(({ id }) => db.run(changeSql, [id, serverId, tasks, workflows])));
}

/** Lets a server that starts know who watches. Outside a transaction, before its first one. */
export async function readWatchers(db: Statements, serverId: number): Promise<void> {
  const listOf = (column: string) =>
    `${column} = ${column} || ARRAY(SELECT other.id FROM server AS other WHERE other.id = ANY(other.${column}) AND other.id <> $1 AND other.end_ms IS NULL)`;
  await db.run(`UPDATE server SET ${listOf("task_watchers")}, ${listOf("workflow_watchers")} WHERE id = $1`, [
    serverId,
  ]);
}

/** Lets no server store changes any more for those that have ended. Outside a transaction. */
export async function forgetEnded(db: Statements): Promise<void> {
  const lists = await db.all<{ id: number; watcher: number }>(
    `SELECT DISTINCT server.id, watcher FROM server, unnest(task_watchers || workflow_watchers) AS watcher
     WHERE end_ms IS NULL AND NOT EXISTS (SELECT FROM server AS other WHERE other.id = watcher AND other.end_ms IS NULL)`,
  );
  await Promise.all(lists.map(({ id, watcher }) => db.run(changeSql, [id, watcher, false, false])));
}
