import { describe, expect, it } from "vitest";
import { BalancingStrategy } from "../../gen/sitq/v1/queue_pb.js";
import { WorkerState } from "../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker, givenTogether, type HelloInit, type ScriptedWorker } from "../harness/calls/scripted-worker.ts";
import { present, span } from "../harness/calls/tasks.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import type { TestServer } from "../harness/server.ts";
import { clustersForTests } from "./cluster-harness.ts";

const keys = Array.from({ length: 30 }, (_, index) => `order-${index}`);

describe.skipIf(isPostgresMissing)("tasks that are for certain workers, of several servers", () => {
  const startCluster = clustersForTests();

  /** Two servers, and a queue whose tasks stick to workers. */
  async function two() {
    const servers = (await startCluster(2)) as [TestServer, TestServer];
    const queue = { name: "orders", strategy: BalancingStrategy.STICKY };
    await servers[0].queue.updateQueue({ queue, allowMissing: true });
    return servers;
  }

  /** Connects workers to servers, and waits until every server knows them all. */
  async function connect(servers: readonly TestServer[], hellos: readonly (readonly [TestServer, HelloInit])[]) {
    const workers = await Promise.all(hellos.map(([server, hello]) => connectWorker(server, hello)));
    const ids = hellos.map(([, { workerId }]) => workerId ?? "");
    await Promise.all(servers.map((server) => listed(server, (present) => ids.every((id) => present.has(id)))));
    return workers;
  }

  async function listed(server: TestServer, isSo: (connected: ReadonlySet<string>) => boolean): Promise<void> {
    const { workers } = await server.worker.listWorkers({});
    const connected = workers.filter(({ state }) => state === WorkerState.CONNECTED);
    if (isSo(new Set(connected.map(({ id }) => id)))) return;
    await new Promise((resolve) => setImmediate(resolve));
    return listed(server, isSo);
  }

  async function enqueueKeys(server: TestServer, correlationIds: readonly string[]): Promise<void> {
    const requests = correlationIds.map((correlationId) => ({
      task: { queue: "orders", type: "ship", correlationId },
    }));
    for (let at = 0; at < requests.length; at += 10) {
      await server.queue.enqueueBatch({ requests: requests.slice(at, at + 10) });
    }
  }

  /** The workers that got tasks of each key. */
  function placesOf(workers: readonly ScriptedWorker[]): Map<string, Set<number>> {
    const places = new Map<string, Set<number>>();
    workers.forEach(({ tasks }, index) => {
      for (const { correlationId } of tasks) {
        places.set(present(correlationId), (places.get(present(correlationId)) ?? new Set()).add(index));
      }
    });
    return places;
  }

  it("keeps each key with one worker, at whichever servers the workers and the producers are", async () => {
    const [first, second] = await two();
    const workers = await connect(
      [first, second],
      [first, first, second, second].map((server, index) => [server, { workerId: `w${index}`, capacity: 400 }]),
    );
    const tasks = Array.from({ length: 5 }, () => keys).flat();
    await Promise.all([enqueueKeys(first, tasks), enqueueKeys(second, tasks)]);
    await givenTogether(workers, 300);
    const places = placesOf(workers);
    expect(places.size).toBe(30);
    expect([...places.values()].filter(({ size }) => size > 1)).toEqual([]);
    for (const { tasks: got } of workers) expect(got.length).toBeGreaterThan(0);
    const ids = workers.flatMap((worker) => worker.tasks.map(({ id }) => id));
    expect(new Set(ids).size).toBe(300);
  });

  it("gives what a worker elsewhere has no room for to one that has", async () => {
    const [first, second] = await two();
    const [small, large] = await connect(
      [first, second],
      [
        [first, { workerId: "small", capacity: 1 }],
        [second, { workerId: "large", capacity: 400 }],
      ],
    );
    await enqueueKeys(first, keys);
    await givenTogether([present(small), present(large)], 30);
    expect([small?.tasks.length, large?.tasks.length]).toEqual([1, 29]);
  });

  it("gives the keys of a server that has ended to the workers of the others", async () => {
    const [first, second] = await two();
    const [, stays] = await connect(
      [first, second],
      [
        [first, { workerId: "goes", capacity: 400 }],
        [second, { workerId: "stays", capacity: 400 }],
      ],
    );
    await first.app.close(0);
    await enqueueKeys(second, keys);
    await givenTogether([present(stays)], 30);
  });

  it("hands a task to the worker that it is for, at whichever server that is", async () => {
    const [first, second] = await two();
    const [near, far] = await connect(
      [first, second],
      [
        [first, { workerId: "near" }],
        [second, { workerId: "far" }],
      ],
    );
    const request = (workerId: string) => {
      return {
        task: { queue: "orders", type: "ship", correlationId: keys[0] ?? "" },
        dispatch: { workerId, workerWait: span(60_000) },
      };
    };
    for (let round = 0; round < 5; round++) {
      const { task } = await first.queue.enqueue(request("far"));
      expect(await far?.take(1)).toMatchObject([{ id: task?.id }]);
      const { task: back } = await second.queue.enqueue(request("near"));
      expect(await near?.take(1)).toMatchObject([{ id: back?.id }]);
    }
  });

  it("hands a task to the worker that it is for once that comes, to a server that did not take it in", async () => {
    const [first, second] = await two();
    await connect([first, second], [[first, { workerId: "near" }]]);
    const dispatch = { workerId: "late", workerWait: span(60_000) };
    const { task } = await first.queue.enqueue({ task: { queue: "orders", type: "ship" }, dispatch });
    const late = await connectWorker(second, { workerId: "late" });
    expect(await late.take(1)).toMatchObject([{ id: task?.id }]);
  });
});
