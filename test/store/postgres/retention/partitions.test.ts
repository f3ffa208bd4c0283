/** Finished tasks are in partitions of their table by the end of their retention, and are dropped with them. */

import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { test as base, expect } from "vitest";
import { partitionKinds } from "../../../../src/store/postgres/rows/partitions.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newStep, newTask, newWorkflow, taskFilter } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { createdIds } from "../../answers.ts";
import { completed, failed, leaseOf, type Outcome } from "../../outcomes.ts";
import { listAll, sweepRound } from "../../read-all.ts";
import { startMs } from "../../store-harness.ts";
import { watch } from "../../watcher.ts";
import { type OpenServers, serversForTests } from "../open-postgres.ts";

const test = base.skipIf(isPostgresMissing);
const open = serversForTests();
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** When the partitions are past that hold what finishes at `startMs` and is kept for a day. */
const laterMs = startMs + dayMs + 5 * hourMs;

/** One server, or several, and a session beside them. */
async function withServers(
  count: number,
  work: (stores: [Store, ...Store[]], admin: Client, servers: OpenServers) => Promise<void>,
): Promise<void> {
  const servers = await open(count);
  const admin = new Client({ connectionString: servers.url });
  await admin.connect();
  try {
    await admin.query(`SET search_path TO ${servers.schema}`);
    await work(servers.stores as [Store, ...Store[]], admin, servers);
  } finally {
    await servers.close();
    await admin.end();
  }
}

/** Stores tasks with request ids, and ends an attempt of each; answers their ids. */
async function finish(store: Store, count: number, outcome: Outcome = completed(), nowMs = startMs): Promise<string[]> {
  const wanted = Array.from({ length: count }, (_, n) => newTask({ requestId: `${nowMs}-${n}` }));
  await store.enqueue(wanted, nowMs);
  return end(store, "orders", count, outcome, nowMs);
}

/** Ends an attempt of the next tasks of a queue; answers their ids. */
async function end(store: Store, queue: string, n: number, outcome: Outcome, nowMs: number): Promise<string[]> {
  const { tasks } = await store.claim({ queue, slots: [{ workerId: "worker", n }], leaseUntilMs: null }, nowMs);
  await store.settle(
    tasks.map((task) => ({ ...leaseOf(task), outcome })),
    nowMs,
  );
  return tasks.map(({ id }) => id);
}

async function column(admin: Client, sql: string): Promise<unknown[]> {
  const { rows } = await admin.query<Record<string, unknown>>(sql);
  return rows.map((row) => Object.values(row)[0]);
}

/** In which tables the tasks are, and how many. */
async function placesOf(admin: Client): Promise<Record<string, number>> {
  const { rows } = await admin.query<{ partition: string; n: string }>(
    "SELECT tableoid::regclass::text AS partition, count(*) AS n FROM task GROUP BY 1 ORDER BY 1",
  );
  return Object.fromEntries(rows.map(({ partition, n }) => [partition, Number(n)]));
}

async function failuresOf(store: Store) {
  return (await store.listFailures({ queue: null, type: null, cursor: null, limit: 10 })).groups;
}

const partitionsThere = (admin: Client) => column(admin, "SELECT name FROM task_partition ORDER BY from_key");

