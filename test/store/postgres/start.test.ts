import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { afterAll, test as base, beforeAll, describe, expect } from "vitest";
import { systemClock } from "../../../src/domain/clock.ts";
import { migrate } from "../../../src/store/postgres/database/migrate.ts";
import { openDatabase } from "../../../src/store/postgres/database/open-database.ts";
import { lockSchema } from "../../../src/store/postgres/database/schema-lock.ts";
import { Session } from "../../../src/store/postgres/database/session.ts";
import { databaseOf } from "../../../src/store/postgres/options.ts";
import { openPostgres } from "../../../src/store/postgres/postgres-store.ts";
import { StoreRefused } from "../../../src/store/store-refused.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../harness/databases/postgres.ts";
import { startProxy } from "../../harness/proxy.ts";
import { createTempDir } from "../../harness/temp-dir.ts";

let server: PostgresServer;
const test = base.skipIf(isPostgresMissing);

beforeAll(async () => {
  if (isPostgresMissing) return;
  server = await startPostgres();
});
afterAll(() => server?.stop());

async function sql<R extends object>(text: string): Promise<R[]> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}

/** What opening a store is refused with. */
async function refusal(url: string, schema: string): Promise<string> {
  try {
    await (await openPostgres({ url, schema })).close();
  } catch (error) {
    if (error instanceof StoreRefused) return error.message;
    throw error;
  }
  throw new Error("it was opened");
}

function withUrl(change: (url: URL) => void): string {
  const url = new URL(server.url);
  change(url);
  return url.href;
}

test("makes its schema, and says what and where it is without a password", async () => {
  const url = withUrl((to) => {
    to.password = "secret";
  });
  const store = await openPostgres({ url, schema: "first" });
  expect(store).toMatchObject({ isNew: true, asOfMs: null, warnings: [] });
  expect(store.engine).toMatch(/^PostgreSQL \d+(\.\d+)+$/);
  expect(store.location).toBe(`postgres://${new URL(url).host}/postgres?schema=first`);
  await store.close();
  const again = await openPostgres({ url, schema: "first" });
  expect(again.isNew).toBe(false);
  await again.close();
});

test("the schema stands in the URL, and the driver does not see it", () => {
  const url = "postgres://u:p@db.example:5433/sitq?schema=jobs&sslmode=verify-full";
  expect(databaseOf(url)).toEqual({
    url: "postgres://u:p@db.example:5433/sitq?sslmode=verify-full",
    schema: "jobs",
  });
  expect(databaseOf("postgres://db/sitq")).toEqual({ url: "postgres://db/sitq" });
});

test.each(["prefer", "require", "verify-ca"])(
  "sslmode=%s checks the certificate, without a word of the driver",
  (mode) => {
    expect(databaseOf(`postgres://db/sitq?sslmode=${mode}&schema=jobs`)).toEqual({
      url: "postgres://db/sitq?sslmode=verify-full",
      schema: "jobs",
    });
  },
);

