import { createConnection } from "node:net";
import { status } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { HealthCheckResponse_ServingStatus as ServingStatus } from "../gen/grpc/health/v1/health_pb.js";
import { TaskState } from "../gen/sitq/v1/task_pb.js";
import { WorkerState } from "../gen/sitq/v1/worker_service_pb.js";
import { ListenError } from "../src/rpc/listen.ts";
import { connectWorker } from "./harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, json, present, read, span } from "./harness/calls/tasks.ts";
import { hasBegun, readWorkflow, start, step, stepsIn } from "./harness/calls/workflows.ts";
import { createFakeClock } from "./harness/fake-clock.ts";
import { refusalIn, refusalOf } from "./harness/refusal.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { createTempDir } from "./harness/temp-dir.ts";
import { watch } from "./harness/watch.ts";

const draining = { code: "UNAVAILABLE", reason: "DRAINING", domain: "sitq", retryAfterMs: 1_000 };
const graceMs = 10_000;

/** A server whose worker holds a task. */
async function busy() {
  const clock = createFakeClock();
  const server = await startServer({ clock });
  const task = await enqueue(server);
  const worker = await connectWorker(server);
  const [held] = await worker.take(1);
  return { clock, server, task, worker, held: present(held) };
}

/** What health says of the server as a whole, as it changes. */
function followHealth({ health }: TestServer) {
  return health.watch({ service: "" })[Symbol.asyncIterator]();
}

it("drains: says so everywhere, hands out nothing, takes what is finished, and ends when nothing is in flight", async () => {
  const { server, task, worker, held } = await busy();
  await using _ = server;
  const health = followHealth(server);
  expect((await health.next()).value?.status).toBe(ServingStatus.SERVING);
  const idle = await connectWorker(server, { workerId: "idle" });

  const closed = server.app.close(graceMs);
  expect((await health.next()).value?.status).toBe(ServingStatus.NOT_SERVING);
  expect((await worker.next("drain")).grace).toMatchObject(span(graceMs));
  await idle.next("drain");
  const waiting = await enqueueMany(server, 3);
  await idle.heard();
  expect(idle.tasks).toEqual([]);
  expect((await server.worker.listWorkers({})).workers.map(({ state }) => state)).toEqual([
    WorkerState.DRAINING,
    WorkerState.DRAINING,
  ]);

  expect(await worker.end([held], { case: "completed", value: { result: json("in time") } })).toEqual(["SETTLED"]);
  await closed;
  expect(refusalIn(await worker.ended)).toMatchObject(draining);
  expect(refusalIn(await idle.ended)).toMatchObject(draining);

  await server.restart();
  expect(await read(server, task)).toMatchObject({ state: TaskState.COMPLETED, result: json("in time") });
  expect(await read(server, present(waiting[0]))).toMatchObject({ state: TaskState.PENDING, attempt: 0 });
});

it("needs no grace where nothing is in flight", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const worker = await connectWorker(server);
  await server.app.close(graceMs);
  expect(worker.messages.map((message) => message.case)).toContain("drain");
  expect(refusalIn(await worker.ended)).toMatchObject(draining);
  expect(clock.monotonic()).toBe(0);
});

it("gives up when the grace is over; what is in flight burns no attempt and can be gone on with", async () => {
  const { server, clock, task, worker, held } = await busy();
  await using _ = server;
  const closed = server.app.close(graceMs);
  await worker.next("drain");
  clock.advance(graceMs - 1);
  await worker.heard();
  clock.advance(1);
  await closed;
  expect(refusalIn(await worker.ended)).toMatchObject(draining);
  await server.restart();
  const back = await connectWorker(server, { held: [{ taskId: task.id, attempt: 1 }] });
  expect(back.welcome.kept).toHaveLength(1);
  expect(await back.complete(held)).toEqual(["SETTLED"]);
});

it("gives back a step whose parameters are not worked out yet; it burns no attempt", async () => {
  await using server = await startServer();
  const [only] = stepsIn("steps", { costly: "" });
  const parameters = json("${input.map(a, input.map(b, input.map(c, a + b + c)))}");
  const input = json(Array.from({ length: 100 }, (_, index) => index));
  // One after the other: the last has its turn long after the stop.
  const n = 20;
  const worker = await connectWorker(server, { queues: ["steps"], capacity: n });
  const requests = Array.from({ length: n }, () => start(server, { steps: [{ ...only, parameters }], input }));
  const last = present((await Promise.all(requests)).at(-1));
  await hasBegun(server, last);
  await Promise.all([server.app.close(graceMs), server.app.close(0)]);
  expect(worker.tasks).toEqual([]);

  await server.restart();
  const { taskId: id } = step(await readWorkflow(server, last), "costly");
  expect(await read(server, { id })).toMatchObject({ state: TaskState.PENDING, attempt: 0 });
});

it("is hurried by a second close without grace", async () => {
  const { server, clock, worker } = await busy();
  await using _ = server;
  const closed = server.app.close(graceMs);
  await worker.next("drain");
  await server.app.close(0);
  await closed;
  expect(refusalIn(await worker.ended)).toMatchObject(draining);
  expect(clock.monotonic()).toBe(0);
});

