import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { SqliteStore } from "../../../../src/store/sqlite/sqlite-store.ts";
import { verifyBackup } from "../../../../src/store/sqlite/thread/backup.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { mountSmallDisk } from "../../../harness/disk/small-disk.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";
import { createdIds } from "../../answers.ts";
import { listAll, listIds } from "../../read-all.ts";
import { expectSound } from "../../soundness.ts";
import { startMs } from "../../store-harness.ts";

const nothing = () => undefined;
const many = (count: number) => Array.from({ length: count }, () => newTask({ payload: new Uint8Array(2_000) }));

describe("a backup", () => {
  it("holds what was there when it began, and is a store of its own", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    try {
      const ids = createdIds(await store.enqueue(many(2_000), startMs));
      const progress: (readonly [number, number])[] = [];
      const backup = store.copyTo(dir.file("copy.db"), (copied, total) => progress.push([copied, total]));
      // The queue goes on meanwhile.
      const later: string[] = [];
      for (let round = 0; round < 20; round++) later.push(...createdIds(await store.enqueue(many(5), startMs + round)));
      const { taskCount } = await backup;
      expect(taskCount).toBeGreaterThanOrEqual(ids.length);
      expect(progress.length).toBeGreaterThan(0);
      expect(progress.every(([copied, total]) => copied >= 0 && copied <= total)).toBe(true);

      const copy = await SqliteStore.open({ path: dir.file("copy.db") });
      try {
        const found = await listIds(copy);
        expect(found).toHaveLength(taskCount);
        expect(found.toReversed()).toEqual([...ids, ...later].slice(0, taskCount));
        expect((await listAll(copy)).slice(-10)).toEqual((await listAll(store)).slice(-10));
        await expectSound(copy);
      } finally {
        await copy.close();
      }
    } finally {
      await store.close();
    }
  });

  it("is one file that other users cannot read", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    try {
      await store.enqueue(many(3), startMs);
      expect(await store.copyTo(dir.file("copy.db"), nothing)).toEqual({
        taskCount: 3,
        damages: { count: 0, named: [] },
      });
      expect((await readdir(dir.path)).filter((name) => name.startsWith("copy"))).toEqual(["copy.db"]);
      expect(((await stat(dir.file("copy.db"))).mode & 0o777).toString(8)).toBe("600");
    } finally {
      await store.close();
    }
  });

  it("is refused where no server would start with it", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    const store = await SqliteStore.open({ path });
    await store.enqueue(many(3), startMs);
    await store.close();
    const db = new Database(path);
    db.exec(
      "PRAGMA ignore_check_constraints = ON; INSERT INTO subscription (name, state, content, create_ms) VALUES ('mail', 1, '{', 0)",
    );
    db.close();
    await expect(verifyBackup(path)).rejects.toMatchObject({
      reason: "DATA_LOSS",
      message: expect.stringMatching(
        /there is no backup: CHECK constraint failed in subscription, the subscription mail cannot be read/,
      ),
    });
    await expect(SqliteStore.open({ path })).rejects.toThrow("the database is damaged");
  });

  it("does not overwrite a file that is there", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    try {
      await store.enqueue(many(3), startMs);
      await writeFile(dir.file("taken.db"), "dear diary");
      await expect(store.copyTo(dir.file("taken.db"), nothing)).rejects.toThrow(dir.file("taken.db"));
      expect(await readFile(dir.file("taken.db"), "utf8")).toBe("dear diary");
      await expect(store.copyTo(dir.file("sitq.db"), nothing)).rejects.toThrow();
      await store.enqueue(many(1), startMs);
      expect(await listIds(store)).toHaveLength(4);
    } finally {
      await store.close();
    }
  });

  it("rejects where it cannot be written, and the store goes on", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    try {
      await expect(store.copyTo(dir.file("missing/copy.db"), nothing)).rejects.toThrow("missing");
      await store.enqueue(many(1), startMs);
      expect(await store.copyTo(dir.file("copy.db"), nothing)).toEqual({
        taskCount: 1,
        damages: { count: 0, named: [] },
      });
    } finally {
      await store.close();
    }
  });

  it("refuses a second one while it is under way", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    try {
      await store.enqueue(many(1_000), startMs);
      const first = store.copyTo(dir.file("first.db"), nothing);
      await expect(store.copyTo(dir.file("second.db"), nothing)).rejects.toMatchObject({ reason: "BACKUP_RUNNING" });
      expect(await first).toEqual({ taskCount: 1_000, damages: { count: 0, named: [] } });
    } finally {
      await store.close();
    }
  });

  it("is given up and removed when its caller has gone, and stands in the way of none", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    try {
      await store.enqueue(many(2_000), startMs);
      const gone = new AbortController();
      const first = store.copyTo(dir.file("first.db"), nothing, gone.signal);
      gone.abort(new Error("gone"));
      await expect(first).rejects.toThrow("gone");
      expect(await readdir(dir.path)).not.toContain("first.db");
      await expect(store.copyTo(dir.file("late.db"), nothing, gone.signal)).rejects.toThrow("gone");
      expect(await store.copyTo(dir.file("second.db"), nothing)).toEqual({
        taskCount: 2_000,
        damages: { count: 0, named: [] },
      });
    } finally {
      await store.close();
    }
  });

  it("is refused where there is no room for it, with how much it needs, and the store goes on", async (context) => {
    await using dir = await createTempDir();
    await using disk = await mountSmallDisk(context, 2);
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    try {
      await store.enqueue(many(2_000), startMs);
      const refused = store.copyTo(disk.file("copy.db"), nothing);
      const details = { metadata: { needed_bytes: expect.stringMatching(/^\d{7}$/) } };
      await expect(refused).rejects.toMatchObject({ reason: "DISK_FULL", details });
      await expect(refused).rejects.toThrow(/needs \d+ MiB/);
      expect(await readdir(disk.path)).toEqual([]);
      expect(await store.copyTo(dir.file("copy.db"), nothing)).toEqual({
        taskCount: 2_000,
        damages: { count: 0, named: [] },
      });
    } finally {
      await store.close();
    }
  });

  it("is settled when the store is closed while it is under way", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    await store.enqueue(many(1_000), startMs);
    const backup = store.copyTo(dir.file("copy.db"), nothing).then(
      ({ taskCount }) => taskCount,
      (error: unknown) => error,
    );
    await store.close();
    expect(await backup).toBeOneOf([1_000, expect.any(Error)]);
    await expect(store.copyTo(dir.file("late.db"), nothing)).rejects.toThrow();
  });
});
