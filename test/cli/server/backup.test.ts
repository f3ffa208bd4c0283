import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { unsupportedBackup } from "../../../src/domain/refusals/server.ts";
import { enqueueMany } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";
import { shareServer } from "../../harness/shared-server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { jsonLines, type ShellOptions, sitq, startSitq } from "../cli-harness.ts";

const server = shareServer();

function backup(args: readonly string[], options?: ShellOptions) {
  return sitq(["backup", ...args, "--address", server().address], options);
}

test("leaves a sound copy of the database, and only that", async () => {
  await using dir = await createTempDir();
  await enqueueMany(server(), 3_000, { payload: { kind: { case: "binary", value: new Uint8Array(500) } } });
  const copy = dir.file("copy.db");
  const [summary] = jsonLines(await backup([copy, "--json"]));
  const content = await readFile(copy);
  expect(summary).toEqual({
    file: copy,
    sizeBytes: content.length,
    taskCount: 3000,
    damagedCount: 0,
    damaged: [],
    sha256: createHash("sha256").update(content).digest("hex"),
  });
  expect((await stat(copy)).mode & 0o777).toBe(0o600);
  expect(await readdir(dir.path)).toEqual(["copy.db"]);
  using db = disposable(new Database(copy, { readonly: true }));
  expect(db.value.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(db.value.prepare("SELECT count(*) FROM task").pluck().get()).toBe(3_000);
});

test("names what is damaged, and puts such a copy in the place of no other", async () => {
  await using dir = await createTempDir();
  const dbPath = dir.file("sitq.db");
  const whole = await startServer({ dbPath });
  await enqueueMany(whole, 3, { payload: { kind: { case: "binary", value: new Uint8Array(500) } } });
  const latest = dir.file("latest.db");
  const to = async (server: { readonly address: string }, ...args: string[]) =>
    sitq(["backup", ...args, "--address", server.address]);
  expect(jsonLines(await to(whole, latest, "--json"))).toMatchObject([{ damagedCount: 0, damaged: [] }]);
  await whole.stop();
  const sound = await readFile(latest);
  using db = disposable(new Database(dbPath));
  db.value.exec("UPDATE task SET payload = x'00' WHERE id = (SELECT min(id) FROM task)");
  db.value.close();

  await using damaged = await startServer({ dbPath, mayLogErrors: true });
  const second = await to(damaged, dir.file("second.db"), "--json");
  const { exitCode, stderr } = second;
  const [summary] = jsonLines(second);
  expect(summary).toMatchObject({ taskCount: 3, damagedCount: 1, damaged: [expect.stringMatching(/^task \S+$/)] });
  expect([exitCode, stderr]).toEqual([
    0,
    expect.stringMatching(/^warning: damaged on the server's disk.*: 1 \(task \S+\)\n/),
  ]);
  expect(damaged.log.map(({ message }) => message)).toContainEqual(
    expect.stringContaining("the backup contains damaged content"),
  );
  expect(await to(damaged, latest, "--force")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is not replaced"),
  });
  expect(await readFile(latest)).toEqual(sound);
});

test("takes no place that is taken, unless it is to", async () => {
  await using dir = await createTempDir();
  const place = dir.file("copy.db");
  await writeFile(place, "mine");
  expect(await backup([place])).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("--force") });
  expect(await readFile(place, "utf8")).toBe("mine");
  const replaced = await backup([place, "--force"], { isTTY: true });
  expect(replaced).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/copy\.db: .*MiB, 3,000 tasks\nsha256 [0-9a-f]{64}\n$/),
  });
  expect(replaced.stderr).toContain("received");
  expect((await readFile(place)).subarray(0, 15).toString()).toBe("SQLite format 3");
  expect(await readdir(dir.path)).toEqual(["copy.db"]);
});

test("leaves nothing behind where it cannot write, is interrupted, or the server is away", async () => {
  await using dir = await createTempDir();
  expect(await backup([dir.file("no/such/copy.db")])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("cannot write"),
  });
  const interrupted = startSitq(["backup", dir.file("copy.db"), "--address", server().address]);
  interrupted.interrupt();
  expect(await interrupted.ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("no backup was made") });
  expect(await sitq(["backup", dir.file("copy.db"), "--address", "127.0.0.1:1"])).toMatchObject({ exitCode: 6 });
  expect(await readdir(dir.path)).toEqual([]);
});

test("says what to use instead where the data are in PostgreSQL", async () => {
  await using dir = await createTempDir();
  const backup = () => Promise.reject(unsupportedBackup());
  await using server = await startServer({
    wrapStore: (store) =>
      new Proxy(store, { get: (target, name) => (name === "backup" ? backup : Reflect.get(target, name)) }),
  });
  const { exitCode, stderr } = await sitq(["backup", dir.file("copy.db"), "--address", server.address]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 4,
    stderr: expect.stringMatching(/^error: The data are in PostgreSQL.*pg_dump.*\(BACKUP_UNSUPPORTED\)\n$/),
  });
  expect(await readdir(dir.path)).toEqual([]);
});

function disposable(value: Database.Database): Disposable & { readonly value: Database.Database } {
  return { value, [Symbol.dispose]: () => void value.close() };
}