it("ends long polls and watches with DRAINING", async () => {
  const { server, task } = await busy();
  await using _ = server;
  const seen = await watch(server);
  const health = followHealth(server);
  await health.next();
  const polls = [
    server.queue.awaitTask({ taskId: task.id, timeout: span(600_000) }),
    server.worker.claimTasks({ workerId: "script", queues: ["nothing"], wait: span(600_000) }),
  ];
  const refusals = polls.map(refusalOf);
  await server.queue.listQueues({});
  const closed = Promise.all([server.app.close(graceMs), server.app.close(0)]);
  expect(await Promise.all(refusals)).toEqual([expect.objectContaining(draining), expect.objectContaining(draining)]);
  expect(refusalIn(await seen.ended)).toMatchObject(draining);
  expect((await health.next()).value?.status).toBe(ServingStatus.NOT_SERVING);
  expect(await refusalOf(health.next())).toMatchObject({ code: "UNAVAILABLE", reason: "DRAINING" });
  await closed;
});

it("refuses to wait for anything once it drains, and still answers what needs no waiting", async () => {
  const { server, clock, task, worker, held } = await busy();
  await using _ = server;
  const other = await enqueue(server, { queue: "parcels" });
  const closed = server.app.close(graceMs);
  await worker.next("drain");

  expect(await refusalOf(server.queue.awaitTask({ taskId: task.id }))).toMatchObject(draining);
  const request = { workerId: "script", queues: ["parcels"] };
  expect(await refusalOf(server.worker.claimTasks(request))).toMatchObject(draining);
  expect(await refusalOf(server.worker.claimTasks({ ...request, wait: span(5_000) }))).toMatchObject(draining);
  await watch(server).then(
    async (seen) => expect(refusalIn(await seen.ended)).toMatchObject(draining),
    (error) => expect(refusalIn(error)).toMatchObject(draining),
  );
  const late = await connectWorker(server, { workerId: "late", queues: ["parcels"] });
  await late.next("drain");
  await late.heard();
  expect(late.tasks).toEqual([]);

  await server.queue.cancelTask({ taskId: other.id });
  expect((await read(server, other)).state).toBe(TaskState.CANCELLED);
  expect((await enqueue(server)).state).toBe(TaskState.PENDING);
  await worker.complete(held);
  await closed;
  expect(clock.monotonic()).toBe(0);
});

it("counts what a worker that comes back during the drain still holds", async () => {
  const { server, task, worker, held } = await busy();
  await using _ = server;
  let isClosed = false;
  const closed = server.app.close(graceMs).then(() => {
    isClosed = true;
  });
  await worker.next("drain");
  const back = await connectWorker(server, { held: [{ taskId: task.id, attempt: 1 }] });
  expect(back.welcome.kept).toHaveLength(1);
  await back.next("drain");
  await back.heard();
  expect(isClosed).toBe(false);
  expect(await back.complete(held)).toEqual(["SETTLED"]);
  await closed;
});

it("takes nothing more once it is closed, and can be closed again", async () => {
  await using server = await startServer();
  await server.app.close(0);
  await server.app.close();
  await expect(server.queue.listQueues({})).rejects.toMatchObject({ code: status.UNAVAILABLE });
  const socket = createConnection(Number(server.address.split(":")[1]), "127.0.0.1");
  const refused = await new Promise<Error>((resolve) => socket.once("error", resolve));
  expect(refused).toMatchObject({ code: "ECONNREFUSED" });
});

it("is not held up by connections that say nothing", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const socket = createConnection(Number(server.address.split(":")[1]), "127.0.0.1");
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.resume();
  const ended = new Promise((resolve) => socket.once("close", resolve));
  let isClosed = false;
  const closed = Promise.all([server.app.close(graceMs), server.app.close(0)]).then(() => {
    isClosed = true;
  });
  // It may say something yet: it is cut off as late as calls are. The close sets its timers one after the other.
  while (!isClosed) {
    clock.advance(1_000);
    await new Promise(setImmediate);
  }
  await Promise.all([closed, ended]);
});

it("lets go of the file where it cannot listen", async () => {
  await using dir = await createTempDir();
  await using server = await startServer();
  const { listen } = server.config;
  const dbPath = dir.file("sitq.db");
  await expect(startServer({ dbPath, config: { listen } })).rejects.toThrow(ListenError);
  await using other = await startServer({ dbPath });
  await enqueue(other);
});

it("warns of commits that take long, with figures", async () => {
  const commit = { durationMs: 700.4, syncMs: 650.2, verbs: ["enqueue", "enqueue", "settle"] };
  await using server = await startServer({
    wrapStore: (store) =>
      Object.assign(Object.create(store), {
        onSlowCommit(listener: Parameters<typeof store.onSlowCommit>[0]) {
          listener(commit);
          return store.onSlowCommit(listener);
        },
      }),
  });
  await server.logged("a commit took long");
  expect(server.log.find(({ message }) => message.startsWith("a commit took long"))).toMatchObject({
    level: "warn",
    facts: { duration_ms: 700, sync_ms: 650, calls: 3, verbs: ["enqueue", "settle"] },
  });
});
