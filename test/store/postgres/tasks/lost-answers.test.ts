/** Answers that are lost with their connection, of transactions whose commits were sent along with their last statements. */

import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPostgres } from "../../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../../harness/databases/postgres.ts";
import { startCutter } from "../cutter.ts";

const nowMs = Date.UTC(2026, 6, 1, 12);
const n = 6;
const plan = { queue: "orders", slots: [{ workerId: "w", n }], leaseUntilMs: null };

let server: PostgresServer;
beforeAll(async () => {
  if (!isPostgresMissing) server = await startPostgres();
});
afterAll(() => server?.stop());

const taskIds = async (store: Store, queue = plan.queue) =>
  (await store.claim({ ...plan, queue }, nowMs)).tasks.map(({ id, attempt }) => ({ id, attempt }));
const completed = (held: readonly { id: string; attempt: number }[]) =>
  held.map(({ id, attempt }) => ({
    taskId: id,
    attempt,
    workerId: "w",
    leaseKind: "stream" as const,
    outcome: { kind: "completed" as const, result: null },
  }));

const several = (queue = plan.queue) => Array.from({ length: n }, () => newTask({ queue }));
const firstAttempts = Array.from({ length: n }, () => expect.objectContaining({ attempt: 1 }));
const cases = (["before", "after"] as const).flatMap((side) =>
  (["the ends of attempts", "new tasks"] as const).map((beside) => ({ side, beside })),
);

test.skipIf(isPostgresMissing).each(cases)(
  "of claims beside $beside whose commit is cut $side it, each task is handed out once, and each end counts once",
  async ({ side, beside }) => {
    const proxy = await startCutter(server.url);
    const store = await openPostgres({ url: proxy.url, schema: `lost_${side}_${beside.replaceAll(" ", "_")}` });
    try {
      // A server that is alone takes keys in its transactions.
      await store.cluster?.renew();
      const rounds = 5;
      const done: string[] = [];
      for (let round = 1; round <= rounds; round++) {
        await store.enqueue(several(), nowMs);
        const held = await taskIds(store);
        if (beside === "the ends of attempts") await store.enqueue(several(), nowMs);
        else await store.settle(completed(held), nowMs);
        proxy.cutAtCommit(side);
        // Together in a transaction.
        const [statuses, next] = await Promise.all([
          beside === "new tasks" ? store.enqueue(several(), nowMs) : store.settle(completed(held), nowMs),
          taskIds(store),
        ]);
        expect(proxy.cuts).toBe(round);
        for (const { status } of statuses)
          expect(beside === "new tasks" ? ["created"] : ["settled", "already_settled"]).toContain(status);
        // The first attempt of each.
        expect(next.map(({ attempt }) => attempt)).toEqual(Array.from({ length: n }, () => 1));
        await store.settle(completed(next), nowMs);
        done.push(...held.map(({ id }) => id), ...next.map(({ id }) => id));
      }
      expect(new Set(done).size).toBe(2 * n * rounds);
      expect(await taskIds(store)).toEqual([]);
      expect(await store.getQueue("orders")).toMatchObject({
        counts: { pending: 0, running: 0, completed: 2 * n * rounds },
      });
    } finally {
      await store.close();
      await proxy.stop();
    }
  },
);

test.skipIf(isPostgresMissing)(
  "a transaction that reaches the database after its outcome was looked up does nothing",
  async () => {
    const proxy = await startCutter(server.url);
    const store = await openPostgres({ url: proxy.url, schema: "late" });
    try {
      await store.cluster?.renew();
      const rounds = 3;
      for (let round = 1; round <= rounds; round++) {
        await store.enqueue([...several(), ...several(), ...several()], nowMs);
        const first = await taskIds(store);
        proxy.cutAtCommit("late");
        const second = await taskIds(store);
        expect(proxy.cuts).toBe(round);
        expect(await proxy.deliver()).toBe("ROLLBACK");
        const third = await taskIds(store);
        expect(new Set([...first, ...second, ...third].map(({ id }) => id)).size).toBe(3 * n);
        await store.settle(completed([...first, ...second, ...third]), nowMs);
      }
      expect(await store.getQueue("orders")).toMatchObject({
        counts: { pending: 0, running: 0, completed: 3 * n * rounds },
      });
    } finally {
      await store.close();
      await proxy.stop();
    }
  },
);

