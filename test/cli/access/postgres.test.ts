import { readFile, stat } from "node:fs/promises";
import { afterAll, beforeAll, expect, test as it } from "vitest";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../harness/databases/postgres.ts";
import { startServer } from "../../harness/server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { jsonLines, sitq } from "../cli-harness.ts";

const test = it.skipIf(isPostgresMissing);
let database: PostgresServer;

beforeAll(async () => {
  if (isPostgresMissing) return;
  database = await startPostgres();
});
afterAll(() => database?.stop());

/** The URL of a schema, with a password that nothing may show. */
function urlOf(schema: string): string {
  const url = new URL(database.url);
  url.password = "hidden-word";
  url.searchParams.set("schema", schema);
  return url.href;
}

test("makes the first admin in the database, by the URL or that of the environment, also while a server runs", async () => {
  await using dir = await createTempDir();
  const token = dir.file("root.token");
  const storeUrl = urlOf("access");
  const environment = { SITQ_STORE: storeUrl };
  const made = await sitq(["token", "create", "root", "--role", "admin", "--out", token, "--store"], { environment });
  expect(made).toMatchObject({ exitCode: 0, stdout: "" });
  expect((await stat(token)).mode & 0o777).toBe(0o600);
  const secret = (await readFile(token, "utf8")).trim();
  expect(made.stderr).not.toContain(secret);
  expect(made.stderr).toContain("servers that run on this database take it up within seconds");

  const server = await startServer({ config: { storeUrl, auth: "on" } });
  try {
    const asked = await sitq(["whoami", "--address", server.address, "--token-file", token]);
    expect(asked.stdout).toBe(`root by token ${secret.slice(5, 17)}\n  admin\n`);
    const second = dir.file("second.token");
    const added = await sitq([
      "token",
      "create",
      "second",
      "--role",
      "viewer",
      "--queues",
      "*",
      "--out",
      second,
      "--store",
      storeUrl,
    ]);
    expect(added).toMatchObject({ exitCode: 0 });
    const whoSecondIs = () => sitq(["whoami", "--address", server.address, "--token-file", second]);
    await expect.poll(async () => (await whoSecondIs()).stdout, { timeout: 10_000 }).toContain("second by token");
    expect((await sitq(["principal", "delete", "second", "--yes", "--store", storeUrl])).exitCode).toBe(0);
    await expect.poll(async () => (await whoSecondIs()).exitCode, { timeout: 10_000 }).toBe(8);
  } finally {
    await server.stop();
  }

  const list = await sitq(["principal", "list", "--json", "--store", storeUrl]);
  expect(jsonLines(list)).toMatchObject([{ name: "root" }]);
  const audit = await sitq(["audit", "--outcome", "OK", "--json", "--store", storeUrl]);
  expect(jsonLines(audit)).toMatchObject(
    ["DeletePrincipal", "CreateToken", "CreateToken"].map((name) => ({
      peer: "local",
      method: `/sitq.v1.AccessService/${name}`,
    })),
  );
  for (const { stdout, stderr } of [made, list, audit]) expect(stdout + stderr).not.toContain("hidden-word");
});

test("names the option for the first admin that fits the storage", async () => {
  const server = await startServer({ config: { storeUrl: urlOf("locked"), auth: "on" } });
  await server.logged("authentication is on, and there is no principal");
  const { message } = server.log.find(({ message }) => message.includes("there is no principal")) ?? {};
  expect(message).toContain("or by sitq token create --store");
  expect(Object.keys((await server.health.list({})).statuses)).not.toContain("sitq.disk");
  await server.stop();
});

test("says what is wrong: no URL, two places, a database that is away", async () => {
  const create = ["token", "create", "root", "--role", "admin"];
  const none = await sitq([...create, "--store"]);
  expect(none).toMatchObject({ exitCode: 2, stdout: "" });
  expect(none.stderr).toContain("needs that of a database of PostgreSQL in SITQ_STORE");
  const both = await sitq([...create, "--store", urlOf("any"), "--db", "sitq.db"]);
  expect(both).toMatchObject({ exitCode: 2 });
  expect(both.stderr).toContain("give one");
  const swallowed = await sitq(["token", "create", "--store", "root", "--role", "admin"]);
  expect(swallowed.exitCode).toBe(2);
  expect(swallowed.stderr).toContain("Expected the URL of a database");
  const followed = await sitq(["audit", "--follow", "--store", urlOf("any")]);
  expect(followed.stderr).toContain("it does not go with --db or --store");
  const away = await sitq([...create, "--store", "postgres://sitq:hidden-word@127.0.0.1:1/sitq"]);
  expect(away).toMatchObject({ exitCode: 4, stdout: "" });
  expect(away.stderr).toContain("The database 127.0.0.1:1/sitq cannot be reached");
  expect(away.stderr).not.toContain("hidden-word");
});
