import { describe, expect, it } from "vitest";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, read, span } from "../harness/calls/tasks.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import type { TestServer } from "../harness/server.ts";
import { clustersForTests } from "./cluster-harness.ts";

describe.skipIf(isPostgresMissing)("several servers on one database", () => {
  const startCluster = clustersForTests();
  const two = async () => (await startCluster(2)) as [TestServer, TestServer];

  it("shows clients nothing of the calls between servers", async () => {
    const [first] = await two();
    const { statuses } = await first.health.list({});
    expect(Object.keys(statuses)).toContain("sitq.v1.QueueService");
    expect(Object.keys(statuses).filter((name) => name.startsWith("peers."))).toEqual([]);
    const headers = { "content-type": "application/json" };
    const url = `http://${first.address}/peers.v1.PeerService/DrainWorker`;
    expect((await fetch(url, { method: "POST", headers, body: "{}" })).status).toBe(404);
  });

  it("hands out at one server what another one takes in, at once", async () => {
    const [first, second] = await two();
    const worker = await connectWorker(second);
    for (let round = 0; round < 20; round++) {
      const task = await enqueue(first);
      const taken = await worker.take(1);
      expect(taken).toMatchObject([{ id: task.id }]);
      expect(await worker.complete(...taken)).toEqual(["SETTLED"]);
      expect(await read(first, task)).toMatchObject({ id: task.id, attempt: 1 });
    }
  });

  it("hands each task out once, whichever server is asked", async () => {
    const servers = await startCluster(3);
    const workers = await Promise.all(
      servers.map((server, index) => connectWorker(server, { workerId: `w${index}`, capacity: 64 })),
    );
    const given = new Map<string, number>();
    const done = Promise.all(
      workers.map(async (worker) => {
        worker.onMessage(() => {
          const fresh = worker.tasks.filter(({ id }) => !given.has(id));
          for (const { id } of fresh) given.set(id, 1);
          if (fresh.length > 0) {
            const outcomes = fresh.map(({ id, attempt }) => {
              return { taskId: id, attempt, outcome: { case: "completed" as const, value: {} } };
            });
            worker.send({ case: "outcomes", value: { outcomes } });
          }
        });
      }),
    );
    await done;
    const tasks = (await Promise.all(servers.map((server) => enqueueMany(server, 500, {}, 50)))).flat();
    await Promise.all(tasks.map(({ id }) => servers[0]?.queue.awaitTask({ taskId: id, timeout: span(30_000) })));
    const all = workers.flatMap((worker) => worker.tasks.map(({ id }) => id));
    expect(all).toHaveLength(1_500);
    expect(new Set(all).size).toBe(1_500);
  });

  it("moves due tasks whichever server took them in", async () => {
    const servers = await two();
    for (const server of servers) {
      const task = await enqueue(server, { delay: span(50) });
      const worker = await connectWorker(servers[0], { workerId: `for-${server.address}` });
      const taken = await worker.take(1);
      expect(taken).toMatchObject([{ id: task.id }]);
      await worker.complete(...taken);
      worker.close();
      await worker.ended;
    }
  });

  it("lets a task go at one server when one ends at another that max_running held it back for", async () => {
    const [first, second] = await two();
    await first.queue.updateQueue({ queue: { name: "orders", maxRunning: 1 }, allowMissing: true });
    const a = await connectWorker(first, { workerId: "a", capacity: 1 });
    const held = await (async () => {
      await enqueue(first);
      return a.take(1);
    })();
    const b = await connectWorker(second, { workerId: "b", capacity: 1 });
    const waiting = await enqueue(second);
    // Only the other server has room for it.
    a.send({ case: "capacity", value: { n: 0 } });
    expect(await a.complete(...held)).toEqual(["SETTLED"]);
    expect(await b.take(1)).toMatchObject([{ id: waiting.id }]);
  });
});
