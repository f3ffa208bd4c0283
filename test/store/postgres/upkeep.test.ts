/** Upkeep that takes too long, and upkeep of several servers at once. */

import { Client } from "pg";
import { afterAll, test as base, beforeAll, expect } from "vitest";
import { openPostgres } from "../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { newEvent, newStep, newTask, newWorkflow, taskError, taskFilter } from "../../harness/calls/builders.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../harness/databases/postgres.ts";
import { completed, leaseOf } from "../outcomes.ts";
import { listAll } from "../read-all.ts";
import { startMs } from "../store-harness.ts";

const test = base.skipIf(isPostgresMissing);
let server: PostgresServer;

beforeAll(async () => {
  if (isPostgresMissing) return;
  server = await startPostgres();
});
afterAll(() => server?.stop());

/** Opens so many stores on a schema, and a session beside them; closes all. */
async function withStores(
  schema: string,
  count: number,
  work: (stores: readonly Store[], admin: Client) => Promise<void>,
): Promise<void> {
  const admin = new Client({ connectionString: server.url });
  await admin.connect();
  const stores: Store[] = [];
  try {
    while (stores.length < count) {
      stores.push(await openPostgres({ url: server.url, schema, upkeepTimeoutMs: 200, measuredQueues: 10 }));
    }
    await work(stores, admin);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
    await admin.end();
  }
}

async function appendAudit(store: Store, count: number): Promise<void> {
  const entry = { principal: "ops", credential: "", peer: "127.0.0.1:1", method: "/sitq.v1.QueueService/PurgeQueue" };
  const done = { ...entry, resource: "queue mail", code: "OK", reason: "", count: 1 };
  await store.appendAudit(Array.from({ length: count }, (_, n) => ({ ...done, timeMs: n })));
}

