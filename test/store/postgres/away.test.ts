import { afterAll, test as base, beforeAll, expect } from "vitest";
import { openPostgres } from "../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTask } from "../../harness/calls/builders.ts";
import { createCondition } from "../../harness/condition.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../harness/databases/postgres.ts";
import { listIds } from "../read-all.ts";
import { startCutter } from "./cutter.ts";

const nowMs = Date.UTC(2026, 6, 1, 12);
let server: PostgresServer;
const test = base.skipIf(isPostgresMissing);

beforeAll(async () => {
  if (isPostgresMissing) return;
  server = await startPostgres({ fsync: true });
});
afterAll(() => server?.stop());

/** Makes queues, one call each, some at a time, until it is ended; answers those that were acknowledged. */
function makeQueues(store: Store, prefix: string, atATime: number) {
  const acknowledged: string[] = [];
  const progress = createCondition();
  let isEnded = false;
  async function work(worker: number): Promise<void> {
    for (let n = 0; !isEnded; n++) {
      const name = `${prefix}-${worker}-${n}`;
      const made = await store.updateQueue(name, { maxRunning: 7 }, true, nowMs);
      expect(made?.name).toBe(name);
      acknowledged.push(name);
      progress.changed();
    }
  }
  const done = Promise.all(Array.from({ length: atATime }, (_, worker) => work(worker)));
  return {
    acknowledged,
    /** Resolves when so many more are acknowledged. */
    more(n: number): Promise<void> {
      const wanted = acknowledged.length + n;
      return progress.until(() => acknowledged.length >= wanted, `${n} more queues were made`);
    },
    async end() {
      isEnded = true;
      await done;
    },
  };
}

async function queueNames(store: Store): Promise<Set<string>> {
  const names = new Set<string>();
  for (let cursor: string | null = null; ; ) {
    const page: { name: string }[] = await store.listQueues(cursor, 500);
    for (const { name } of page) names.add(name);
    cursor = page.at(-1)?.name ?? null;
    if (cursor === null) return names;
  }
}

/** Resolves when the store has said that its database can be reached, or cannot. */
function reachable(store: Store, wanted: boolean): Promise<void> {
  return new Promise((resolve) => {
    const off = store.onReachable((isReachable) => {
      if (isReachable !== wanted) return;
      off();
      resolve();
    });
  });
}

test("a database that crashes again and again loses nothing that was acknowledged", async () => {
  const store = await openPostgres({ url: server.url, schema: "crashing" });
  try {
    const work = makeQueues(store, "q", 8);
    for (let crash = 0; crash < 5; crash++) {
      await work.more(30);
      const back = reachable(store, true);
      await server.crash();
      await back;
    }
    await work.end();
    const stored = await queueNames(store);
    expect(work.acknowledged.filter((name) => !stored.has(name))).toEqual([]);
    // No call was carried out that was not called, and none twice: a queue is made once.
    expect(stored.size).toBe(work.acknowledged.length);
    expect(work.acknowledged.length).toBeGreaterThan(150);
  } finally {
    await store.close();
  }
});

test("while the database is away new work and reads are refused, and what ends work waits", async () => {
  const proxy = await startCutter(server.url);
  const store = await openPostgres({ url: proxy.url, schema: "away" });
  try {
    await store.updateQueue("mail", {}, true, nowMs);
    const away = reachable(store, false);
    proxy.close();
    const waits = store.updateQueue("mail", { maxRunning: 3 }, true, nowMs);
    await away;
    await expect(store.getQueue("mail")).rejects.toMatchObject({ reason: "STORE_UNREACHABLE" });
    const back = reachable(store, true);
    proxy.open();
    await back;
    expect(await waits).toMatchObject({ maxRunning: 3 });
    expect(await store.getQueue("mail")).toMatchObject({ maxRunning: 3 });
  } finally {
    await store.close();
    await proxy.stop();
  }
});

test("a store that does nothing notices that its database is away, and that it is back", async () => {
  const proxy = await startCutter(server.url);
  const store = await openPostgres({ url: proxy.url, schema: "idle" });
  try {
    await store.updateQueue("mail", {}, true, nowMs);
    const away = reachable(store, false);
    proxy.close();
    await away;
    await expect(store.enqueue([newTask()], nowMs)).rejects.toMatchObject({ reason: "STORE_UNREACHABLE" });
    const back = reachable(store, true);
    proxy.open();
    await back;
    expect(await store.getQueue("mail")).toMatchObject({ name: "mail" });
  } finally {
    await store.close();
    await proxy.stop();
  }
});

