import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { afterAll, test as base, beforeAll, expect } from "vitest";
import { openPostgres } from "../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTask } from "../../harness/calls/builders.ts";
import { createCondition } from "../../harness/condition.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../harness/databases/postgres.ts";

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

/** A proxy before the database that can cut its connections in the moment of a commit, or keep new ones from it. */
async function startCutter(url: string) {
  const target = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  let isOpen = true;
  let cutting: "before" | "after" | "answer" | "begin" | null = null;
  let cuts = 0;
  const listener = createServer((client) => {
    if (!isOpen) {
      client.destroy();
      return;
    }
    const database = createConnection(target, "127.0.0.1");
    let isCommitting = false;
    const cut = () => {
      if (cutting === "answer") isOpen = false;
      cutting = null;
      cuts++;
      client.destroy();
      database.destroy();
    };
    client.on("data", (chunk) => {
      // A simple query: its text ends with a zero.
      if (cutting === "begin" && chunk.includes("BEGIN")) {
        isOpen = false;
        return cut();
      }
      const isCommit = chunk.includes("COMMIT\0");
      if (isCommit && cutting === "before") return cut();
      isCommitting = isCommit && (cutting === "after" || cutting === "answer");
      database.write(chunk);
    });
    database.on("data", (chunk) => (isCommitting ? cut() : client.write(chunk)));
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, "127.0.0.1", resolve);
  });
  const closeAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const own = new URL(url);
  own.port = String((listener.address() as AddressInfo).port);
  return {
    url: own.href,
    /** How often it has cut a connection at a commit. */
    get cuts() {
      return cuts;
    },
    /** Cuts the next commit: before it reaches the database, or its answer. */
    cutAtCommit(side: "before" | "after") {
      cutting = side;
    },
    /** Cuts the answer of the next commit, and closes. */
    closeAtAnswer() {
      cutting = "answer";
    },
    /** Closes in the moment in which the next transaction begins. */
    closeAtBegin() {
      cutting = "begin";
    },
    close() {
      isOpen = false;
      closeAll();
    },
    open() {
      isOpen = true;
    },
    async stop() {
      closeAll();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
