/** Leases where several servers share a database: each is watched by one of them. */

import { test as base, expect } from "vitest";
import type { Lease } from "../../../../src/domain/lease.ts";
import type { ClaimedTask } from "../../../../src/domain/tasks/task.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newEvent, newSubscription, newTask, taskError, taskFilter } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { completed, failed, leaseOf, released } from "../../outcomes.ts";
import { expectSound } from "../../soundness.ts";
import { startMs } from "../../store-harness.ts";
import { adoptAll, type OpenServers, serversForTests } from "../open-postgres.ts";
import { aliveMs, becomeSteady, clusterOf, letTimePass, sql } from "./sharing.ts";

const openServers = serversForTests({ aliveMs });
const unbounded = { attemptTimeoutMs: null, leaseUntilMs: null };

/** Defines a test of three servers on one schema; those that have not ended tell one story afterwards. */
function test(
  name: string,
  body: (stores: readonly [Store, Store, Store], servers: OpenServers) => Promise<readonly Store[]>,
): void {
  base.skipIf(isPostgresMissing)(name, { timeout: 60_000 }, async () => {
    const servers = await openServers(3);
    try {
      const left = await body(servers.stores as unknown as [Store, Store, Store], servers);
      for (const store of left) await expectSound(store, left);
    } finally {
      await servers.close();
    }
  });
}

async function claim(store: Store, n: number, leaseUntilMs: number | null = null): Promise<ClaimedTask[]> {
  await store.enqueue(
    Array.from({ length: n }, () => newTask()),
    startMs,
  );
  const { tasks } = await store.claim({ queue: "orders", slots: [{ workerId: "w", n }], leaseUntilMs }, startMs);
  expect(tasks).toHaveLength(n);
  return tasks;
}

async function claimOne(store: Store, leaseUntilMs: number | null = null): Promise<ClaimedTask> {
  const [task] = await claim(store, 1, leaseUntilMs);
  return task as ClaimedTask;
}

const settle = async (store: Store, task: ClaimedTask, outcome: Parameters<Store["settle"]>[0][number]["outcome"]) =>
  (await store.settle([{ ...leaseOf(task), outcome }], startMs))[0]?.status;

test("what a worker reports is taken by any server; what a server reports, of the leases that it watches", async (stores) => {
  const [a, b] = stores;
  for (const outcome of [completed(), failed(), released()]) {
    expect(await settle(b, await claimOne(a), outcome), outcome.kind).toBe("settled");
  }
  for (const outcome of [
    { kind: "unsent" },
    { kind: "not_arrived" },
    { kind: "lease_lost" },
    { kind: "timed_out", random: 0.5 },
  ] as const) {
    const task = await claimOne(a);
    expect(await settle(b, task, outcome), outcome.kind).toBe("stale");
    expect((await b.get([task.id]))[0]?.task.state).toBe("running");
    expect(await settle(a, task, outcome), outcome.kind).toBe("settled");
    await a.cancel([task.id], taskError(), startMs);
  }
  return stores;
});

test("a worker that comes to another server brings along what it holds", async (stores) => {
  const [a, b] = stores;
  const tasks = await claim(a, 3);
  const [first, second, third] = tasks.map((task) => leaseOf(task)) as [Lease, Lease, Lease];
  expect((await a.leases()).map(({ taskId }) => taskId)).toEqual(tasks.map(({ id }) => id));
  expect(await b.leases()).toEqual([]);
  // Only what is its own: neither another worker's nor that of another attempt.
  const others = [
    { ...first, workerId: "thief" },
    { ...second, attempt: 2 },
  ];
  expect(await b.takeUp([...others, third], startMs)).toEqual([{ ...third, queue: "orders", startMs, ...unbounded }]);
  expect((await b.leases()).map(({ taskId }) => taskId)).toEqual([third.taskId]);
  expect((await a.leases()).map(({ taskId }) => taskId)).toEqual([first.taskId, second.taskId]);
  // It is here already.
  expect(await b.takeUp([third], startMs)).toEqual([]);
  expect(await settle(a, tasks[2] as ClaimedTask, { kind: "lease_lost" })).toBe("stale");
  // It can go back.
  expect(await a.takeUp([third], startMs)).toHaveLength(1);
  expect(await settle(b, tasks[2] as ClaimedTask, completed())).toBe("settled");
  // What has a lease to be extended is not a stream's.
  const unary = leaseOf(await claimOne(a, startMs + 5_000), "unary");
  expect(await b.takeUp([{ ...unary, leaseKind: "stream" }], startMs)).toEqual([]);
  return stores;
});

test("a lease is watched where it was extended last", async (stores) => {
  const [a, b] = stores;
  const task = await claimOne(a, startMs + 5_000);
  const lease = leaseOf(task, "unary");
  const progress = { fraction: 0.5, message: "half" };
  // Progress alone moves nothing.
  expect(await b.updateLeases([{ ...lease, leaseUntilMs: null, progress }], startMs)).toEqual(["updated"]);
  expect(await b.leases()).toEqual([]);
  const extended = { ...lease, leaseUntilMs: startMs + 9_000, progress: null };
  const stored = { ...lease, queue: "orders", startMs, attemptTimeoutMs: null, leaseUntilMs: startMs + 9_000 };
  expect(await b.updateLeases([extended], startMs)).toEqual([stored]);
  expect([await a.leases(), await b.leases()]).toEqual([[], [stored]]);
  expect(await b.updateLeases([extended], startMs)).toEqual(["updated"]);
  const [late] = await a.settle([{ ...lease, outcome: { kind: "lease_lost" } }], startMs);
  expect(late?.status).toBe("stale");
  expect((await a.updateLeases([{ ...extended, attempt: 2 }], startMs))[0]).toBe("stale");
  expect((await b.settle([{ ...lease, outcome: { kind: "lease_lost" } }], startMs))[0]?.status).toBe("settled");
  return stores;
});

