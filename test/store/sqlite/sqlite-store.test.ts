import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/store/sqlite/file/database.ts";
import { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { newTask, taskFilter } from "../../harness/calls/builders.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { createdIds } from "../answers.ts";
import { completed, failed, leaseOf } from "../outcomes.ts";
import { listAll, listIds } from "../read-all.ts";
import { expectSound } from "../soundness.ts";
import { startMs } from "../store-harness.ts";
import { watch } from "../watcher.ts";
import { countCommits } from "./file/wal.ts";

const program = fileURLToPath(new URL("./work-until-killed.ts", import.meta.url));

/** Lets the program work until it has printed `lines` lines, kills it, and answers all that it printed. */
async function workUntilKilled(path: string, atMs: number, lines: number): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, [program, path, String(atMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const printed: string[] = [];
  if (child.stdout === null) throw new Error("no output");
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line);
    if (printed.length === lines) child.kill("SIGKILL");
  }
  const [, signal] = await exited;
  expect(signal, printed.join("\n")).toBe("SIGKILL");
  return printed;
}

describe("the SQLite store", () => {
  it("finds after a SIGKILL all that was acknowledged, again and again", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    const printed: string[] = [];
    // The second one is killed as soon as it has opened what the first one left.
    for (const [round, lines] of [150, 1, 80].entries()) {
      printed.push(...(await workUntilKilled(path, startMs + round * 100_000, lines)));
    }
    const told = (what: string) =>
      printed.flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length + 1)] : []));
    expect(told("enqueued").length).toBeGreaterThan(60);

    const store = await SqliteStore.open({ path });
    try {
      const states = new Map((await listAll(store)).map(({ id, state }) => [id, state]));
      expect(told("enqueued").filter((id) => !states.has(id))).toEqual([]);
      expect(told("completed").filter((id) => states.get(id) !== "completed")).toEqual([]);
      // Their leases were not written yet. The worker can still go on with them.
      const forgotten = [...new Set(told("claimed"))].filter((id) => states.get(id) === "pending");
      const held = forgotten.map((taskId) => ({ taskId, attempt: 1, workerId: "w", leaseKind: "stream" as const }));
      expect((await store.takeUp(held, startMs + 1_000_000)).map(({ taskId }) => taskId)).toEqual(forgotten);
      await expectSound(store);
    } finally {
      await store.close();
    }
    const { db } = openDatabase(path, "full");
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    db.close();
  });

  it("keeps its files from other users", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    try {
      await store.enqueue([newTask()], startMs);
      const names = await readdir(dir.path);
      expect(names).toContain("sitq.db-wal");
      for (const name of names) {
        expect(((await stat(dir.file(name))).mode & 0o777).toString(8), name).toBe("600");
      }
    } finally {
      await store.close();
    }
  });

  it("leaves one file behind when it is closed", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    await store.enqueue([newTask()], startMs);
    await store.close();
    expect(await readdir(dir.path)).toEqual(["sitq.db"]);
  });

  it("writes ahead and waits for the disk, also after the first write", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    const store = await SqliteStore.open({ path });
    await store.enqueue([newTask()], startMs);
    await store.close();
    // Bytes 18 and 19 of the header: 2 is WAL.
    expect([...readFileSync(path).subarray(18, 20)]).toEqual([2, 2]);

    for (const [name, level] of [
      ["full", 2],
      ["normal", 1],
    ] as const) {
      const { db } = openDatabase(path, name);
      db.exec("UPDATE queue SET update_ms = update_ms + 1");
      expect(db.pragma("synchronous", { simple: true })).toBe(level);
      expect(db.pragma("journal_mode", { simple: true })).toBe("wal");
      db.close();
    }
  });

  it("commits what is called in one turn together", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    const wal = dir.file("sitq.db-wal");
    try {
      await store.enqueue([newTask()], startMs);
      const before = countCommits(wal);
      const calls = Array.from({ length: 1_000 }, () => store.enqueue([newTask()], startMs));
      expect(new Set(createdIds((await Promise.all(calls)).flat())).size).toBe(1_000);
      const commits = countCommits(wal) - before;
      expect(commits).toBeGreaterThan(0);
      expect(commits).toBeLessThan(10);
    } finally {
      await store.close();
    }
  });

  it("commits an enqueue and the claim that is called with it together", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    const wal = dir.file("sitq.db-wal");
    try {
      await store.enqueue([newTask({ queue: "other" })], startMs);
      const before = countCommits(wal);
      const enqueued = store.enqueue([newTask()], startMs);
      const claimed = store.claim({ queue: "orders", slots: [{ workerId: "w", n: 1 }], leaseUntilMs: null }, startMs);
      expect((await claimed).tasks.map(({ id }) => id)).toEqual(createdIds(await enqueued));
      expect(countCommits(wal) - before).toBe(1);
    } finally {
      await store.close();
    }
  });

  it("leaves nothing of a deleted task behind", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    const store = await SqliteStore.open({ path });
    const [id = ""] = createdIds(await store.enqueue([newTask()], startMs));
    const { tasks } = await store.claim(
      { queue: "orders", slots: [{ workerId: "w", n: 1 }], leaseUntilMs: null },
      startMs,
    );
    await store.settle(
      tasks.map((task) => ({ ...leaseOf(task), outcome: failed({ terminal: true }) })),
      startMs,
    );
    expect(await store.delete([id], startMs)).toEqual(["deleted"]);
    await store.close();
    const { db } = openDatabase(path, "full");
    expect(db.prepare("SELECT (SELECT count(*) FROM task), (SELECT count(*) FROM attempt)").raw().get()).toEqual([
      0, 0,
    ]);
    db.close();
  });

  it("writes nothing for what only reads", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    const wal = dir.file("sitq.db-wal");
    try {
      const [id = ""] = createdIds(await store.enqueue([newTask()], startMs));
      const before = readFileSync(wal).length;
      await store.get([id]);
      await store.getQueue("orders");
      await store.listQueues(null, 10);
      await store.leases();
      await store.list({ filter: taskFilter(), cursor: null, limit: 10, full: true, maxBytes: 1_000 });
      await store.claim({ queue: "empty", slots: [{ workerId: "w", n: 1 }], leaseUntilMs: null }, startMs);
      expect(readFileSync(wal).length).toBe(before);
    } finally {
      await store.close();
    }
  });

  it("refuses a call that cannot be stored, and lets those that commit with it go on", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    try {
      const watcher = watch(store);
      const good = [store.enqueue([newTask()], startMs)];
      const bad = store.enqueue([newTask({ queue: "bad" }), newTask({ queue: "bad", priority: 1.5 })], startMs);
      good.push(store.enqueue([newTask()], startMs));
      await expect(bad).rejects.toThrow();
      const ids = createdIds((await Promise.all(good)).flat());
      expect(await listIds(store, { queue: "orders" })).toEqual(ids.toReversed());
      expect((await watcher.all(startMs)).map(({ id }) => id)).toEqual(ids);
      // Whole or not at all: neither its first task nor its queue is there.
      expect(await store.getQueue("bad")).toBeNull();
      await expectSound(store);
    } finally {
      await store.close();
    }
  });

  it("keeps the counts right when a call is refused whose queue is not new", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    try {
      await store.enqueue([newTask()], startMs);
      await expect(store.enqueue([newTask(), newTask({ priority: 1.5 })], startMs)).rejects.toThrow();
      expect((await store.getQueue("orders"))?.counts.pending).toBe(1);
      await store.enqueue([newTask()], startMs);
      await expectSound(store);
    } finally {
      await store.close();
    }
  });

  it.each(["before", "with"])(
    "settles tasks in the room that their rows have, their leases written %s",
    async (when) => {
      await using dir = await createTempDir();
      const path = dir.file("sitq.db");
      const plan = {
        queue: "orders",
        slots: [{ workerId: "host-of-a-service:12345:0a1b2c3d4e5f", n: 500 }],
        leaseUntilMs: null,
      };

      /** How large the file is after work on it, its log written back. */
      async function sizeAfter(work: (store: SqliteStore) => Promise<void>): Promise<number> {
        const store = await SqliteStore.open({ path });
        await work(store);
        await store.close();
        return (await stat(path)).size;
      }
      const tasks = Array.from({ length: 500 }, () => newTask({ payload: new Uint8Array(200) }));
      const waiting = await sizeAfter(async (store) => void (await store.enqueue(tasks, startMs)));
      const settled = await sizeAfter(async (store) => {
        const claimed = await store.claim(plan, startMs);
        // A list shows running tasks, for which their leases are written.
        if (when === "before") await listIds(store, taskFilter({ states: ["running"] }));
        for (let n = 0; n < claimed.tasks.length; n += 20) {
          const part = claimed.tasks.slice(n, n + 20);
          await store.settle(
            part.map((task) => ({ ...leaseOf(task), outcome: completed() })),
            startMs,
          );
        }
      });
      // Without it, 12 % more.
      expect(settled).toBeLessThan(waiting * 1.03);
    },
  );
});
