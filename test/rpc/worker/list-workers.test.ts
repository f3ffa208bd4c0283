import { expect, it } from "vitest";
import { WorkerState } from "../../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany, ms, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";

it("shows a worker by what it says of itself, and by what it holds", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const connectMs = clock.now();
  const hello = {
    workerId: "packer-7",
    service: "shipping",
    queues: ["orders", "parcels", "orders"],
    capacity: 4,
    address: "10.0.0.7:9000",
    metadata: { zone: "b", version: "2" },
  };
  const worker = await connectWorker(server, hello);
  await enqueueMany(server, 3);
  await worker.take(3);
  clock.advance(2_000);
  worker.send({ case: "capacity", value: { n: 6 } });
  await worker.heard();
  const { workers, nextPageToken } = await server.worker.listWorkers({});
  expect(workers).toMatchObject([
    {
      id: "packer-7",
      service: "shipping",
      queues: ["orders", "parcels"],
      capacity: 6,
      inFlight: 3,
      address: "10.0.0.7:9000",
      metadata: { zone: "b", version: "2" },
      state: WorkerState.CONNECTED,
    },
  ]);
  expect([ms(workers[0]?.connectTime), ms(workers[0]?.lastSeenTime)]).toEqual([connectMs, connectMs + 2_000]);
  expect(nextPageToken).toBe("");
});

it("forgets a worker that leaves with nothing in its hands", async () => {
  await using server = await startServer();
  const worker = await connectWorker(server);
  worker.close();
  await worker.ended;
  expect((await server.worker.listWorkers({})).workers).toEqual([]);
});

it("lists workers by id, page by page, of one queue or all", async () => {
  await using server = await startServer();
  for (const [workerId, queue] of [
    ["c", "x"],
    ["a", "x"],
    ["b", "y"],
    ["d", "x"],
  ] as const) {
    await connectWorker(server, { workerId, queues: [queue] });
  }
  const { worker } = server;
  const pages: string[][] = [];
  let pageToken = "";
  do {
    const page = await worker.listWorkers({ queue: "x", pageSize: 2, pageToken });
    pages.push(page.workers.map(({ id }) => id));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  expect(pages).toEqual([["a", "c"], ["d"]]);
  expect((await worker.listWorkers({})).workers.map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);

  const { nextPageToken } = await worker.listWorkers({ queue: "x", pageSize: 1 });
  expect(await refusalOf(worker.listWorkers({ pageToken: nextPageToken }))).toMatchObject({
    reason: "INVALID_PAGE_TOKEN",
    domain: "sitq",
    field: "page_token",
  });
  expect(await refusalOf(worker.listWorkers({ pageSize: -1 }))).toMatchObject({ field: "page_size" });
  expect(await refusalOf(worker.listWorkers({ queue: "a b" }))).toMatchObject({ field: "queue" });
});

it("lists workers that claim without a stream, until five minutes after their last call", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const firstMs = clock.now();
  await enqueueMany(server, 2);
  const claim = { workerId: "curl", queues: ["orders"], types: ["ship"], maxTasks: 2 };
  const { tasks } = await server.worker.claimTasks(claim);
  const [first, second] = tasks.map(({ id: taskId, attempt }) => ({ workerId: "curl", taskId, attempt }));
  clock.advance(1_000);
  await server.worker.completeTask({ ...first });
  const listed = async () => (await server.worker.listWorkers({ queue: "orders" })).workers;
  const [curl] = await listed();
  expect(curl).toMatchObject({
    id: "curl",
    queues: ["orders"],
    types: ["ship"],
    capacity: 0,
    inFlight: 1,
    state: WorkerState.CLAIMING,
    oldestTaskId: second?.taskId,
    statistics: { completed: 1n },
  });
  expect([ms(curl?.connectTime), ms(curl?.lastSeenTime)]).toEqual([firstMs, firstMs + 1_000]);
  expect((await server.worker.listWorkers({ queue: "other" })).workers).toEqual([]);

  await server.worker.completeTask({ ...second });
  clock.advance(299_000);
  expect(await listed()).toMatchObject([{ id: "curl", inFlight: 0, oldestTaskId: "" }]);
  clock.advance(2_000);
  expect(await listed()).toEqual([]);
});

it("lists a worker whose claim waits, and one that has a stream too by its stream", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await connectWorker(server, { workerId: "both", queues: ["orders"] });
  await server.worker.claimTasks({ workerId: "both", queues: ["parcels"] });
  const claimed = server.worker.claimTasks({ workerId: "curl", queues: ["letters"], wait: span(600_000) });
  const listed = async () => (await server.worker.listWorkers({})).workers.map(({ id, state }) => [id, state]);
  await expect.poll(listed).toEqual([
    ["both", WorkerState.CONNECTED],
    ["curl", WorkerState.CLAIMING],
  ]);
  await enqueueMany(server, 1, { queue: "letters" });
  expect((await claimed).tasks).toHaveLength(1);
});
