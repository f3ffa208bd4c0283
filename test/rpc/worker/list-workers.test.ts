import { expect, it } from "vitest";
import { WorkerState } from "../../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany, ms } from "../../harness/calls/tasks.ts";
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
