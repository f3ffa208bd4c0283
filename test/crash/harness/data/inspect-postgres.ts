import { Client } from "pg";
import { taskStates } from "../../../../src/domain/tasks/task.ts";
import type { Acknowledged } from "../offline.ts";

/**
 * Looks at a database of PostgreSQL as it is at one moment; answers what is wrong with it.
 *
 * @param isWhole also compares every index with its table
 */
export async function inspectPostgres(
  url: string,
  { requestIds, completed, eventIds = [] }: Acknowledged,
  isWhole = false,
): Promise<string[]> {
  const client = new Client({ connectionString: url });
  // Where the connection ends between two statements, the next one says so.
  client.on("error", () => undefined);
  await client.connect();
  try {
    // One moment: what a server commits meanwhile is not seen.
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL search_path TO sitq, public");
    const wrong = [
      ...(await wrongCounts(client)),
      ...(await missing(client, "SELECT request_id FROM task WHERE request_id = ANY($1)", "", requestIds)),
      ...(await missing(client, "SELECT event_id FROM event WHERE event_id = ANY($1)", "event ", eventIds)),
    ];
    const { rows } = await client.query<{ done: number }>("SELECT count(*)::int AS done FROM task WHERE state = 5");
    const done = rows[0]?.done ?? 0;
    if (done < completed) wrong.push(`${completed} completions were settled, and ${done} are there`);
    await client.query("COMMIT");
    if (isWhole) await compareIndexes(client);
    return wrong;
  } finally {
    await client.end();
  }
}

async function wrongCounts(client: Client): Promise<string[]> {
  const sums = taskStates.map((state) => `sum(${state})::int AS ${state}`).join(", ");
  const there = taskStates.map((_, index) => `count(*) FILTER (WHERE state = ${index + 1})::int`).join(", ");
  const { rows: counted } = await client.query<Record<string, number>>(
    `SELECT queue_id, ${sums} FROM queue_count GROUP BY queue_id ORDER BY queue_id`,
  );
  const { rows: found } = await client.query<{ queue_id: number; counts: number[] }>(
    `SELECT queue_id, ARRAY[${there}] AS counts FROM task GROUP BY queue_id`,
  );
  const byQueue = new Map(found.map(({ queue_id, counts }) => [queue_id, counts]));
  return counted.flatMap((row) => {
    const counts = byQueue.get(row.queue_id ?? 0) ?? [];
    return taskStates.flatMap((state, index) => {
      const is = counts[index] ?? 0;
      return row[state] === is ? [] : [`queue ${row.queue_id}: ${state} says ${row[state]}, ${is} are there`];
    });
  });
}

async function missing(client: Client, select: string, kind: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<string[]>({ text: select, values: [ids], rowMode: "array" });
  const stored = new Set(rows.map(([id]) => id));
  return ids.filter((id) => !stored.has(id)).map((id) => `${kind}${id}: acknowledged, and not there`);
}

/** @throws what the database says of an index that is not as its table */
async function compareIndexes(client: Client): Promise<void> {
  await client.query("CREATE EXTENSION IF NOT EXISTS amcheck SCHEMA public");
  await client.query(
    `SELECT public.bt_index_check(index.oid, true) FROM pg_class AS index JOIN pg_am ON pg_am.oid = index.relam
     WHERE index.relnamespace = 'sitq'::regnamespace AND index.relkind = 'i' AND pg_am.amname = 'btree'`,
  );
}
