import {
  chmod,
  copyFile,
  cp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { SqliteStoreOptions } from "../../../../src/store/sqlite/options.ts";
import { SqliteStore } from "../../../../src/store/sqlite/sqlite-store.ts";
import { StoreRefused } from "../../../../src/store/store-refused.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { createTempDir, type TempDir } from "../../../harness/temp-dir.ts";
import { createdIds } from "../../answers.ts";
import { listIds } from "../../read-all.ts";
import { startMs } from "../../store-harness.ts";
import { fillAndKill } from "./fill-and-kill.ts";

async function open(options: SqliteStoreOptions) {
  const store = await SqliteStore.open(options);
  return { store, count: (await listIds(store)).length, [Symbol.asyncDispose]: () => store.close() };
}

async function expectRefusal(path: string, ...says: readonly (RegExp | string)[]): Promise<void> {
  const refusal: unknown = await SqliteStore.open({ path }).then(
    (store) => store.close().then(() => "opened"),
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(StoreRefused);
  for (const text of says) expect((refusal as Error).message).toMatch(text);
}

/** Every file of a directory with its size, to see that a refusal has changed nothing. */
async function sizes({ path }: TempDir): Promise<Record<string, number>> {
  const names = await readdir(path);
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await stat(`${path}/${name}`)).size])));
}

describe("a database and its log belong together", () => {
  it("is refused when the database is missing or empty, and nothing is lost", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    const stored = await fillAndKill(path);
    await copyFile(path, dir.file("kept.db"));
    await rm(path);
    const before = await sizes(dir);
    await expectRefusal(path, /is missing/, /belong together/, /put the database file back/i, /sitq\.db-wal away/);
    expect(await sizes(dir)).toEqual(before);
    await writeFile(path, "");
    await expectRefusal(path, /is empty/, /belong together/);
    await copyFile(dir.file("kept.db"), path);
    await using again = await open({ path });
    expect(again.count).toBe(stored);
  });

  it("is refused without the log that it needs, and goes on without it where that is said", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    const stored = await fillAndKill(path);
    await rename(`${path}-wal`, dir.file("moved"));
    await expectRefusal(path, /not closed cleanly/, /sitq\.db-wal/, /--accept-missing-wal/);
    await writeFile(`${path}-wal`, Buffer.alloc(100, 7));
    await expectRefusal(path, /not closed cleanly/, /is damaged/);
    await rm(`${path}-wal`);
    await cp(dir.file("moved"), `${path}-wal`);
    {
      await using whole = await open({ path });
      expect(whole.count).toBe(stored);
    }
    await fillAndKill(path);
    await rm(`${path}-wal`);
    await using less = await open({ path, acceptMissingWal: true });
    expect(less.count).toBe(stored);
  });

  it("is refused beside an older copy of the log that it was closed with, which would take it back", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    {
      await using opened = await open({ path });
      await opened.store.enqueue([newTask()], startMs);
      await copyFile(`${path}-wal`, dir.file("older-wal"));
      await opened.store.enqueue([newTask()], startMs);
    }
    await copyFile(dir.file("older-wal"), `${path}-wal`);
    const before = await sizes(dir);
    await expectRefusal(path, /is not the log of/, /older copy/);
    expect(await sizes(dir)).toEqual(before);
    await rm(`${path}-wal`);
    // What comes after a clean end is a log that goes on from it.
    const stored = await fillAndKill(path);
    await using again = await open({ path });
    expect(again.count).toBe(2 + stored);
  });

  it("opens without a log after a clean end, and after one that SQLite itself has tidied up", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    const stored = await fillAndKill(path);
    const { default: Database } = await import("better-sqlite3");
    const other = new Database(path);
    expect(other.prepare("SELECT count(*) FROM task").pluck().get()).toBe(stored);
    other.close();
    expect(await readdir(dir.path)).toEqual(["sitq.db"]);
    for (let round = 0; round < 2; round++) {
      await using again = await open({ path });
      expect(again.count).toBe(stored);
    }
  });

  it("is refused beside the log of another database, open or closed, fresh or from a backup", async () => {
    await using dir = await createTempDir();
    const mine = dir.file("mine.db");
    const other = dir.file("other.db");
    await fillAndKill(mine);
    await fillAndKill(other);
    await rename(`${mine}-wal`, dir.file("my-wal"));
    await copyFile(`${other}-wal`, `${mine}-wal`);
    const before = await sizes(dir);
    await expectRefusal(mine, /is not the log of/, /another database/);
    expect(await sizes(dir)).toEqual(before);
    await rename(dir.file("my-wal"), `${mine}-wal`);
    {
      await using whole = await open({ path: mine });
      await whole.store.copyTo(dir.file("copy.db"), () => undefined);
    }
    await copyFile(`${other}-wal`, `${mine}-wal`);
    await expectRefusal(mine, /is not the log of/);

    // A restored backup beside the log of what it was copied from.
    await fillAndKill(other);
    const copy = dir.file("restored.db");
    {
      await using whole = await open({ path: other });
      await whole.store.copyTo(copy, () => undefined);
      await copyFile(`${other}-wal`, `${copy}-wal`);
    }
    await expectRefusal(copy, /is not the log of/, /restored from a backup/);
    await rm(`${copy}-wal`);
    await using restored = await open({ path: copy });
    expect(restored.count).toBeGreaterThan(0);
  });

  it("is refused beside a log of long ago, and opens with its own, however often that was begun anew", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    const store = await SqliteStore.open({ path });
    await store.enqueue([newTask()], startMs);
    await copyFile(`${path}-wal`, dir.file("old-wal"));
    await store.close();
    // Each fills the log four times over.
    const stored = await fillAndKill(path, 800_000);
    await copyFile(`${path}-wal`, dir.file("own-wal"));
    await copyFile(dir.file("old-wal"), `${path}-wal`);
    await expectRefusal(path, /is not the log of/, /older copy/);
    await copyFile(dir.file("own-wal"), `${path}-wal`);
    await using again = await open({ path });
    expect(again.count).toBe(stored + 1);
  });

  it("opens a file that knows nothing of its log yet, as older versions left it", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await fillAndKill(path);
    const { default: Database } = await import("better-sqlite3");
    const older = new Database(path);
    older.exec("DELETE FROM meta WHERE name IN ('wal', 'database_id')");
    older.close();
    await using again = await open({ path });
    expect(again.count).toBeGreaterThan(0);
  });
});

