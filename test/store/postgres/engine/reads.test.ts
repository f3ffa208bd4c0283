import { Client } from "pg";
import { afterAll, test as base, beforeAll, expect } from "vitest";
import { openPostgres } from "../../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../../harness/databases/postgres.ts";
import { startMs } from "../../store-harness.ts";

const test = base.skipIf(isPostgresMissing);
const schema = "reads";
let server: PostgresServer;
let admin: Client;
let store: Store;

beforeAll(async () => {
  if (isPostgresMissing) return;
  server = await startPostgres();
  admin = new Client({ connectionString: server.url });
  await admin.connect();
  store = await openPostgres({ url: server.url, schema });
});
afterAll(async () => {
  await store?.close();
  await admin?.end();
  await server?.stop();
});

const all = { createdAfterMs: null, principal: null, method: null, outcome: null, refusedOnly: false, cursor: null };
const listAudit = () => store.listAudit({ ...all, limit: 10 });

/** Keeps the entries of the audit log from being read until the function that it answers is called. */
async function lockAudit(): Promise<() => Promise<unknown>> {
  await admin.query(`BEGIN; LOCK TABLE ${schema}.audit_entry IN ACCESS EXCLUSIVE MODE`);
  return () => admin.query("ROLLBACK");
}

/** Resolves once a statement waits for the lock. */
async function untilOneWaits(): Promise<void> {
  const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
  async function waitingCount(): Promise<number | null> {
    // Otherwise one transaction sees the same all along.
    await admin.query("SELECT pg_stat_clear_snapshot()");
    return (await admin.query(waiting)).rowCount;
  }
  await expect.poll(waitingCount, { timeout: 30_000 }).toBe(1);
}

test("a read that takes long makes no commit wait", async () => {
  const unlock = await lockAudit();
  const listed = listAudit();
  await untilOneWaits();
  expect(await store.enqueue([newTask()], startMs)).toMatchObject([{ status: "created" }]);
  await unlock();
  expect((await listed).entries).toEqual([]);
});

test("a read shows what was called before it, in the same turn too", async () => {
  for (let n = 1; n <= 20; n++) {
    const queue = `turn-${n}`;
    const enqueued = store.enqueue(
      Array.from({ length: n }, () => newTask({ queue })),
      startMs,
    );
    const [found] = await Promise.all([store.getQueue(queue), enqueued]);
    expect(found?.counts.pending).toBe(n);
  }
});

test("a read whose session is lost is answered all the same", async () => {
  const unlock = await lockAudit();
  const listed = listAudit();
  await untilOneWaits();
  const lose = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
  expect((await admin.query(lose)).rowCount).toBe(1);
  await unlock();
  expect((await listed).entries).toEqual([]);
  expect((await listAudit()).entries).toEqual([]);
});