test("a partition whose tasks are all past their retention is dropped whole, with its attempts and request ids", async () => {
  await withServers(1, async ([store], admin) => {
    const times = { completedMs: dayMs, failedMs: dayMs, cancelledMs: dayMs };
    await store.updateQueue("orders", { retention: times }, true, startMs);
    // Partitions are made for what the settings say.
    await sweepRound(store, startMs);
    expect((await partitionsThere(admin)).length).toBeGreaterThan(6);
    const done = await finish(store, 700);
    const broken = await finish(store, 20, failed({ terminal: true }), startMs + 1);
    const back = await finish(store, 20, failed(), startMs + 2);
    const [partition = ""] = Object.keys(await placesOf(admin));
    expect(await placesOf(admin)).toEqual({ [partition]: 720, task_live: 20 });
    expect(await failuresOf(store)).toMatchObject([{ count: 20 }]);
    expect(await column(admin, "SELECT count(*)::int FROM attempt")).toEqual([40]);
    expect(await column(admin, "SELECT count(*)::int FROM task_request")).toEqual([740]);
    const watcher = watch(store);
    await admin.query(`
      CREATE FUNCTION no_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'row by row'; END $$;
      CREATE TRIGGER no_rows BEFORE DELETE ON ${partition} FOR EACH ROW EXECUTE FUNCTION no_rows()`);
    expect((await sweepRound(store, laterMs)).deleted).toBe(720);
    const deleted = (await watcher.all(laterMs)).filter(({ state }) => state === null).map(({ id }) => id);
    expect(deleted.sort()).toEqual([...done, ...broken].sort());
    expect(await placesOf(admin)).toEqual({ task_live: 21 });
    expect((await store.getQueue("orders"))?.counts).toMatchObject({ completed: 0, failed: 0, scheduled: 20 });
    expect(await failuresOf(store)).toEqual([]);
    expect(await column(admin, "SELECT count(*)::int FROM task_request")).toEqual([20]);
    expect(await column(admin, "SELECT count(*)::int FROM attempt")).toEqual([20]);
    expect(await store.get(back)).not.toContain(null);
    // The table goes at once, or with the next round.
    await sweepRound(store, laterMs);
    expect(await column(admin, "SELECT to_regclass('task_detached')")).toEqual([null]);
    expect(await partitionsThere(admin)).not.toContain(partition);
  });
});

test("what is kept longer by the settings of now, and what belongs to a workflow, stays", async () => {
  await withServers(1, async ([store], admin) => {
    await store.updateQueue("orders", {}, true, startMs);
    await store.updateQueue("returns", {}, true, startMs);
    await sweepRound(store, startMs);
    const [started] = await store.startWorkflows([newWorkflow([newStep("a", { service: "steps" })])], startMs);
    expect(started).toMatchObject({ status: "created" });
    const [step = ""] = await end(store, "steps", 1, completed(), startMs);
    const orders = await finish(store, 30);
    await store.enqueue([newTask({ queue: "returns" })], startMs);
    const returned = await end(store, "returns", 1, completed(), startMs);
    const longer = { completedMs: 3 * dayMs, failedMs: dayMs, cancelledMs: dayMs };
    await store.updateQueue("returns", { retention: longer }, false, startMs + 1);
    expect((await sweepRound(store, laterMs)).deleted).toBe(orders.length);
    const kept = await listAll(store, taskFilter({ queue: "returns" }));
    expect(kept.map(({ id }) => id)).toEqual(returned);
    expect((await store.getQueue("returns"))?.counts.completed).toBe(1);
    expect((await sweepRound(store, startMs + 3 * dayMs + 1)).deleted).toBe(1);
    expect(await store.get([step])).toMatchObject([{ task: { state: "completed" } }]);
    expect(await placesOf(admin)).toEqual({ task_kept: 1 });
  });
});

