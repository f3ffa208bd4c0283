import { existsSync } from "node:fs";
import { afterAll, test as base, beforeAll, expect } from "vitest";
import { openPostgres } from "../../../src/store/postgres/postgres-store.ts";
import { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { transferFile } from "../../../src/store/transfer/transfer.ts";
import { newEvent, newSubscription, newTask, taskError } from "../../harness/calls/builders.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../harness/databases/postgres.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { createdEvent } from "../events.ts";
import { completed, failed, leaseOf } from "../outcomes.ts";
import { listAll, listAllQueues, sweepRound } from "../read-all.ts";

const nowMs = Date.UTC(2026, 6, 1, 12);
let server: PostgresServer;
const test = base.skipIf(isPostgresMissing);
let schemas = 0;

beforeAll(async () => {
  if (isPostgresMissing) return;
  server = await startPostgres();
});
afterAll(() => server?.stop());

/** A file with tasks in several states, and what servers keep beside them. */
async function fill(path: string, tasks = 1_200): Promise<void> {
  const store = await SqliteStore.open({ path });
  await store.updateQueue("mail", { maxRunning: 50 }, true, nowMs, { principal: "ops", reason: "slow relay" });
  for (let start = 0; start < tasks; start += 100) {
    const batch = Array.from({ length: 100 }, (_, index) =>
      newTask({
        queue: index % 3 === 0 ? "mail" : "bills",
        requestId: `request-${start + index}`,
        payload: new Uint8Array([index, 0, 255]),
        headers: JSON.stringify({ tenant: `t${index % 7}`, note: "naïve ✓" }),
      }),
    );
    await store.enqueue(batch, nowMs + start);
  }
  const { tasks: claimed } = await store.claim(
    { queue: "bills", slots: [{ workerId: "worker-1", n: 30 }], leaseUntilMs: null },
    nowMs + 5_000,
  );
  await store.settle(
    claimed.slice(0, 20).map((task, index) => ({
      ...leaseOf(task),
      outcome: index % 2 === 0 ? completed("done") : failed({ terminal: true }),
    })),
    nowMs + 6_000,
  );
  const [first] = await listAll(store);
  await store.cancel(first === undefined ? [] : [first.id], taskError("not needed"), nowMs + 7_000);
  await store.putPrincipal(
    { name: "ops", grants: [], certificateUris: ["spiffe://x/ops"], certificateDnsNames: [], createMs: 1, updateMs: 2 },
    null,
  );
  await store.close();
}

async function everything(store: Store) {
  const tasks = await listAll(store);
  const whole = await store.get(tasks.map(({ id }) => id));
  return {
    whole: whole.map((each) => each && { ...each, task: { ...each.task, payload: bytesOf(each.task.payload) } }),
    queues: await listAllQueues(store),
    settings: (await store.getQueue("mail"))?.settingChanges,
    access: await store.readAccess(),
    pageKey: await store.pageKey(),
    failures: await store.listFailures({ queue: null, type: null, cursor: null, limit: 100 }),
  };
}

function bytesOf(bytes: Uint8Array | null): readonly number[] | null {
  return bytes && [...bytes];
}

test("moves everything, compares it, and a server goes on with it", async () => {
  const dir = await createTempDir();
  const file = dir.file("sitq.db");
  const schema = `moved_${++schemas}`;
  try {
    await fill(file);
    const phases: string[] = [];
    const counts = await transferFile({
      from: file,
      to: `${server.url}?schema=${schema}`,
      onProgress: (phase, done, total) => {
        phases.push(phase);
        expect(done).toBeLessThanOrEqual(total);
      },
    });
    expect(counts.get("task")).toBe(1_200);
    expect(new Set(phases)).toEqual(new Set(["move", "verify"]));

    const source = await SqliteStore.open({ path: file });
    const target = await openPostgres({ url: server.url, schema });
    try {
      expect(await everything(target)).toEqual(await everything(source));
      // A new task is behind all that were moved.
      const [newest] = await listAll(source);
      const [answer] = await target.enqueue([newTask({ queue: "mail" })], nowMs);
      if (answer?.status !== "created") throw new Error("not created");
      expect(answer.task.id > (newest?.id ?? "")).toBe(true);
      // A request id stands for the task that it made in the file.
      const made = (await listAll(target)).find(({ requestId }) => requestId !== null);
      const again = newTask({ queue: made?.queue ?? "", requestId: made?.requestId ?? "", type: "another" });
      expect(await target.enqueue([again], nowMs)).toMatchObject([{ status: "request_id_reused", id: made?.id }]);
      // Finished tasks are deleted when their retention is over.
      expect((await sweepRound(target, nowMs + 400 * 86_400_000)).deleted).toBe(
        (await sweepRound(source, nowMs + 400 * 86_400_000)).deleted,
      );
    } finally {
      await source.close();
      await target.close();
    }
  } finally {
    await dir.remove();
  }
});

test("moves events, with what is deleted of them and what is in line by a long key", async () => {
  const dir = await createTempDir();
  const file = dir.file("sitq.db");
  const schema = `moved_${++schemas}`;
  try {
    const source = await SqliteStore.open({ path: file });
    const swept = createdEvent((await source.publish([newEvent({ id: "old" })], nowMs))[0]);
    await source.publish([newEvent({ id: "old-2" })], nowMs + 1);
    await source.sweepEvents(null, nowMs + 1_000);
    await source.createSubscription(newSubscription({ orderingKey: "attributes.key" }), { kind: "now" }, nowMs);
    const attributes = {
      key: Array.from({ length: 4_000 }, (_, n) => String.fromCharCode(0x4e00 + ((n * 7_919) % 20_000))).join(""),
    };
    await source.publish([newEvent({ id: "1", attributes }), newEvent({ id: "2", attributes })], nowMs + 2_000);
    await source.close();
    await transferFile({ from: file, to: `${server.url}?schema=${schema}` });
    const target = await openPostgres({ url: server.url, schema });
    try {
      expect(await target.findStart({ kind: "position", position: swept.position })).toMatchObject({
        status: "expired",
      });
      await target.publish([newEvent({ id: "3", attributes })], nowMs + 3_000);
      // One at a time, also behind what was moved.
      for (const id of ["1", "2", "3"]) {
        const claim = { queue: "mail", slots: [{ workerId: "w", n: 9 }], leaseUntilMs: null };
        const { tasks } = await target.claim(claim, nowMs + 4_000);
        expect(tasks.map(({ event }) => event?.id)).toEqual([id]);
        await target.settle(
          tasks.map((task) => ({ ...leaseOf(task), outcome: completed() })),
          nowMs + 4_000,
        );
      }
    } finally {
      await target.close();
    }
  } finally {
    await dir.remove();
  }
});

test("goes on where it was interrupted; meanwhile no server starts on the schema", async () => {
  const dir = await createTempDir();
  const file = dir.file("sitq.db");
  const schema = `moved_${++schemas}`;
  const to = `${server.url}?schema=${schema}`;
  try {
    await fill(file);
    const controller = new AbortController();
    const interrupted = transferFile({
      from: file,
      to,
      signal: controller.signal,
      onProgress: (_, done) => {
        if (done > 600) controller.abort();
      },
    });
    await expect(interrupted).rejects.toThrow();
    await expect(openPostgres({ url: server.url, schema })).rejects.toThrow("is not there whole");

    const done: number[] = [];
    const counts = await transferFile({ from: file, to, onProgress: (_, n) => done.push(n) });
    expect(done[0]).toBeGreaterThan(600);
    expect(counts.get("task")).toBe(1_200);
    await expect(transferFile({ from: file, to })).rejects.toThrow("A file was moved into the schema");
  } finally {
    await dir.remove();
  }
});

test("refuses a schema with other data, and a file that is not there, which it does not make", async () => {
  const dir = await createTempDir();
  const schema = `moved_${++schemas}`;
  const to = `${server.url}?schema=${schema}`;
  try {
    const target = await openPostgres({ url: server.url, schema });
    await target.updateQueue("mail", { maxRunning: 1 }, true, nowMs);
    await target.close();
    await fill(dir.file("sitq.db"), 100);
    await expect(transferFile({ from: dir.file("sitq.db"), to })).rejects.toThrow("holds data of its own");
    await expect(transferFile({ from: dir.file("none.db"), to })).rejects.toThrow("no such file");
    expect(existsSync(dir.file("none.db"))).toBe(false);
  } finally {
    await dir.remove();
  }
});
