/** A file that is looked at is not written, whatever it is of, and leaves nothing beside it. */

import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { SqliteStore } from "../../../../src/store/sqlite/sqlite-store.ts";
import { StoreRefused } from "../../../../src/store/store-refused.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";
import { listIds } from "../../read-all.ts";
import { fillAndKill } from "./fill-and-kill.ts";
import { writeOldFile } from "./old-file.ts";

/** A directory of the view would have a longer name, and no name is as long as that. */
const longName = `${"a".repeat(242)}.db`;
/** No second name of a file in it can be made where temporary files are. */
const otherFileSystem = ["/dev/shm", "/tmp"].find(
  (path) => existsSync(path) && statSync(path).dev !== statSync(tmpdir()).dev,
);

/** All files of a directory, with what is in them and when they were written. */
async function contentOf(path: string) {
  const names = (await readdir(path)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const { mtimeMs, mode, nlink } = await stat(join(path, name));
      const sha256 = createHash("sha256")
        .update(await readFile(join(path, name)))
        .digest("hex");
      return { name, mtimeMs, mode, nlink, sha256 };
    }),
  );
}

/** Looks at a file: how many tasks it holds, and as of when. Nothing beside it changes while it is looked at, and afterwards. */
async function look(path: string) {
  const before = await contentOf(dirname(path));
  const store = await SqliteStore.open({ path, isReadOnly: true });
  const tasks = (await listIds(store)).length;
  expect(await contentOf(dirname(path))).toEqual(before);
  await store.close();
  expect(await contentOf(dirname(path))).toEqual(before);
  return { tasks, asOfMs: store.asOfMs };
}

/** Makes a file with so many tasks, by a server that has stopped. */
async function writeFileOf(path: string, tasks: number): Promise<void> {
  const store = await SqliteStore.open({ path });
  for (let n = 0; n < tasks; n++) await store.enqueue([newTask()], 1_000 + n);
  await store.close();
}

