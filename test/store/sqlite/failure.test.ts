import { readFile, stat, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { StoreRefused } from "../../../src/store/store-refused.ts";
import { newTask, taskFilter } from "../../harness/calls/builders.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { createdIds } from "../answers.ts";
import { startMs } from "../store-harness.ts";

const pageBytes = 4_096;

/** Overwrites whole pages of a file, counted from 0, with noise. */
async function damage(path: string, damaged: (page: number, pages: number) => boolean): Promise<void> {
  const content = await readFile(path);
  const pages = content.length / pageBytes;
  for (let page = 0; page < pages; page++) {
    if (damaged(page, pages)) content.fill(0xa5, page * pageBytes, (page + 1) * pageBytes);
  }
  await writeFile(path, content);
}

/** Makes a database of 2,000 tasks; answers their ids. */
async function fill(path: string): Promise<string[]> {
  const store = await SqliteStore.open({ path });
  const ids: string[] = [];
  for (let batch = 0; batch < 4; batch++) {
    const tasks = Array.from({ length: 500 }, () => newTask({ payload: new Uint8Array(300) }));
    ids.push(...createdIds(await store.enqueue(tasks, startMs + batch)));
  }
  await store.close();
  return ids;
}

describe("a damaged database", () => {
  it("is refused with what to do when it is found at the start", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await fill(path);
    await damage(path, (page) => page > 0);
    const opening = SqliteStore.open({ path });
    await expect(opening).rejects.toBeInstanceOf(StoreRefused);
    await expect(opening).rejects.toThrow(path);
    await expect(opening).rejects.toThrow(/damaged/);
  });

  it("has no backup where a copy could not be read", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await fill(path);
    await damage(path, (page, pages) => page > pages * 0.3 && page < pages * 0.6);
    const store = await SqliteStore.open({ path });
    await expect(store.copyTo(dir.file("copy.db"), () => undefined)).rejects.toMatchObject({
      reason: "DATA_LOSS",
      message: expect.stringContaining("cannot be used; there is no backup: "),
    });
    await store.close();
  });

  it("is a failure for good when it is found later: nothing more is acknowledged", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    const ids = await fill(path);
    // The ends of the tree are sound, so that it opens; most of the middle is not.
    await damage(path, (page, pages) => page > pages * 0.3 && page < pages * 0.6);
    const store = await SqliteStore.open({ path });
    const reading = store.get(ids);
    const alongside = store.enqueue([newTask()], startMs + 10);
    await expect(reading).rejects.toMatchObject({ reason: "STORE_FAILED" });
    await expect(alongside).rejects.toMatchObject({ reason: "STORE_FAILED" });
    expect(await store.failed).toBeInstanceOf(Error);
    await expect(store.enqueue([newTask()], startMs + 10)).rejects.toMatchObject({ reason: "STORE_FAILED" });
    const query = { filter: taskFilter(), cursor: null, limit: 1, full: false, maxBytes: 1_000 };
    await expect(store.list(query)).rejects.toMatchObject({ reason: "STORE_FAILED" });
    await expect(store.copyTo(dir.file("copy.db"), () => undefined)).rejects.toMatchObject({ reason: "STORE_FAILED" });
    await store.close();
    await store.close();
    // Not written back at the end: of that nobody would know what came to the disk.
    expect((await stat(`${path}-wal`)).size).toBeGreaterThan(0);
  });
});