describe("is refused at start with what to do", () => {
  test("where nothing listens, and nothing of the password is said", async () => {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as { port: number };
    listener.close();
    const text = await refusal(`postgres://sitq:secret@127.0.0.1:${port}/sitq`, "any");
    expect(text).toContain(`The database 127.0.0.1:${port}/sitq cannot be reached`);
    expect(text).toMatch(/: connect ECONNREFUSED .* Look whether it runs, and at the host and the port in the URL\.$/);
    expect(text).not.toContain("secret");
    const both = await refusal(`postgres://sitq@localhost:${port}/sitq`, "any");
    expect(both).toMatch(/cannot be reached: connect ECONNREFUSED/);
  });

  test("where the database has no TLS", async () => {
    const url = withUrl((to) => to.searchParams.set("sslmode", "verify-full"));
    expect(await refusal(url, "any")).toMatch(/not support SSL connections\. Turn on TLS there.*leave sslmode out/);
  });

  test("where there is no such database, or user", async () => {
    const missing = withUrl((to) => {
      to.pathname = "/missing";
    });
    expect(await refusal(missing, "any")).toMatch(
      /database "missing" does not exist.*createdb -E UTF8 -T template0 missing\./,
    );
    const stranger = withUrl((to) => {
      to.username = "stranger";
    });
    expect(await refusal(stranger, "any")).toMatch(/refuses the user or the password.*PGPASSWORD/);
  });

  test("where the user may not make a schema", async () => {
    await sql("CREATE ROLE visitor LOGIN");
    const url = withUrl((to) => {
      to.username = "visitor";
    });
    expect(await refusal(url, "visited")).toMatch(
      /lacks a right: permission denied.*GRANT CREATE ON DATABASE postgres TO/,
    );
  });

  test("where the encoding cannot hold every text", async () => {
    await sql("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    const url = withUrl((to) => {
      to.pathname = "/latin";
    });
    expect(await refusal(url, "any")).toMatch(/has the encoding LATIN1; sitq needs UTF8/);
  });

  test("where the schema holds something else, and changes nothing of it", async () => {
    await sql("CREATE SCHEMA shop; CREATE TABLE shop.orders (id int)");
    expect(await refusal(server.url, "shop")).toMatch(/holds tables of something else, such as orders.*\?schema=NAME/);
    await sql("INSERT INTO shop.orders VALUES (1)");
  });

  test("where the schema is of a newer version", async () => {
    await (await openPostgres({ url: server.url, schema: "newer" })).close();
    await sql("UPDATE newer.schema_version SET version = 999");
    expect(await refusal(server.url, "newer")).toMatch(/written by a newer sitq \(schema version 999.*Run the newer/);
  });

  test("where the schema lacks a table, as that of a build before the first release", async () => {
    await (await openPostgres({ url: server.url, schema: "older" })).close();
    await sql("DROP TABLE older.task_live");
    expect(await refusal(server.url, "older")).toMatch(/^The schema older has no table task_live: .*\?schema=NAME/);
  });

  test("where the schema lacks a column, whichever it is, and not where it has one more", async () => {
    await (await openPostgres({ url: server.url, schema: "columns" })).close();
    const columns = await sql<{ name: string; column: string }>(
      `SELECT relname AS name, attname AS column FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
       WHERE relnamespace = 'columns'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'schema_version'
         AND attnum > 0 ORDER BY relname, attnum`,
    );
    expect(columns).toContainEqual({ name: "server", column: "batch_xid" });
    const session = await Session.open({ url: server.url, schema: "columns", applicationName: "sitq" });
    try {
      for (const { name, column } of columns) {
        await session.script(`ALTER TABLE "${name}" RENAME "${column}" TO another`);
        await expect(migrate(session, "columns")).rejects.toMatchObject({
          name: "StoreRefused",
          message: expect.stringMatching(
            `^The schema columns has no column ${column} in its table ${name}: .*\\?schema=NAME`,
          ),
        });
        await session.script(`ALTER TABLE "${name}" RENAME another TO "${column}"`);
      }
    } finally {
      await session.close();
    }
    await sql("ALTER TABLE columns.server ADD COLUMN another integer");
    await (await openPostgres({ url: server.url, schema: "columns" })).close();
    await sql("ALTER TABLE columns.server DROP COLUMN batch_xid");
    expect(await refusal(server.url, "columns")).toMatch(/has no column batch_xid in its table server: /);
  });

  test("where a file is being moved into the schema, until that is done", async () => {
    await (await openPostgres({ url: server.url, schema: "moved" })).close();
    const moving = await Session.open({ url: server.url, schema: "moved", applicationName: "migrate" });
    await lockSchema(moving, "moved", "transfer");
    expect(await refusal(server.url, "moved")).toMatch(
      /A file is being moved into the schema moved \(session \d+ from/,
    );
    await moving.close();
    await (await openPostgres({ url: server.url, schema: "moved" })).close();
  });

  test.each([
    [60_000, /^The clock of this machine \(.*Z\) is 60 s ahead of that of the database/],
    [-60_000, /is 60 s behind that of/],
  ])("where the clock of this machine is %i ms off, and not where it is less than ten seconds", async (byMs, text) => {
    const off = (ms: number) => ({ ...systemClock, now: () => systemClock.now() + ms });
    const open = (ms: number) => openDatabase({ url: server.url, schema: "clocks", use: "serve", clock: off(ms) });
    await expect(open(byMs)).rejects.toThrow(text);
    await expect(open(byMs)).rejects.toThrow(/set their clocks by NTP/);
    await expect(open(byMs)).rejects.toBeInstanceOf(StoreRefused);
    const opened = await open(Math.sign(byMs) * 8_000);
    await Promise.all(opened.sessions.map((session) => session.close()));
    expect(Math.abs(opened.clockGapMs - Math.sign(byMs) * 8_000)).toBeLessThan(1_000);
  });

  test("and moves no file into a schema that servers use, but where they were killed a moment ago", async () => {
    await (await openPostgres({ url: server.url, schema: "left" })).close();
    const proxy = await startProxy(new URL(server.url).host);
    const blocker = new Client({ connectionString: server.url });
    await blocker.connect();
    try {
      const url = withUrl((to) => {
        to.host = proxy.address;
      });
      const killed = await Session.open({ url, schema: "left", applicationName: "killed" });
      await lockSchema(killed, "left", "serve");
      const moving = await Session.open({ url: server.url, schema: "left", applicationName: "migrate" });
      await expect(lockSchema(moving, "left", "transfer", 100)).rejects.toThrow(/A server uses the schema left/);
      await blocker.query('BEGIN; LOCK TABLE "left".queue');
      const waiting = killed.all("SELECT 1 FROM queue").catch((error: unknown) => error);
      await expect
        .poll(async () => {
          const asked = "SELECT wait_event_type FROM pg_stat_activity WHERE application_name = 'killed'";
          return (await blocker.query<{ wait_event_type: string | null }>(asked)).rows[0]?.wait_event_type;
        })
        .toBe("Lock");
      await proxy.stop();
      expect(await waiting).toBeInstanceOf(Error);
      await lockSchema(moving, "left", "transfer");
      await moving.close();
    } finally {
      await blocker.end();
      await proxy.stop();
    }
  });

  test("where a pooler gives the connection to others between transactions", async () => {
    const pooler = await startPooler(new URL(server.url).port);
    if (pooler === null) return;
    try {
      expect(await refusal(pooler.url("transaction"), "pooled")).toMatch(/pools transactions.*pool_mode = session/);
      const store = await openPostgres({ url: pooler.url("session"), schema: "pooled" });
      await store.close();
    } finally {
      await pooler.stop();
    }
  });
});

/** PgBouncer before the database, with one way of pooling for each name of a database; `null`: it is not installed. */
async function startPooler(port: string) {
  const dir = await createTempDir();
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port: own } = listener.address() as { port: number };
  listener.close();
  await once(listener, "close");
  const target = `host=127.0.0.1 port=${port} dbname=postgres user=sitq`;
  await writeFile(
    dir.file("pooler.ini"),
    `[databases]
transaction = ${target} pool_mode=transaction
session = ${target} pool_mode=session
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
`,
  );
  const root = process.getuid?.() === 0;
  const pooler = spawn("pgbouncer", [...(root ? ["-u", "nobody"] : []), dir.file("pooler.ini")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const isUp = await new Promise<boolean>((resolve, reject) => {
    pooler.on("error", (error) => ("code" in error && error.code === "ENOENT" ? resolve(false) : reject(error)));
    pooler.on("exit", (code) => reject(new Error(`pgbouncer ended with ${code}`)));
    createInterface({ input: pooler.stderr }).on("line", (line) => {
      if (line.includes("process up")) resolve(true);
    });
  });
  if (!isUp) {
    await dir.remove();
    if (process.env.CI) throw new Error("pgbouncer is not installed; on Debian: apt-get install pgbouncer");
    return null;
  }
  return {
    url: (mode: string) => `postgres://sitq@127.0.0.1:${own}/${mode}`,
    async stop() {
      pooler.removeAllListeners("exit");
      const exited = once(pooler, "exit");
      pooler.kill("SIGTERM");
      await exited;
      await dir.remove();
    },
  };
}