/** A session beside those of the store, which can be in their way. */
async function openBeside(schema: string) {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await client.query(`SET search_path TO ${schema}`);
  /** Since when the statements waited that were seen. */
  const seen = new Set<string>();
  return {
    client,
    /** The process of a session that waits for a lock of this one, once a statement does that was not seen before. */
    async waiting(): Promise<number> {
      let pid = 0;
      const look = async () => {
        const asked =
          "SELECT pid, waitstart::text AS since FROM pg_locks WHERE waitstart IS NOT NULL AND pg_backend_pid() = ANY(pg_blocking_pids(pid))";
        const { rows } = await client.query<{ pid: number; since: string }>(asked);
        const row = rows.find(({ since }) => !seen.has(since));
        if (row === undefined) return false;
        pid = row.pid;
        seen.add(row.since);
        return true;
      };
      await expect.poll(look).toBe(true);
      return pid;
    },
    /** How many rows there are that are committed. */
    async count(what: string): Promise<number | undefined> {
      return (await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${what}`)).rows[0]?.n;
    },
  };
}

const troubles = [
  { trouble: "is cancelled", end: "pg_cancel_backend" },
  { trouble: "loses its connection", end: "pg_terminate_backend" },
];

test.skipIf(isPostgresMissing).each(troubles)(
  "where a read behind a commit $trouble, claims keep the tasks that they were answered with, and nothing runs again",
  async ({ end }) => {
    const schema = `behind_${end}`;
    const store = await openPostgres({ url: server.url, schema });
    const beside = await openBeside(schema);
    try {
      await store.enqueue(several("mails"), nowMs);
      const held = await taskIds(store, "mails");
      // From now on only the queue that is used next is known.
      await store.updateQueue("orders", { maxDepth: 1_000 }, true, nowMs);
      await store.enqueue([...several(), ...several()], nowMs);
      await beside.client.query("BEGIN; LOCK TABLE queue IN ACCESS EXCLUSIVE MODE");
      const both = Promise.all([store.settle(completed(held), nowMs), taskIds(store)]);
      const reader = await beside.waiting();
      expect(await beside.count("task WHERE state = 5")).toBe(n);
      await beside.client.query(`SELECT ${end}(${reader}); COMMIT`);
      const [statuses, next] = await both;
      expect(statuses).toEqual(held.map(() => expect.objectContaining({ status: "settled" })));
      expect(next).toEqual(firstAttempts);
      expect(await store.getQueue("orders")).toMatchObject({ counts: { pending: n, running: n } });
      expect(await store.settle(completed(next), nowMs)).toEqual(
        next.map(() => expect.objectContaining({ status: "settled" })),
      );
    } finally {
      await beside.client.end();
      await store.close();
    }
  },
);

test.skipIf(isPostgresMissing).each(
  troubles.flatMap((trouble) => [
    { ...trouble, what: "the look for them", lock: "ACCESS EXCLUSIVE" },
    { ...trouble, what: "their return", lock: "EXCLUSIVE" },
  ]),
)(
  "the tasks of a claim whose answer is lost go back to their queue, however often $what $trouble",
  async ({ end, lock, what }) => {
    const schema = `back_${end}_${what.replaceAll(" ", "_")}`;
    const proxy = await startCutter(server.url);
    const store = await openPostgres({ url: proxy.url, schema });
    const beside = await openBeside(schema);
    try {
      await store.cluster?.renew();
      await store.enqueue([...several(), ...several()], nowMs);
      const first = await taskIds(store);
      proxy.closeAtAnswer();
      const second = taskIds(store);
      await expect.poll(() => proxy.cuts).toBe(1);
      expect(await beside.count("task_live WHERE state = 4")).toBe(2 * n);
      await beside.client.query(`BEGIN; LOCK TABLE task_live IN ${lock} MODE`);
      proxy.open();
      // More often than a call is tried whose statements take too long.
      for (let time = 1; time <= 4; time++) {
        await beside.client.query(`SELECT ${end}(${await beside.waiting()})`);
      }
      await beside.waiting();
      await beside.client.query("COMMIT");
      expect(await second).toEqual(firstAttempts);
      expect(new Set([...first, ...(await second)].map(({ id }) => id)).size).toBe(2 * n);
      expect(await store.getQueue("orders")).toMatchObject({ counts: { pending: 0, running: 2 * n } });
    } finally {
      await beside.client.end();
      await store.close();
      await proxy.stop();
    }
  },
);

test.skipIf(isPostgresMissing).each([
  ["the outcome of a claim cannot be looked up", "server RENAME TO elsewhere", "elsewhere RENAME TO server"],
  ["what a lost claim has begun cannot be found", "task_live RENAME TO elsewhere", "elsewhere RENAME TO task_live"],
  [
    "what a lost claim has begun cannot go back",
    "task_live ADD CONSTRAINT stays CHECK (state <> 3) NOT VALID",
    "task_live DROP CONSTRAINT stays",
  ],
])("a server fails, and acknowledges nothing any more, where %s", async (obstacle, putUp, takeAway) => {
  const schema = `fails_${obstacle.slice(-12).replaceAll(" ", "_")}`;
  const proxy = await startCutter(server.url);
  const store = await openPostgres({ url: proxy.url, schema });
  const beside = await openBeside(schema);
  try {
    await store.enqueue([...several(), ...several()], nowMs);
    await taskIds(store);
    proxy.closeAtAnswer();
    const refused = expect(taskIds(store)).rejects.toMatchObject({ reason: "STORE_FAILED" });
    await expect.poll(() => proxy.cuts).toBe(1);
    await beside.client.query(`ALTER TABLE ${putUp}`);
    proxy.open();
    await refused;
    await beside.client.query(`ALTER TABLE ${takeAway}`);
    expect(await store.failed).toMatchObject({ name: "OutcomeUnknown" });
    await expect(store.enqueue(several(), nowMs)).rejects.toMatchObject({ reason: "STORE_FAILED" });
    expect(await beside.count("task")).toBe(2 * n);
  } finally {
    await beside.client.end();
    await store.close();
    await proxy.stop();
  }
});
