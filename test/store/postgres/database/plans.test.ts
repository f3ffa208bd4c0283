import { Client } from "pg";
import { afterAll, test as base, beforeAll, expect } from "vitest";
import { openPostgres } from "../../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../../harness/databases/postgres.ts";
import { completed, leaseOf } from "../../outcomes.ts";
import { startMs } from "../../store-harness.ts";

const test = base.skipIf(isPostgresMissing);
const schema = "plans";
const count = 2_000;
let server: PostgresServer;

beforeAll(async () => {
  if (isPostgresMissing) return;
  server = await startPostgres();
});
afterAll(() => server?.stop());

/** Claims all that is ready, and completes it. */
async function drain(store: Store): Promise<number> {
  const slots = [{ workerId: "worker", n: 500 }];
  let drained = 0;
  for (;;) {
    const { tasks } = await store.claim({ queue: "orders", slots, leaseUntilMs: null }, startMs);
    if (tasks.length === 0) return drained;
    await store.settle(
      tasks.map((task) => ({ ...leaseOf(task), outcome: completed() })),
      startMs,
    );
    drained += tasks.length;
  }
}

test("rows are found by their indexes, whatever the statistics of a table that is empty one moment and full the next say", async () => {
  const admin = new Client({ connectionString: server.url });
  await admin.connect();
  const fill = (store: Store) =>
    store.enqueue(
      Array.from({ length: count }, () => newTask()),
      startMs,
    );
  const first = await openPostgres({ url: server.url, schema });
  await fill(first);
  expect(await drain(first)).toBe(count);
  await first.close();
  // It says now that nothing is ready and nothing runs, and that reading all is cheap.
  await admin.query(`VACUUM ANALYZE ${schema}.task`);

  async function scans(): Promise<{ whole: number; running: number; byId: number }> {
    const { rows } = await admin.query(
      `SELECT (SELECT seq_scan FROM pg_stat_user_tables WHERE schemaname = $1 AND relname = 'task_live')::int AS whole,
         (SELECT idx_scan FROM pg_stat_user_indexes WHERE schemaname = $1 AND indexrelname = 'task_running')::int AS running,
         (SELECT idx_scan FROM pg_stat_user_indexes WHERE schemaname = $1 AND indexrelname = 'task_live_id_idx')::int AS "byId"`,
      [schema],
    );
    return rows[0];
  }
  const before = await scans();
  const second = await openPostgres({ url: server.url, schema });
  await fill(second);
  expect(await drain(second)).toBe(count);
  await second.close();
  // A session hands in what it has counted when it ends.
  await expect.poll(async () => (await scans()).byId, { timeout: 10_000 }).toBeGreaterThan(before.byId);
  expect(await scans()).toMatchObject({ whole: before.whole, running: before.running });
  await admin.end();
});
