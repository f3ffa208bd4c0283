import { expect, it } from "vitest";
import { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker, givenTogether } from "../../harness/calls/scripted-worker.ts";
import { enqueue, present, read, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

const { ROUND_ROBIN, LEAST_LOADED, STICKY } = BalancingStrategy;

async function enqueueFor(server: TestServer, dispatch: object, task: object = {}) {
  const request = { task: { queue: "orders", type: "ship", ...task }, dispatch };
  return present((await server.queue.enqueue(request)).task);
}

it("dispatches a task by the strategy that it names, over its queue's own", async () => {
  await using server = await startServer();
  await server.queue.updateQueue({ queue: { name: "orders", strategy: STICKY }, allowMissing: true });
  const workers = [
    await connectWorker(server, { workerId: "a", capacity: 50 }),
    await connectWorker(server, { workerId: "b", capacity: 50 }),
  ];
  const ids: string[] = [];
  for (let n = 0; n < 10; n++) {
    ids.push((await enqueueFor(server, { strategy: ROUND_ROBIN }, { correlationId: "same" })).id);
  }
  for (const worker of workers) await worker.take(5);
  // Without the wish they stick to one.
  for (let n = 0; n < 10; n++) await enqueue(server, { correlationId: "same" });
  await givenTogether(workers, 20);
  expect(workers.map(({ tasks }) => tasks.length).toSorted((x, y) => x - y)).toEqual([5, 15]);
});

it("keeps the strategy of a task for its later attempts", async () => {
  await using server = await startServer();
  const worker = await connectWorker(server, { capacity: 1 });
  const task = await enqueueFor(server, { strategy: LEAST_LOADED });
  await worker.end(await worker.take(1), { case: "failed", value: { retryDelay: span(0) } });
  expect(await worker.take(1)).toMatchObject([{ id: task.id, attempt: 2 }]);
  await server.restart();
  const other = await connectWorker(server, { workerId: "packer" });
  expect(await other.take(1)).toMatchObject([{ id: task.id }]);
});

it("hands a task to the worker that it is for, and to no other while it waits for that one", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const other = await connectWorker(server, { workerId: "other", capacity: 5 });
  const task = await enqueueFor(server, { workerId: "chosen", workerWait: span(20_000) });
  const plain = await enqueue(server);
  expect(await other.take(1)).toMatchObject([{ id: plain.id }]);
  clock.advance(19_999);
  await other.heard();
  expect(other.tasks).toHaveLength(1);
  const chosen = await connectWorker(server, { workerId: "chosen", capacity: 5 });
  const held = await chosen.take(1);
  expect(held).toMatchObject([{ id: task.id }]);
  // Its first hand-out was that worker's; a retry is anybody's.
  chosen.send({ case: "capacity", value: { n: 0 } });
  await chosen.end(held, { case: "failed", value: { retryDelay: span(0) } });
  expect(await other.take(1)).toMatchObject([{ id: task.id, attempt: 2 }]);
});

it("lets any worker have a task once it has waited long enough for the one that it is for", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const other = await connectWorker(server, { workerId: "other", capacity: 5 });
  const [short, usual] = [
    await enqueueFor(server, { workerId: "gone", workerWait: span(1_000) }),
    await enqueueFor(server, { workerId: "gone" }),
  ];
  clock.advance(999);
  await other.heard();
  expect(other.tasks).toEqual([]);
  clock.advance(1);
  expect(await other.take(1)).toMatchObject([{ id: short.id, attempt: 1 }]);
  clock.advance(28_999);
  other.send({ case: "heartbeat", value: {} });
  await other.heard();
  expect(other.tasks).toHaveLength(1);
  clock.advance(1);
  expect(await other.take(1)).toMatchObject([{ id: usual.id, attempt: 1 }]);
});

it("gives a worker without a stream what is for it, and what names a strategy", async () => {
  await using server = await startServer();
  const [mine, any] = [
    await enqueueFor(server, { workerId: "hand" }),
    await enqueueFor(server, { strategy: ROUND_ROBIN }),
  ];
  const claim = async (workerId: string) =>
    (await server.worker.claimTasks({ workerId, queues: ["orders"], maxTasks: 5 })).tasks.map(({ id }) => id);
  expect(await claim("else")).toEqual([any.id]);
  expect(await claim("hand")).toEqual([mine.id]);
  await server.restart();
  const later = await enqueueFor(server, { workerId: "hand" });
  expect(await claim("hand")).toEqual([later.id]);
});

it("hands on what is for a worker as max_running leaves room", async () => {
  await using server = await startServer();
  await server.queue.updateQueue({ queue: { name: "orders", maxRunning: 1 }, allowMissing: true });
  const worker = await connectWorker(server, { workerId: "chosen", capacity: 4 });
  const request = { task: { queue: "orders", type: "ship" }, dispatch: { workerId: "chosen" } };
  const { results } = await server.queue.enqueueBatch({ requests: [request, request, request] });
  for (const { task } of results) {
    const held = await worker.take(1);
    expect(held).toMatchObject([{ id: task?.id }]);
    await worker.complete(...held);
  }
});

it("brings each task to a worker that handles its type, whichever worker looked first", async () => {
  await using server = await startServer();
  const a = await connectWorker(server, { workerId: "a", types: ["a"] });
  const b = await connectWorker(server, { workerId: "b", types: ["b"] });
  for (const dispatch of [{ strategy: ROUND_ROBIN }, { strategy: STICKY }]) {
    await server.queue.enqueueBatch({
      requests: ["a", "b"].map((type) => ({ task: { queue: "orders", type }, dispatch })),
    });
    expect(await a.take(1)).toMatchObject([{ type: "a" }]);
    expect(await b.take(1)).toMatchObject([{ type: "b" }]);
  }
  // It is for a worker that does not handle it, which finds that out when it looks.
  const task = await enqueueFor(server, { workerId: "b" }, { type: "a" });
  await enqueue(server, { type: "b" });
  expect(await b.take(1)).toMatchObject([{ type: "b" }]);
  expect(await a.take(1)).toMatchObject([{ id: task.id }]);
});

it("refuses a dispatch that makes no sense, and knows a repeat by it", async () => {
  await using server = await startServer();
  const refused = (dispatch: object) => refusalOf(enqueueFor(server, dispatch));
  expect(await refused({ strategy: STICKY, workerId: "w" })).toMatchObject({ field: "dispatch.worker_id" });
  expect(await refused({ strategy: 99 })).toMatchObject({ field: "dispatch.strategy" });
  expect(await refused({ workerWait: span(1) })).toMatchObject({ field: "dispatch.worker_wait" });
  expect(await refused({ workerId: "w", workerWait: span(7 * 86_400_000 + 1) })).toMatchObject({
    field: "dispatch.worker_wait",
  });
  const request = { task: { queue: "orders", type: "ship" }, requestId: "r" };
  const { task } = await server.queue.enqueue({ ...request, dispatch: { workerId: "w" } });
  expect(await server.queue.enqueue({ ...request, dispatch: { workerId: "w" } })).toMatchObject({ created: false });
  expect(await refusalOf(server.queue.enqueue(request))).toMatchObject({ reason: "REQUEST_ID_REUSED" });
  expect((await read(server, present(task))).state).toBe(TaskState.PENDING);
});
