import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { shareServer } from "../support/shared-server.ts";
import { enqueueMany } from "../support/tasks.ts";
import { createTempDir } from "../support/temp-dir.ts";
import { jsonLines, type ShellOptions, sitq, startSitq } from "./lab.ts";

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
    sha256: createHash("sha256").update(content).digest("hex"),
  });
  expect((await stat(copy)).mode & 0o777).toBe(0o600);
  expect(await readdir(dir.path)).toEqual(["copy.db"]);
  using db = disposable(new Database(copy, { readonly: true }));
  expect(db.value.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(db.value.prepare("SELECT count(*) FROM task").pluck().get()).toBe(3_000);
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
  expect(await interrupted.ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("there is no backup") });
  expect(await sitq(["backup", dir.file("copy.db"), "--address", "127.0.0.1:1"])).toMatchObject({ exitCode: 6 });
  expect(await readdir(dir.path)).toEqual([]);
});

function disposable(value: Database.Database): Disposable & { readonly value: Database.Database } {
  return { value, [Symbol.dispose]: () => void value.close() };
}