test("upkeep whose rows take too long goes on with fewer of them, and what shares its transaction is done all the same", async () => {
  await withStores("slow", 1, async ([store], admin) => {
    if (store === undefined) throw new Error("no store");
    await appendAudit(store, 300);
    await admin.query(`
      CREATE FUNCTION slow.slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.004); RETURN OLD; END $$;
      CREATE TRIGGER slowly BEFORE DELETE ON slow.audit_entry FOR EACH ROW EXECUTE FUNCTION slow.slowly()`);
    let deleted = 0;
    let refused = 0;
    while (deleted < 300) {
      const [swept, enqueued] = await Promise.allSettled([
        store.sweepAudit(null, startMs),
        store.enqueue([newTask()], startMs),
      ]);
      expect(enqueued).toMatchObject({ status: "fulfilled", value: [{ status: "created" }] });
      if (swept.status === "fulfilled") deleted += swept.value.deleted;
      else {
        expect(String(swept.reason)).toMatch(/sweepAudit took longer than 200 ms in the database/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThanOrEqual(2);
    expect((await store.getQueue("orders"))?.counts.pending).toBeGreaterThan(refused);
  });
});

test("upkeep that waits for a lock is refused for now, and everything else goes on", async () => {
  await withStores("locked", 1, async ([store], admin) => {
    if (store === undefined) throw new Error("no store");
    await appendAudit(store, 10);
    await admin.query("BEGIN; LOCK TABLE locked.audit_entry");
    const [swept, enqueued, measured] = await Promise.allSettled([
      store.sweepAudit(null, startMs),
      store.enqueue([newTask()], startMs),
      store.measure(startMs),
    ]);
    expect(swept).toMatchObject({ status: "rejected", reason: { name: "UpkeepTimeout", verb: "sweepAudit" } });
    expect(enqueued).toMatchObject({ status: "fulfilled" });
    expect(measured).toMatchObject({ status: "fulfilled", value: { files: { databaseBytes: expect.any(Number) } } });
    await admin.query("ROLLBACK");
    expect((await store.sweepAudit(null, startMs)).deleted).toBe(10);
  });
});

test("other work that waits for a lock longer than the timeout of upkeep is done once the lock is free", async () => {
  await withStores("patient", 1, async ([store], admin) => {
    if (store === undefined) throw new Error("no store");
    await store.advance(startMs);
    const holder = new Client({ connectionString: server.url });
    await holder.connect();
    try {
      await holder.query("BEGIN; LOCK TABLE patient.principal");
      const made = store.deletePrincipal("nobody");
      const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '400 ms'`;
      const isWaiting = async () => (await admin.query<{ n: number }>(waiting)).rows[0]?.n;
      await expect.poll(isWaiting, { timeout: 10_000 }).toBe(1);
      await holder.query("ROLLBACK");
      expect(await made).toBe("not_found");
    } finally {
      await holder.end();
    }
  });
});

/** When everything is past its retention. */
const laterMs = startMs + 60_000;

/** A whole round of one server; answers how much it deleted. */
async function sweepAll(sweep: (cursor: string | null) => ReturnType<Store["sweep"]>): Promise<number> {
  let deleted = 0;
  for (let cursor: string | null = null; ; ) {
    const batch: Awaited<ReturnType<Store["sweep"]>> = await sweep(cursor);
    deleted += batch.deleted;
    cursor = batch.nextCursor;
    if (cursor === null) return deleted;
  }
}

test("servers that sweep at once delete each task once, and count right", { timeout: 60_000 }, async () => {
  await withStores("swept", 3, async (stores) => {
    const [first] = stores;
    if (first === undefined) throw new Error("no store");
    const count = 3_000;
    await first.updateQueue(
      "orders",
      { retention: { completedMs: 1_000, failedMs: 1_000, cancelledMs: 1_000 } },
      true,
      startMs,
    );
    await first.enqueue(
      Array.from({ length: count + 1 }, () => newTask()),
      startMs,
    );
    const ids: string[] = [];
    for (let left = count; left > 0; ) {
      const slots = [{ workerId: "worker", n: Math.min(left, 500) }];
      const { tasks } = await first.claim({ queue: "orders", slots, leaseUntilMs: null }, startMs);
      ids.push(...tasks.map(({ id }) => id));
      await first.settle(
        tasks.map((task) => ({ ...leaseOf(task), outcome: completed() })),
        startMs,
      );
      left -= tasks.length;
    }
    // First each at a place of its own, then all over the same tasks.
    const apart = await Promise.all(stores.map((store, index) => store.sweep(ids[index * 1_000] ?? null, laterMs)));
    expect(apart.map(({ deleted }) => deleted)).toEqual([500, 500, 500]);
    const rounds = await Promise.all(stores.map((store) => sweepAll((cursor) => store.sweep(cursor, laterMs))));
    // Those that one of them held while another came by are deleted by the next round.
    const rest = await sweepAll((cursor) => first.sweep(cursor, laterMs));
    expect(rounds.reduce((sum, n) => sum + n, 1_500 + rest)).toBe(count);
    for (const store of stores) {
      expect((await store.getQueue("orders"))?.counts).toMatchObject({ completed: 0, pending: 1 });
    }
    expect(await listAll(first, taskFilter({ queue: "orders" }))).toHaveLength(1);
  });
});

test("so they do with workflows, events and audit entries", { timeout: 60_000 }, async () => {
  await withStores("others", 3, async (stores) => {
    const [first] = stores;
    if (first === undefined) throw new Error("no store");
    const [workflows, events, entries] = [300, 1_500, 1_500];
    for (let n = 0; n < workflows; n += 50) {
      const started = await first.startWorkflows(
        Array.from({ length: 50 }, () => newWorkflow([newStep("a"), newStep("b", { dependsOn: [0] })])),
        startMs,
      );
      for (const answer of started) {
        if (answer.status === "created") await first.cancelWorkflow(answer.workflow.id, taskError(), false, startMs);
      }
    }
    await first.publish(
      Array.from({ length: events }, () => newEvent()),
      startMs,
    );
    await appendAudit(first, entries);
    const swept = await Promise.all(
      stores.map(async (store) => [
        await sweepAll((cursor) => store.sweepWorkflows(cursor, laterMs, laterMs)),
        await sweepAll((cursor) => store.sweepEvents(cursor, laterMs)),
        await sweepAll((cursor) => store.sweepAudit(cursor, laterMs)),
      ]),
    );
    const sums = [0, 1, 2].map((kind) => swept.reduce((sum, deleted) => sum + (deleted[kind] ?? 0), 0));
    expect(sums).toEqual([workflows, events, entries]);
    expect((await first.getQueue("orders"))?.counts).toMatchObject({ cancelled: 0, blocked: 0, pending: 0 });
  });
});