async function refusalOf(path: string): Promise<string> {
  const refusal: unknown = await SqliteStore.open({ path, isReadOnly: true }).then(
    (store) => store.close(),
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(StoreRefused);
  return (refusal as Error).message;
}

describe("looks at", () => {
  it("a backup, as of when it was made", async () => {
    await using dir = await createTempDir();
    await using source = await createTempDir();
    const store = await SqliteStore.open({ path: source.file("a.db") });
    await store.enqueue([newTask()], 1_000);
    const beganMs = Date.now();
    await store.copyTo(dir.file("b.db"), () => undefined);
    const endedMs = Date.now();
    await store.close();
    // As of a copy of the copy, which is newer.
    await utimes(dir.file("b.db"), new Date(), new Date(endedMs + 60_000));
    const { tasks, asOfMs } = await look(dir.file("b.db"));
    expect(tasks).toBe(1);
    expect(asOfMs).toBeGreaterThanOrEqual(beganMs);
    expect(asOfMs).toBeLessThanOrEqual(endedMs);
  });

  it("what a stopped server has left, as of when it stopped", async () => {
    await using dir = await createTempDir();
    await writeFileOf(dir.file("a.db"), 3);
    const stoppedMs = Date.now();
    const { tasks, asOfMs } = await look(dir.file("a.db"));
    expect(tasks).toBe(3);
    expect(Math.abs(stoppedMs - (asOfMs ?? 0))).toBeLessThan(60_000);
  });

  it("what a server that was killed has left, with what is only in its log", async () => {
    await using dir = await createTempDir();
    const count = await fillAndKill(dir.file("a.db"));
    expect(await readdir(dir.path)).toEqual(expect.arrayContaining(["a.db-wal"]));
    expect((await look(dir.file("a.db"))).tasks).toBe(count);
  });

  it("a file by a link to it", async () => {
    await using dir = await createTempDir();
    await writeFileOf(dir.file("a.db"), 2);
    await using links = await createTempDir();
    await symlink(dir.file("a.db"), links.file("link.db"));
    expect((await look(links.file("link.db"))).tasks).toBe(2);
  });

  it("a file of an older version, which stays that", async () => {
    await using dir = await createTempDir();
    const path = dir.file("old.db");
    writeOldFile(
      path,
      6,
      `INSERT INTO queue (id, name, settings, pending, create_ms, update_ms) VALUES (1, 'mail', '{}', 1, 1, 1);
       INSERT INTO task (id, queue_id, state, priority, ready_key, type) VALUES (11, 1, 3, 0, 11, 't')`,
    );
    expect((await look(path)).tasks).toBe(1);
    const db = new Database(path, { readonly: true });
    expect(db.pragma("user_version", { simple: true })).toBe(6);
    db.close();
  });

  it("a file beside which no directory can be made", async () => {
    await using dir = await createTempDir();
    const path = dir.file(longName);
    await writeFileOf(path, 2);
    expect((await look(path)).tasks).toBe(2);
  });

  it.skipIf(otherFileSystem === undefined)("a file of another file system, by a copy", async () => {
    const path = await mkdtemp(join(otherFileSystem ?? "", "sitq-test-"));
    try {
      await writeFileOf(join(path, longName), 2);
      expect((await look(join(path, longName))).tasks).toBe(2);
    } finally {
      await rm(path, { recursive: true });
    }
  });
});

it("runs no verb that writes, and makes no backup", async () => {
  await using dir = await createTempDir();
  await writeFileOf(dir.file("a.db"), 1);
  const store = await SqliteStore.open({ path: dir.file("a.db"), isReadOnly: true });
  const readOnly = { reason: "READ_ONLY" };
  await expect(store.enqueue([newTask()], 2_000)).rejects.toMatchObject(readOnly);
  await expect(store.advance(2_000)).rejects.toMatchObject(readOnly);
  await expect(store.backup(() => undefined)).rejects.toMatchObject(readOnly);
  expect(await listIds(store)).toHaveLength(1);
  await store.close();
});

it("lets no server open the file meanwhile", async () => {
  await using dir = await createTempDir();
  const path = dir.file("a.db");
  await writeFileOf(path, 1);
  await using copies = await createTempDir();
  const live = await SqliteStore.open({ path });
  await live.copyTo(copies.file("b.db"), () => undefined);
  await live.close();
  for (const file of [path, copies.file("b.db")]) {
    const store = await SqliteStore.open({ path: file, isReadOnly: true });
    await listIds(store);
    // As a server in another process would.
    const other = new Database(file, { timeout: 0 });
    other.pragma("locking_mode = EXCLUSIVE");
    expect(() => other.exec("UPDATE meta SET value = value")).toThrow("locked");
    other.close();
    await store.close();
  }
});

describe("refuses", () => {
  it("what is no file of sitq, and says what it is", async () => {
    await using dir = await createTempDir();
    expect(await refusalOf(dir.file("none.db"))).toMatch(/none\.db: there is no such file/);
    await mkdir(dir.file("folder"));
    expect(await refusalOf(dir.file("folder"))).toMatch(/this is not a file/);
    await writeFile(dir.file("empty.db"), "");
    expect(await refusalOf(dir.file("empty.db"))).toMatch(/the file is empty/);
    await writeFile(dir.file("text.db"), "words ".repeat(1_000));
    expect(await refusalOf(dir.file("text.db"))).toMatch(/this is not a SQLite database/);
    const other = new Database(dir.file("other.db"));
    other.exec("CREATE TABLE note (text)");
    other.close();
    expect(await refusalOf(dir.file("other.db"))).toMatch(/is the database of another program/);
    const names = await readdir(dir.path);
    expect(names.toSorted()).toEqual(["empty.db", "folder", "other.db", "text.db"]);
  });

  it("a file of a newer version", async () => {
    await using dir = await createTempDir();
    await writeFileOf(dir.file("a.db"), 1);
    const db = new Database(dir.file("a.db"));
    db.pragma("user_version = 999");
    db.close();
    expect(await refusalOf(dir.file("a.db"))).toMatch(/written by a newer sitq \(schema 999/);
  });

  it("a file that a server has open", async () => {
    await using dir = await createTempDir();
    const path = dir.file("a.db");
    await writeFileOf(path, 1);
    // As a server in another process has it.
    const live = new Database(path, { timeout: 0 });
    live.pragma("locking_mode = EXCLUSIVE");
    live.exec("UPDATE meta SET value = value WHERE name = 'last_task_id'");
    const names = await readdir(dir.path);
    expect(await refusalOf(path)).toMatch(/another process has it open/);
    expect(await readdir(dir.path)).toEqual(names);
    live.close();
  });

  it("a damaged file", async () => {
    await using dir = await createTempDir();
    const path = dir.file("a.db");
    await writeFileOf(path, 1);
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([bytes.subarray(0, 4_096), Buffer.alloc(bytes.length - 4_096, 0xa5)]));
    expect(await refusalOf(path)).toMatch(/the database is damaged/);
    expect(await readdir(dir.path)).toEqual(["a.db"]);
  });
});