test("new work whose transaction is lost before its commit is refused while the database stays away", async () => {
  const proxy = await startCutter(server.url);
  const store = await openPostgres({ url: proxy.url, schema: "undone" });
  try {
    proxy.closeAtBegin();
    const [asked, changed] = [store.getQueue("mail"), store.updateQueue("mail", { maxRunning: 3 }, true, nowMs)];
    await expect(asked).rejects.toMatchObject({ reason: "STORE_UNREACHABLE" });
    proxy.open();
    expect(await changed).toMatchObject({ maxRunning: 3 });
  } finally {
    await store.close();
    await proxy.stop();
  }
});

test("a store whose database is away closes, and refuses what waits", async () => {
  const proxy = await startCutter(server.url);
  const store = await openPostgres({ url: proxy.url, schema: "closing" });
  const away = reachable(store, false);
  proxy.close();
  await away;
  const waits = expect(store.updateQueue("mail", {}, true, nowMs)).rejects.toMatchObject({ reason: "STORE_FAILED" });
  await store.close();
  await waits;
  await proxy.stop();
});

test("a commit whose answer is lost is looked up, and is neither forgotten nor repeated", async () => {
  const proxy = await startCutter(server.url);
  const store = await openPostgres({ url: proxy.url, schema: "lost_answers" });
  try {
    for (const side of ["before", "after"] as const) {
      for (let n = 0; n < 5; n++) {
        const name = `${side}-${n}`;
        proxy.cutAtCommit(side);
        const changes = (await store.updateQueue(name, { maxRunning: n + 1 }, true, nowMs))?.settingChanges;
        // Repeated, it would find that the setting is as it should be, and say of no change.
        expect(changes).toMatchObject([{ setting: "maxRunning" }]);
        expect(proxy.cuts).toBe((side === "before" ? 0 : 5) + n + 1);
      }
    }
    expect((await queueNames(store)).size).toBe(10);
  } finally {
    await store.close();
    await proxy.stop();
  }
});

test("a server that is alone gives out each key once, and goes on with the next, when the answers of its commits are lost", async () => {
  const proxy = await startCutter(server.url);
  const store = await openPostgres({ url: proxy.url, schema: "lost_keys" });
  try {
    await store.cluster?.renew();
    const ids: string[] = [];
    const enqueue = async () => {
      const answers = await store.enqueue([newTask(), newTask()], nowMs);
      ids.push(...answers.map((answer) => (answer.status === "created" ? answer.task.id : answer.status)));
    };
    await enqueue();
    for (const side of ["before", "after"] as const) {
      for (let n = 1; n <= 3; n++) {
        // Its keys are taken in the transaction.
        await enqueue();
        proxy.cutAtCommit(side);
        await enqueue();
        expect(proxy.cuts).toBe((side === "before" ? 0 : 3) + n);
      }
    }
    expect(ids).toEqual([...new Set(ids)].sort());
    expect((await listIds(store)).sort()).toEqual(ids);
  } finally {
    await store.close();
    await proxy.stop();
  }
});

test("a commit of which nothing can be found out is neither answered nor repeated", async () => {
  const proxy = await startCutter(server.url);
  const store = await openPostgres({ url: proxy.url, schema: "unknown_outcomes" });
  try {
    await store.updateQueue("mail", { maxRunning: 1 }, true, nowMs);
    const away = reachable(store, false);
    proxy.closeAtAnswer();
    const call = store.updateQueue("mail", { maxRunning: 2 }, true, nowMs);
    const refused = expect(call).rejects.toMatchObject({ reason: "STORE_FAILED" });
    await away;
    store.giveUp();
    await refused;
    // Also once the database is back: what is in memory here may not be what is stored.
    proxy.open();
    await expect(store.updateQueue("mail", { maxRunning: 3 }, true, nowMs)).rejects.toMatchObject({
      reason: "STORE_FAILED",
    });
    const other = await openPostgres({ url: server.url, schema: "unknown_outcomes" });
    const { maxRunning, settingChanges } = (await other.getQueue("mail")) ?? {};
    expect([maxRunning, settingChanges?.length]).toEqual([2, 1]);
    await other.close();
  } finally {
    await store.close();
    await proxy.stop();
  }
});
