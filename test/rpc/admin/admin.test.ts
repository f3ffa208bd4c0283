import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import type { BackupResponse } from "../../../gen/sitq/v1/admin_service_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { as, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { bytes, enqueue, enqueueMany, present, read } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalIn, refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";

/** Everything that a backup says. */
async function backup({ admin }: TestServer) {
  const messages: BackupResponse["message"][] = [];
  for await (const { message } of admin.backup({})) messages.push(message);
  const chunks = messages.flatMap((message) => (message.case === "chunk" ? [Buffer.from(message.value)] : []));
  const last = messages.at(-1);
  return {
    cases: messages.map((message) => message.case),
    chunks,
    summary: last?.case === "summary" ? last.value : null,
  };
}

/** Waits until nothing but the database itself is beside it: a stream that is left has no end that could tell. */
async function untilTidy({ dbPath }: TestServer): Promise<void> {
  while ((await readdir(dirname(dbPath))).some((name) => name.includes("backup"))) await new Promise(setImmediate);
}

it("says what the server is", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  clock.advance(60_000);
  const { serverInfo } = await server.admin.getServerInfo({});
  const { version }: { version: string } = JSON.parse(await readFile("package.json", "utf8"));
  expect(serverInfo).toMatchObject({ version, contract: "sitq.v1", runtime: `Node ${process.versions.node}` });
  expect(serverInfo?.storeEngine).toMatch(/^SQLite 3\.\d+\.\d+$/);
  expect(serverInfo?.startTime).toEqual(timestampFromMs(clock.now() - 60_000));
  expect(serverInfo?.certificateExpireTime).toBeUndefined();
});

it("lists a server that has its storage for itself alone, as the one that leads", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  clock.advance(60_000);
  const worker = await connectWorker(server);
  await enqueue(server);
  await worker.take(1);
  const { servers } = await server.admin.listServers({});
  expect(servers).toHaveLength(1);
  expect(servers[0]).toMatchObject({
    id: 0,
    address: server.address,
    startTime: timestampFromMs(clock.now() - 60_000),
    answering: true,
    leading: true,
    heard: true,
    workers: 1,
    inFlight: 1n,
  });
  expect(servers[0]?.version).toBe((await server.admin.getServerInfo({})).serverInfo?.version);
  expect([servers[0]?.expireTime, servers[0]?.sinceTime]).toEqual([undefined, undefined]);
  expect((await server.worker.listWorkers({})).workers).toMatchObject([{ serverId: 0 }]);
});

it("counts the workers of a server as far as the scope covers them", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  const admin = as("root", { role: "admin" });
  const asAdmin = { worker: { ...server.worker, work: () => server.worker.work(admin) } };
  for (const queue of ["mail", "orders"]) await connectWorker(asAdmin, { workerId: queue, queues: [queue] });
  const countFor = async (queue: string) => {
    const { servers } = await server.admin.listServers({}, as("eyes", { role: "viewer", queue: [queue] }));
    return servers.map(({ workers }) => workers);
  };
  expect(await countFor("*")).toEqual([2]);
  expect(await countFor("mail")).toEqual([1]);
  expect(await refusalOf(server.admin.listServers({}, as("w", { role: "worker", queue: ["*"] })))).toMatchObject({
    reason: "ROLE_REQUIRED",
  });
});

it("streams a sound copy of the database, in chunks, with what it holds", async () => {
  await using dir = await createTempDir();
  await using server = await startServer();
  const tasks = await enqueueMany(server, 30, { payload: bytes(30_000) });
  await server.queue.cancelTask({ taskId: present(tasks[0]).id });

  const { cases, chunks, summary } = await backup(server);
  expect(cases.indexOf("chunk")).toBeGreaterThan(0);
  expect(cases.slice(0, cases.indexOf("chunk")).every((kind) => kind === "progress")).toBe(true);
  expect(cases.slice(cases.indexOf("chunk"), -1).every((kind) => kind === "chunk")).toBe(true);
  expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(262_144);
  expect(chunks.length).toBeGreaterThan(3);

  const copy = Buffer.concat(chunks);
  expect(summary).toMatchObject({
    sizeBytes: BigInt(copy.length),
    sha256: createHash("sha256").update(copy).digest("hex"),
    taskCount: 30n,
  });
  expect(copy.subarray(0, 15).toString()).toBe("SQLite format 3");

  await writeFile(dir.file("sitq.db"), copy);
  await using restored = await startServer({ dbPath: dir.file("sitq.db") });
  expect((await restored.queue.listTasks({ pageSize: 100 })).tasks).toHaveLength(30);
  expect(await read(restored, present(tasks[0]))).toMatchObject({ state: TaskState.CANCELLED });
  expect((await read(restored, present(tasks[29]))).payload?.kind.value).toHaveLength(30_000);
});

