import { expect, it } from "vitest";
import { openPrincipal } from "../../../src/domain/access/principal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { jsonLines, sitq, startSitq } from "../cli-harness.ts";

const root = { ...openPrincipal, name: "root", credential: { kind: "token", id: "4f9a", expireMs: null } } as const;

/** A server whose every caller is an admin with a name. */
async function startAudited(): Promise<TestServer> {
  const server = await startServer({ authenticator: { principalOf: () => root } });
  await server.queue.updateQueue({ queue: { name: "mail", paused: true }, allowMissing: true });
  await server.queue.purgeQueue({ name: "mail" });
  await server.queue.deleteTask({ taskId: "0f3k9q2m7xa" }).catch(() => undefined);
  return server;
}

it("shows who changed what, newest first, as a table and as lines of JSON", async () => {
  await using server = await startAudited();
  const run = (...args: readonly string[]) => sitq(["audit", ...args, "--address", server.address]);

  const table = await run("--since", "1h", "--wide");
  expect(table).toMatchObject({ exitCode: 0, stderr: "" });
  const lines = table.stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^TIME +PRINCIPAL +BY +FROM +CALL +ON +OUTCOME/);
  expect(lines[1]).toMatch(
    /root +token 4f9a +127\.0\.0\.1:\d+ +QueueService\/DeleteTask +task 0f3k9q2m7xa +TASK_NOT_FOUND/,
  );
  expect(lines[2]).toMatch(/QueueService\/PurgeQueue +queue mail +OK/);
  expect(lines).toHaveLength(4);

  const json = await run("--json", "--principal", "root", "--refused");
  expect(jsonLines(json)).toMatchObject([{ principal: "root", code: "NOT_FOUND", reason: "TASK_NOT_FOUND", count: 1 }]);
});

it("follows: what comes, and first what was there since a time", async () => {
  await using server = await startAudited();
  const follow = (...args: readonly string[]) => startSitq(["audit", "--follow", "--address", server.address, ...args]);
  const [fresh, all] = [follow("--call", "PurgeQueue"), follow("--since", "1h", "--json")];
  await Promise.all([fresh.says("Following"), all.says("TASK_NOT_FOUND")]);
  await server.queue.updateQueue({ queue: { name: "bills", paused: true }, allowMissing: true });
  await server.queue.purgeQueue({ name: "bills" });
  await Promise.all([fresh.says("queue bills"), all.says("queue bills")]);
  await server.restart();
  await server.queue.purgeQueue({ name: "orders" }).catch(() => undefined);
  await Promise.all([fresh.says("queue orders"), all.says("queue orders")]);
  fresh.interrupt();
  all.interrupt();
  const lines = (await fresh.ended).stdout.trimEnd().split("\n");
  expect(lines).toEqual(
    ["bills", "orders"].map((name) => expect.stringMatching(new RegExp(`QueueService/PurgeQueue  queue ${name}  `))),
  );
  expect(lines[0]).toMatch(/^\S+ {2}root {2}token 4f9a {2}127\.0\.0\.1:\d+ {2}.* {2}OK$/);
  expect(jsonLines(await all.ended).map(({ method }) => String(method).split("/")[2])).toEqual([
    "UpdateQueue",
    "PurgeQueue",
    "DeleteTask",
    "UpdateQueue",
    "PurgeQueue",
    "PurgeQueue",
  ]);
});

it("follows no file", async () => {
  const run = await sitq(["audit", "--follow", "--db", "sitq.db"]);
  expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--follow asks a running server") });
});

it("says that there is more, and that there is nothing", async () => {
  await using server = await startAudited();
  const run = (...args: readonly string[]) => sitq(["audit", ...args, "--address", server.address]);
  expect((await run("-n", "1")).stderr).toBe("Showing the newest 1; for more: --limit NUMBER or --all.\n");
  expect((await run("--principal", "olga")).stderr).toBe("No matching entries.\n");
  expect((await run("--all", "--json")).stdout.trimEnd().split("\n")).toHaveLength(3);
});

it("shows calls of one method or outcome, and reads a file while no server runs on it", async () => {
  await using dir = await createTempDir();
  const db = dir.file("sitq.db");
  await sitq(["token", "create", "root", "--role", "admin", "--db", db]);
  await sitq(["token", "create", "mail", "--db", db]);
  await sitq(["principal", "create", "ops", "--role", "operator", "--db", db]);
  const run = async (...args: readonly string[]) =>
    jsonLines(await sitq(["audit", ...args, "--db", db, "--json"])).map(({ method, code, reason }) => [
      String(method).split("/")[2],
      reason === "" ? code : reason,
    ]);
  const refused = ["CreateToken", "PRINCIPAL_NOT_FOUND"];
  expect(await run()).toEqual([["CreatePrincipal", "OK"], refused, ["CreateToken", "OK"]]);
  expect(await run("--call", "CreateToken")).toEqual([refused, ["CreateToken", "OK"]]);
  expect(await run("--call", "AccessService/CreateToken", "--outcome", "NOT_FOUND")).toEqual([refused]);
  expect(await run("--outcome", "PRINCIPAL_NOT_FOUND")).toEqual([refused]);
});
