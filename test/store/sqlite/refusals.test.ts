import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { StoreRefused } from "../../../src/store/store-refused.ts";
import { newTask } from "../../harness/calls/builders.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { createdIds } from "../answers.ts";
import { listIds } from "../read-all.ts";
import { startMs } from "../store-harness.ts";

/** Opens what must be refused: with the path of the file, and with what to do. */
async function expectRefusal(path: string, ...advice: readonly RegExp[]): Promise<void> {
  const refusal = await SqliteStore.open({ path }).then(
    async (store) => {
      await store.close();
      return null;
    },
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(StoreRefused);
  const message = refusal instanceof Error ? refusal.message : "";
  expect(message).toContain(path);
  for (const pattern of advice) expect(message).toMatch(pattern);
}

/** Opens a store in another process, by default as the same user. */
function openElsewhere(path: string, user: { readonly uid?: number; readonly gid?: number } = {}) {
  const program = fileURLToPath(new URL("./open-store.ts", import.meta.url));
  return spawnSync(process.execPath, [program, path], { encoding: "utf8", timeout: 20_000, ...user });
}

/** A database of ours with some tasks, closed. */
async function makeDatabase(path: string, count = 1): Promise<string[]> {
  const store = await SqliteStore.open({ path });
  const tasks = Array.from({ length: count }, () => newTask({ payload: new Uint8Array(1_000) }));
  const ids = createdIds(await store.enqueue(tasks, startMs));
  await store.close();
  return ids;
}

describe("a database file that cannot be used is refused with what to do", () => {
  it("when it is not a database, which stays as it is", async () => {
    await using dir = await createTempDir();
    const path = dir.file("noise.db");
    const noise = randomBytes(20_000);
    await writeFile(path, noise);
    await expectRefusal(path, /not a SQLite database/, /restore|another file/i);
    expect(await readFile(path)).toEqual(noise);
  });

  it("when it is a text", async () => {
    await using dir = await createTempDir();
    const path = dir.file("notes.txt");
    await writeFile(path, "remember the milk\n");
    await expectRefusal(path, /another file/);
    expect(await readFile(path, "utf8")).toBe("remember the milk\n");
  });

  it("when it is the database of another program, which stays as it is", async () => {
    await using dir = await createTempDir();
    const path = dir.file("other.db");
    const other = new Database(path);
    other.exec("CREATE TABLE task (id INTEGER PRIMARY KEY, milk TEXT); INSERT INTO task (milk) VALUES ('two pints')");
    other.close();
    const before = await readFile(path);
    await expectRefusal(path, /another program/, /another file/);
    expect(await readFile(path)).toEqual(before);
  });

  it("when its schema is newer than the program, which does not touch it", async () => {
    await using dir = await createTempDir();
    const path = dir.file("newer.db");
    await makeDatabase(path);
    const db = new Database(path);
    db.pragma("user_version = 4711");
    db.close();
    await expectRefusal(path, /newer/, /4711/, /run the newer|restore/i);
    const after = new Database(path, { readonly: true });
    expect(after.pragma("user_version", { simple: true })).toBe(4_711);
    expect(after.prepare("SELECT count(*) FROM task").pluck().get()).toBe(1);
    after.close();
  });

  it("when its directory does not exist, which is not made", async () => {
    await using dir = await createTempDir();
    await expectRefusal(dir.file("missing/sitq.db"), /directory does not exist/, /create it/i);
    await expectRefusal(dir.file("missing/sitq.db"), /directory does not exist/);
  });

  it("when it is a directory", async () => {
    await using dir = await createTempDir();
    await mkdir(dir.file("folder"));
    await expectRefusal(dir.file("folder"), /check|another file/i);
  });

  for (const part of ["one page", "half"] as const) {
    it(`when only ${part} of it is left: it is never opened as if it were empty`, async () => {
      await using dir = await createTempDir();
      const path = dir.file("cut.db");
      await makeDatabase(path, 500);
      const whole = await readFile(path);
      await writeFile(path, whole.subarray(0, part === "half" ? Math.floor(whole.length / 8_192) * 4_096 : 4_096));
      await expectRefusal(path, /damaged/, /restore/i);
    });
  }

  for (const [what, sql] of Object.entries({
    "a column": "ALTER TABLE workflow RENAME COLUMN plan TO qlan",
    "an index": "DROP INDEX task_running",
    "a table": "ALTER TABLE event RENAME TO evenu",
    "a subscription's content": "INSERT INTO subscription (name, state, content, create_ms) VALUES ('mail', 1, '{', 0)",
  })) {
    it(`when its schema has lost ${what} by a damage, with how to restore it`, async () => {
      await using dir = await createTempDir();
      const path = dir.file("sitq.db");
      await makeDatabase(path);
      const db = new Database(path);
      db.exec(`PRAGMA ignore_check_constraints = ON; ${sql}`);
      db.close();
      await expectRefusal(path, /the database is damaged/, /`sitq backup`/, /-wal/);
    });
  }

  it("when another store has it open, in the same process or in another", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    const store = await SqliteStore.open({ path });
    try {
      const [id = ""] = createdIds(await store.enqueue([newTask()], startMs));
      await expectRefusal(path, /another process|open/, /stop|another file/i);
      const { stdout } = openElsewhere(path);
      expect(stdout).toContain("StoreRefused");
      expect(stdout).toContain(path);
      // Whoever had it first is not disturbed.
      await store.enqueue([newTask()], startMs);
      expect(await listIds(store)).toContain(id);
    } finally {
      await store.close();
    }
    expect(openElsewhere(path).stdout).toBe("opened");
  });

  it("when it cannot be written, though it can be read", async (context) => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await makeDatabase(path);
    // Nothing is read-only for root, who looks on as somebody else.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    await chmod(path, 0o444);
    await chmod(dir.path, 0o555);
    try {
      const { stdout, stderr } = openElsewhere(path, user);
      context.skip(stdout === "", `another user cannot run the program: ${stderr.trim().split("\n").at(-1)}`);
      expect(stdout).toContain("StoreRefused");
      expect(stdout).toContain(path);
      expect(stdout).toMatch(/cannot be (written|opened)/);
    } finally {
      await chmod(dir.path, 0o700);
    }
  });

  it("when a new one may not be made in its directory", async (context) => {
    await using dir = await createTempDir();
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    await chmod(dir.path, 0o555);
    try {
      const { stdout, stderr } = openElsewhere(dir.file("sitq.db"), user);
      context.skip(stdout === "", `another user cannot run the program: ${stderr.trim().split("\n").at(-1)}`);
      expect(stdout).toContain("StoreRefused");
      expect(stdout).toContain(dir.file("sitq.db"));
      expect(stdout).toMatch(/may not write/);
    } finally {
      await chmod(dir.path, 0o700);
    }
  });
});