it("copies one state of the database while it is written to", async () => {
  await using dir = await createTempDir();
  await using server = await startServer();
  await enqueueMany(server, 1_000, { payload: bytes(2_000) });
  let writing = true;
  const writer = (async () => {
    while (writing) await enqueueMany(server, 20, { queue: "busy" });
  })();
  const { chunks, summary } = await backup(server);
  writing = false;
  await writer;

  await writeFile(dir.file("sitq.db"), Buffer.concat(chunks));
  await using restored = await startServer({ dbPath: dir.file("sitq.db") });
  const { queues } = await restored.queue.listQueues({});
  const pending = queues.reduce((sum, { statistics }) => sum + (statistics?.pending ?? 0n), 0n);
  expect(pending).toBe(summary?.taskCount);
  expect(queues.find(({ name }) => name === "orders")?.statistics?.pending).toBe(1_000n);
  // Batches are whole or not at all, in the copy too.
  expect(Number(queues.find(({ name }) => name === "busy")?.statistics?.pending ?? 0n) % 20).toBe(0);
});

it("refuses a second backup while one runs, and takes one afterwards", async () => {
  await using server = await startServer();
  await enqueueMany(server, 500, { payload: bytes(4_000) });
  const results = await Promise.allSettled([backup(server), backup(server), backup(server)]);
  const refused = results.flatMap((result) => (result.status === "rejected" ? [refusalIn(result.reason)] : []));
  const expected = { code: "FAILED_PRECONDITION", reason: "BACKUP_RUNNING", domain: "sitq" };
  expect(refused).toEqual([expect.objectContaining(expected), expect.objectContaining(expected)]);
  expect((await backup(server)).summary?.taskCount).toBe(500n);
});

it("makes a copy for the next one after a reader has left half-way, and leaves no file behind", async () => {
  await using server = await startServer();
  await enqueueMany(server, 200, { payload: bytes(5_000) });
  for await (const { message } of server.admin.backup({})) if (message.case === "chunk") break;
  await untilTidy(server);
  expect((await backup(server)).summary?.taskCount).toBe(200n);
  await untilTidy(server);
});

it("ends a backup when the server stops, and leaves no copy behind", async () => {
  await using dir = await createTempDir();
  await using server = await startServer({ dbPath: dir.file("sitq.db") });
  for (let batch = 0; batch < 6; batch++) await enqueueMany(server, 180, { payload: bytes(20_000) });
  const messages = server.admin.backup({})[Symbol.asyncIterator]();
  await messages.next();
  await server.app.close(0);
  expect(await readdir(dir.path)).toEqual(["sitq.db"]);
  const rest = (async () => {
    for (let next = await messages.next(); !next.done; next = await messages.next());
  })();
  expect(refusalIn(await rest.catch((error: unknown) => error))).toMatchObject({ code: "UNAVAILABLE" });
});

it("removes the copies that a killed server has left behind, and no others", async () => {
  await using dir = await createTempDir();
  const own = join(dir.path, ".sitq.db-backup-x7Tq2k");
  const foreign = join(dir.path, ".other.db-backup-x7Tq2k");
  for (const directory of [own, foreign]) {
    await mkdir(directory);
    await writeFile(join(directory, "copy.db"), "half a copy");
  }
  await using server = await startServer({ dbPath: dir.file("sitq.db") });
  await enqueue(server);
  const names = await readdir(dir.path);
  expect(names).toContain(".other.db-backup-x7Tq2k");
  expect(names).not.toContain(".sitq.db-backup-x7Tq2k");
});