test("a cancellation says which server watched what ran", async (stores) => {
  const [a, b] = stores;
  const serverId = clusterOf(a).serverId;
  const [one, two] = await claim(a, 2);
  const [answer] = await b.cancel([one?.id ?? ""], taskError(), startMs);
  expect(answer).toMatchObject({ status: "cancelled", lease: { taskId: one?.id, workerId: "w", serverId } });
  const change = { kind: "cancel", error: taskError() } as const;
  const batch = await b.changeMatching(change, taskFilter({ states: ["running"] }), null, false, startMs);
  expect(batch.leases).toMatchObject([{ taskId: two?.id, serverId }]);
  return stores;
});

test("a server asks which of its leases have ended, or are watched elsewhere", async (stores) => {
  const [a, b] = stores;
  const tasks = await claim(a, 5);
  const leases = tasks.map((task) => leaseOf(task));
  const [running, cancelled, settled, moved, again] = leases as [Lease, Lease, Lease, Lease, Lease];
  const asked = [...leases, { ...running, attempt: 2 }, { ...running, taskId: "nobody" }];
  const none = asked.slice(5).map((lease) => ({ lease, isEnded: true, reason: "" }));
  expect(await clusterOf(a).lapsed(asked)).toEqual(none);
  await b.cancel([cancelled.taskId], { ...taskError(), message: "not needed" }, startMs);
  await settle(b, tasks[2] as ClaimedTask, completed());
  await b.takeUp([moved], startMs);
  await settle(b, tasks[4] as ClaimedTask, failed());
  const lapsed = await clusterOf(a).lapsed(asked);
  expect(lapsed).toHaveLength(6);
  expect(lapsed).toEqual(
    expect.arrayContaining([
      { lease: cancelled, isEnded: true, reason: "not needed" },
      { lease: settled, isEnded: true, reason: "" },
      { lease: moved, isEnded: false },
      { lease: again, isEnded: true, reason: "" },
      ...none,
    ]),
  );
  // Each answer is one of those that were asked for.
  expect(lapsed.every(({ lease }) => asked.includes(lease))).toBe(true);
  expect(await clusterOf(b).lapsed([moved])).toEqual([]);
  return stores;
});

test("what the workers of an ended server hold is adopted by one of those that are left", async (stores, servers) => {
  const [a, b, c] = stores;
  await b.createSubscription(newSubscription({ queue: "deliveries" }), { kind: "now" }, startMs);
  await c.publish([newEvent()], startMs);
  const tasks = [...(await claim(b, 700)), ...(await claim(c, 3))];
  const own = await claimOne(a);
  await settle(b, tasks[0] as ClaimedTask, completed());
  await settle(c, tasks[1] as ClaimedTask, failed());
  const counts = async () => (await a.getQueue("orders"))?.counts;
  const before = await counts();
  await becomeSteady(clusterOf(a));
  for (const store of [b, c]) await letTimePass(servers, clusterOf(store));
  const adopted = await adoptAll(a);
  expect(adopted.map(({ taskId }) => taskId).toSorted()).toEqual(
    tasks
      .slice(2)
      .map(({ id }) => id)
      .toSorted(),
  );
  expect(await counts()).toEqual(before);
  // There is one row left of each queue.
  const rows = await sql(servers, "SELECT DISTINCT server_id FROM queue_count");
  expect(rows).toEqual([{ server_id: clusterOf(a).serverId }]);
  expect((await a.leases()).map(({ taskId }) => taskId).toSorted()).toEqual(
    [...tasks.slice(2).map(({ id }) => id), own.id].toSorted(),
  );
  expect(await adoptAll(a)).toEqual([]);
  // The former server settles nothing, the new one each once.
  await expect(settle(b, tasks[5] as ClaimedTask, completed())).rejects.toMatchObject({ reason: "STORE_FAILED" });
  expect(await settle(a, tasks[5] as ClaimedTask, { kind: "lease_lost" })).toBe("settled");
  expect(await settle(a, tasks[6] as ClaimedTask, completed())).toBe("settled");
  expect((await a.get([tasks[5]?.id ?? ""]))[0]?.attempts).toMatchObject([{ attempt: 1, outcome: "lease_lost" }]);
  return [a];
});

test("what a server leaves that was closed is adopted at once, and its number is kept for a day", async (stores, servers) => {
  const [a, b, c] = stores;
  const task = await claimOne(b);
  await b.close();
  expect(await adoptAll(a)).toMatchObject([{ taskId: task.id, workerId: "w" }]);
  const former = clusterOf(b).serverId;
  expect(await sql(servers, `SELECT is_taken FROM server WHERE id = ${former}`)).toEqual([{ is_taken: true }]);
  await sql(servers, `UPDATE server SET end_ms = end_ms - 86400001 WHERE id = ${former}`);
  await c.close();
  await adoptAll(a);
  expect(await sql(servers, "SELECT id FROM server ORDER BY id")).toEqual(
    [a, c].map((store) => ({ id: clusterOf(store).serverId })),
  );
  return [a];
});