describe("a file that is not where it was", () => {
  const takeAway: Record<string, (path: string) => Promise<void>> = {
    moved: (path) => rename(path, `${path}.away`),
    deleted: (path) => rm(path),
    "replaced by another one": async (path) => {
      await copyFile(path, `${path}.copy`);
      await rename(`${path}.copy`, path);
    },
    "without its log": (path) => rm(`${path}-wal`),
  };

  for (const [how, act] of Object.entries(takeAway)) {
    it(`stops the store: ${how}`, async () => {
      await using dir = await createTempDir();
      const path = dir.file("sitq.db");
      const store = await SqliteStore.open({ path });
      await store.enqueue([newTask()], startMs);
      await act(path);
      const failure = await store.failed;
      expect(failure.message).toMatch(/was moved, replaced or deleted/);
      await expect(store.enqueue([newTask()], startMs)).rejects.toMatchObject({ reason: "STORE_FAILED" });
      await store.close();
    });
  }

  const overwrite: Record<string, (path: string, other: string) => Promise<void>> = {
    "with a backup": (path, other) => copyFile(other, path),
    "with nothing": (path) => truncate(path, 0),
    "with a text": (path) => writeFile(path, "x".repeat(200_000)),
    "in its log": (path) => truncate(`${path}-wal`, 0),
    "in its log, with the one of another": (path, other) => copyFile(`${other}-wal`, `${path}-wal`),
  };

  for (const [how, act] of Object.entries(overwrite)) {
    it(`stops the store when it is overwritten in place: ${how}`, async () => {
      await using dir = await createTempDir();
      const path = dir.file("sitq.db");
      const other = dir.file("other.db");
      await fillAndKill(other);
      const store = await SqliteStore.open({ path });
      await store.enqueue([newTask()], startMs);
      await act(path, other);
      // It goes on to commit meanwhile: what is missing at the front of the log stays missing.
      while (
        await store.enqueue([newTask()], startMs).then(
          () => true,
          () => false,
        )
      );
      expect((await store.failed).message).toMatch(/was overwritten or cut by another program/);
      const left = await sizes(dir);
      await store.close();
      // Nothing is written into it at the end either.
      expect(await sizes(dir)).toEqual(left);
      if (how === "with a backup") expect(await readFile(path)).toEqual(await readFile(other));
    });
  }

  it("goes on when only the time of a file is set", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await using again = await open({ path });
    const { failed } = again.store;
    await utimes(path, 1, 1);
    // Three looks of the guard.
    const first = await Promise.race([failed.then(() => "failed"), setTimeout(1_600, "goes on")]);
    expect(first).toBe("goes on");
  });

  it("has all that was answered once it is back", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    const store = await SqliteStore.open({ path });
    const ids: string[] = [];
    await rename(path, dir.file("away.db"));
    // What is answered before it is noticed is in the two files.
    for (let hasFailed = false; !hasFailed; ) {
      await store.enqueue([newTask()], startMs).then(
        (answers) => ids.push(...createdIds(answers)),
        () => {
          hasFailed = true;
        },
      );
    }
    await store.close();
    await expectRefusal(path, /is missing/);
    await rename(dir.file("away.db"), path);
    await using again = await open({ path });
    // The last one may be there without an answer.
    const there = new Set(await listIds(again.store));
    expect(ids.filter((id) => !there.has(id))).toEqual([]);
  });
});

it("keeps no file beside the database and its log, and says when the database is new", async () => {
  await using dir = await createTempDir();
  const path = dir.file("sitq.db");
  for (const isNew of [true, false, false]) {
    const store = await SqliteStore.open({ path });
    expect(store).toMatchObject({ isNew, warnings: [], location: path });
    expect(await readdir(dir.path)).toEqual(["sitq.db", "sitq.db-wal"]);
    await store.close();
  }
  await truncate(path, 0);
  await chmod(path, 0o644);
  const store = await SqliteStore.open({ path });
  expect(store).toMatchObject({ isNew: true, warnings: [{ facts: { db: path, mode: "644" } }] });
  await store.close();
});