test("statements about unfinished tasks look into no partition of finished ones", async () => {
  await withServers(1, async ([first], admin, servers) => {
    await first.updateQueue("orders", {}, true, startMs);
    await sweepRound(first, startMs);
    await finish(first, 5);
    await first.close();

    async function reads(isLive: boolean): Promise<number> {
      const [sum] = await column(
        admin,
        `SELECT sum(seq_scan + idx_scan)::int FROM pg_stat_user_tables
         WHERE schemaname = current_schema AND (relname = 'task_live') = ${isLive} AND relname ~ '^task_([0-9]|kept|live)'`,
      );
      return Number(sum);
    }
    // A session hands in what it has counted when it ends.
    await expect.poll(() => reads(true), { timeout: 10_000 }).toBeGreaterThan(0);
    const [live, finished] = [await reads(true), await reads(false)];
    const second = await servers.openAnother();
    const [id = ""] = createdIds(await second.enqueue([newTask({ requestId: "r", deduplicationKey: "k" })], startMs));
    const slots = [{ workerId: "worker", n: 1 }];
    const { tasks } = await second.claim({ queue: "orders", slots, leaseUntilMs: startMs + 10 }, startMs);
    const leases = tasks.map((task) => leaseOf(task, "unary"));
    await second.updateLeases(
      leases.map((lease) => ({ ...lease, leaseUntilMs: startMs + 20, progress: null })),
      startMs,
    );
    await second.settle(
      leases.map((lease) => ({ ...lease, outcome: failed({ retryDelayMs: 1 }) })),
      startMs,
    );
    await second.advance(startMs + 10);
    expect(await end(second, "orders", 1, completed(), startMs + 10)).toEqual([id]);
    await second.getQueue("orders");
    await second.close();
    await expect.poll(() => reads(true), { timeout: 10_000 }).toBeGreaterThan(live);
    expect(await reads(false)).toBe(finished);
  });
});

test("a task of a partition is retried, and finished again, whoever moves it meanwhile", async () => {
  await withServers(2, async ([store, other], admin) => {
    const times = { completedMs: dayMs, failedMs: dayMs, cancelledMs: dayMs };
    await store.updateQueue("orders", { retention: times }, true, startMs);
    await sweepRound(store, startMs);
    const [id = ""] = await finish(store, 1, failed({ terminal: true }));
    const [partition = ""] = Object.keys(await placesOf(admin));
    expect(partition).toMatch(/^task_2_/);
    // Another session moves the row to another partition, and commits while the retry waits for it.
    await admin.query("BEGIN");
    await admin.query("UPDATE task SET partition_key = 0");
    const retried = (other ?? store).retry([id], startMs + 1);
    const waiting = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    await expect.poll(async () => (await column(admin, waiting))[0], { timeout: 10_000 }).toBe(1);
    await admin.query("COMMIT");
    expect(await retried).toMatchObject([{ status: "retried" }]);
    expect(await placesOf(admin)).toEqual({ task_live: 1 });
    expect(await end(store, "orders", 1, completed(), startMs + 2)).toEqual([id]);
    expect(Object.keys(await placesOf(admin))).toEqual([partition]);
    expect((await store.getQueue("orders"))?.counts).toMatchObject({ completed: 1, failed: 0, pending: 0 });
  });
});

test("a large task stays where it is when it is finished, and is retried and deleted like any other", async () => {
  await withServers(1, async ([store], admin) => {
    const times = { completedMs: dayMs, failedMs: dayMs, cancelledMs: dayMs };
    await store.updateQueue("orders", { retention: times }, true, startMs);
    await sweepRound(store, startMs);
    // What the database compresses to next to nothing is not large.
    const payloads = [randomBytes(20_000), new Uint8Array(20_000)];
    const ids = createdIds(
      await store.enqueue(
        payloads.map((payload) => newTask({ payload })),
        startMs,
      ),
    );
    await end(store, "orders", 2, failed({ terminal: true }), startMs);
    const [partition = ""] = Object.keys(await placesOf(admin));
    expect(await placesOf(admin)).toEqual({ [partition]: 1, task_live: 1 });
    expect(await failuresOf(store)).toMatchObject([{ count: 2, sampleId: expect.any(String) }]);
    const stopped = await listAll(store, taskFilter({ queue: "orders", states: ["failed"] }));
    expect(stopped.map(({ id }) => id).sort()).toEqual(ids);
    expect(await store.retry(ids, startMs + 1)).toMatchObject([{ status: "retried" }, { status: "retried" }]);
    expect(await placesOf(admin)).toEqual({ task_live: 2 });
    await end(store, "orders", 2, completed(), startMs + 2);
    expect(await placesOf(admin)).toEqual({ [partition]: 1, task_live: 1 });
    await store.enqueue([newTask({ delayMs: 30 * dayMs })], startMs);
    expect((await sweepRound(store, laterMs)).deleted).toBe(2);
    expect(await placesOf(admin)).toEqual({ task_live: 1 });
    expect((await store.getQueue("orders"))?.counts).toMatchObject({ completed: 0, failed: 0, scheduled: 1 });
  });
});

