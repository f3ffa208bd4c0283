import { Client } from "pg";
import { afterAll, test as base, beforeAll, expect } from "vitest";
import { openPostgres } from "../../../../src/store/postgres/postgres-store.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../../harness/databases/postgres.ts";
import { startMs } from "../../store-harness.ts";

const test = base.skipIf(isPostgresMissing);
let server: PostgresServer;
let admin: Client;

beforeAll(async () => {
  if (isPostgresMissing) return;
  server = await startPostgres();
  admin = new Client({ connectionString: server.url });
  await admin.connect();
  await admin.query("CREATE ROLE plain LOGIN; GRANT CREATE ON DATABASE postgres TO plain");
});
afterAll(async () => {
  await admin?.end();
  await server?.stop();
});

function openAsPlain() {
  const url = new URL(server.url);
  url.username = "plain";
  return openPostgres({ url: url.href, schema: "plain", measuredQueues: 3 });
}

test("a user who may do no more than sitq needs reads the sizes; where the database does not tell them, they are 0", async () => {
  const store = await openAsPlain();
  try {
    expect((await store.measure(startMs))?.files).toMatchObject({ databaseBytes: expect.any(Number) });
    expect((await store.measure(startMs))?.files.walBytes).toBeGreaterThan(0);
    await admin.query("REVOKE EXECUTE ON FUNCTION pg_control_checkpoint() FROM PUBLIC");
    const [, measures] = await Promise.all([store.enqueue([newTask()], startMs), store.measure(startMs)]);
    expect(measures?.files).toEqual({ databaseBytes: 0, walBytes: 0, freeBytes: null, reserveBytes: 0 });
    // What shared the transaction is stored, and counted.
    expect((await store.measure(startMs))?.queues).toMatchObject([{ created: 1, tasks: { pending: 1 } }]);
  } finally {
    await store.close();
  }
});
