import { test as base, expect } from "vitest";
import { Session } from "../../../../src/store/postgres/database/session.ts";
import { isConnectionLost } from "../../../../src/store/postgres/database/sql-state.ts";
import { isPostgresMissing, startPostgres } from "../../../harness/databases/postgres.ts";
import { startProxy } from "../../../harness/proxy.ts";

const test = base.skipIf(isPostgresMissing);

test("a session whose connection has fallen silent ends with the first answer that does not come", async () => {
  const server = await startPostgres();
  const proxy = await startProxy(new URL(server.url).host);
  try {
    const url = new URL(server.url);
    url.host = proxy.address;
    const session = await Session.open({ url: url.href, schema: "any", applicationName: "test", answerTimeoutMs: 300 });
    expect(await session.get("SELECT 1 AS one")).toEqual({ one: 1 });
    proxy.freeze();
    const refused = await session.get("SELECT 2 AS two").catch((error: unknown) => error);
    expect(isConnectionLost(refused)).toBe(true);
    await session.ended;
    const next = await session.get("SELECT 3 AS three").catch((error: unknown) => error);
    expect(isConnectionLost(next)).toBe(true);
  } finally {
    await proxy.stop();
    await server.stop();
  }
});

test("a session that stands still in a transaction keeps its locks for seconds only, and then counts as lost", async () => {
  const server = await startPostgres();
  try {
    const options = { url: server.url, schema: "any", applicationName: "test" };
    const [still, other] = await Promise.all([Session.open(options), Session.open(options)]);
    await still.script("BEGIN; SELECT pg_advisory_xact_lock(7)");
    // It would be refused if it took as long as a statement may.
    await other.script("SELECT pg_advisory_lock(7)");
    await still.ended;
    const next = await still.script("COMMIT").catch((error: unknown) => error);
    expect(isConnectionLost(next)).toBe(true);
    await other.close();
  } finally {
    await server.stop();
  }
});