test("a request id finds its task in whatever partition that is, and is free once the task is gone", async () => {
  await withServers(2, async ([store, other], admin) => {
    await store.updateQueue("orders", {}, true, startMs);
    await sweepRound(store, startMs);
    const [id] = await finish(store, 1);
    const again = [newTask({ requestId: `${startMs}-0` })];
    for (const each of [store, other ?? store]) {
      expect(await each.enqueue(again, startMs)).toMatchObject([
        { status: "existing", task: { id, state: "completed" } },
      ]);
    }
    // Its partition is detached, and not swept yet.
    await admin.query("UPDATE task_request SET task_id = task_id - 1");
    expect(await store.enqueue(again, startMs)).toMatchObject([{ status: "created" }]);
    expect(await store.enqueue(again, startMs)).toMatchObject([{ status: "existing" }]);
  });
});

test("a partition that somebody reads is left until they are done, and keeps nobody waiting", async () => {
  await withServers(1, async ([store], admin) => {
    await store.updateQueue("orders", {}, true, startMs);
    await sweepRound(store, startMs);
    await finish(store, 10);
    await admin.query("BEGIN; SELECT count(*) FROM task");
    const [swept, enqueued] = await Promise.all([sweepRound(store, laterMs), store.enqueue([newTask()], laterMs)]);
    // Row by row all the same.
    expect(swept.deleted).toBe(10);
    expect(enqueued).toMatchObject([{ status: "created" }]);
    const there = (await partitionsThere(admin)).length;
    expect(await column(admin, "SELECT count(*)::int FROM task_partition WHERE next_page IS NOT NULL")).toEqual([0]);
    await admin.query("COMMIT");
    await sweepRound(store, laterMs);
    expect(await column(admin, "SELECT count(*)::int FROM task_partition WHERE next_page IS NULL")).not.toEqual([
      there,
    ]);
  });
});

test("servers that keep the partitions at once make each once, and subtract each task once", {
  timeout: 60_000,
}, async () => {
  await withServers(3, async (stores, admin) => {
    const [store] = stores;
    await store.updateQueue("orders", {}, true, startMs);
    await Promise.all(stores.map((each) => sweepRound(each, startMs)));
    for (let n = 0; n < 4; n++) await finish(store, 500, completed(), startMs + n * 10);
    const rounds = await Promise.all(stores.map((each) => sweepRound(each, laterMs)));
    const rest = await sweepRound(store, laterMs);
    expect([...rounds, rest].reduce((sum, { deleted }) => sum + deleted, 0)).toBe(2_000);
    expect((await store.getQueue("orders"))?.counts.completed).toBe(0);
    const names = await partitionsThere(admin);
    expect(new Set(names).size).toBe(names.length);
  });
});

test("there are some tens of partitions, however the settings are", async () => {
  for (const { mostMs, widthMs } of partitionKinds) expect(mostMs / widthMs).toBeLessThanOrEqual(10);
  await withServers(1, async ([store], admin) => {
    const times = { completedMs: hourMs, failedMs: dayMs, cancelledMs: 7 * dayMs };
    await store.updateQueue("orders", { retention: times }, true, startMs);
    for (let n = 0; n < 3; n++) await sweepRound(store, startMs + n * 7 * dayMs);
    await sweepRound(store, startMs + 14 * dayMs);
    expect((await partitionsThere(admin)).length).toBeLessThanOrEqual(40);
  });
});
