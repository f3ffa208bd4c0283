import { connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, it, onTestFinished } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { type Outcome, WorkRequestSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker, type HelloInit } from "../../harness/calls/scripted-worker.ts";
import { bytes, enqueue, json, present, read, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalIn, refusalInStatus, refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { frame, rawCall } from "../rpc-harness.ts";

const shared = shareServer({ config: { maxPayloadBytes: 4_096 } });
const completed = { case: "completed", value: {} } as const;

/** A worker that holds the only task of its queue. */
async function holder() {
  const queue = freshQueue();
  const task = await enqueue(shared(), { queue });
  const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
  const [held] = await worker.take(1);
  return { queue, task, worker, held: present(held) };
}

/** The refusal of the first thing that is said on a stream. */
function refusalOfFirst(message: object) {
  const call = shared().worker.work();
  call.send({ message } as never);
  return refusalOf(call.responses[Symbol.asyncIterator]().next());
}

it.each([
  ["outcomes", { case: "outcomes", value: { outcomes: [] } }],
  ["a heartbeat", { case: "heartbeat", value: {} }],
  ["capacity", { case: "capacity", value: { n: 5 } }],
  ["nothing", { case: undefined }],
])("wants hello first, and not %s", async (_what, message) => {
  expect(await refusalOfFirst(message)).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "HELLO_EXPECTED",
    domain: "sitq",
  });
});

it("wants hello once; the leases last until the worker is back", async () => {
  const { queue, worker, held } = await holder();
  worker.send({ case: "hello", value: { workerId: queue, queues: [queue], capacity: 1 } });
  expect(refusalIn(await worker.ended)).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "HELLO_REPEATED",
    domain: "sitq",
  });
  const again = { workerId: queue, queues: [queue], held: [{ taskId: held.id, attempt: 1 }] };
  const back = await connectWorker(shared(), again);
  expect(back.welcome.kept).toHaveLength(1);
  expect(await back.complete(held)).toEqual(["SETTLED"]);
});

it("wants hello within the time for a first message", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const call = server.worker.work();
  const refusal = refusalOf(call.responses[Symbol.asyncIterator]().next());
  await server.queue.listQueues({});
  clock.advance(10_000);
  expect(await refusal).toMatchObject({ code: "DEADLINE_EXCEEDED", reason: "FIRST_MESSAGE_TIMEOUT", domain: "sitq" });
});

it("ends cleanly when a worker leaves without a word", async () => {
  const call = shared().worker.work();
  call.end();
  const all: unknown[] = [];
  for await (const message of call.responses) all.push(message);
  expect(all).toEqual([]);
});

it.each<[field: string, hello: HelloInit]>([
  ["hello.queues", { queues: [] }],
  ["hello.queues", { queues: Array.from({ length: 101 }, (_, i) => `q${i}`) }],
  ["hello.queues[1]", { queues: ["a", "b c"] }],
  ["hello.queues[0]", { queues: [""] }],
  ["hello.worker_id", { workerId: "a b" }],
  ["hello.worker_id", { workerId: "w".repeat(101) }],
  ["hello.capacity", { capacity: -1 }],
  ["hello.capacity", { capacity: 10_001 }],
  ["hello.service", { service: "s".repeat(101) }],
  ["hello.address", { address: "a".repeat(257) }],
  ["hello.metadata", { metadata: { k: "v".repeat(16_384) } }],
  ["hello.held", { held: Array.from({ length: 10_001 }, () => ({ taskId: "t", attempt: 1 })) }],
])("names the field of a hello that is not valid: %s", async (field, hello) => {
  const value = { workerId: "w", queues: ["orders"], capacity: 1, ...hello };
  expect(await refusalOfFirst({ case: "hello", value })).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "INVALID_FIELD",
    domain: "sitq",
    field,
  });
});

it.each([
  ["capacity.n", { case: "capacity", value: { n: -1 } }],
  ["capacity.n", { case: "capacity", value: { n: 10_001 } }],
  ["message", { case: undefined }],
  [
    "outcomes.outcomes",
    { case: "outcomes", value: { outcomes: Array(1_001).fill({ taskId: "t", attempt: 1, outcome: completed }) } },
  ],
  ["heartbeat.progress", { case: "heartbeat", value: { progress: Array(10_001).fill({ taskId: "t", attempt: 1 }) } }],
])("ends the stream at what is not valid, and names its field: %s", async (field, message) => {
  const { worker, task } = await holder();
  worker.send(message as never);
  expect(refusalIn(await worker.ended)).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "INVALID_FIELD",
    domain: "sitq",
    field,
  });
  expect((await read(shared(), task)).state).toBe(TaskState.RUNNING);
});

it.each([
  [Number.NaN, 0],
  [7, 1],
  [1.0000001, 1],
  [-0.5, 0],
  [Number.POSITIVE_INFINITY, 1],
  [Number.NEGATIVE_INFINITY, 0],
])("takes a progress of %d for %d, over the stream and by ExtendLease", async (fraction, stored) => {
  const { worker, task, held } = await holder();
  worker.send({ case: "heartbeat", value: { progress: [{ taskId: held.id, attempt: 1, progress: { fraction } }] } });
  await worker.heard();
  expect((await read(shared(), task)).progress?.fraction).toBe(stored);

  const queue = freshQueue();
  const { id } = await enqueue(shared(), { queue });
  await shared().worker.claimTasks({ workerId: "unary", queues: [queue] });
  await shared().worker.extendLease({ workerId: "unary", taskId: id, attempt: 1, progress: { fraction } });
  expect((await read(shared(), { id })).progress?.fraction).toBe(stored);
});

it.each<[field: string, outcome: Outcome["outcome"] | object]>([
  ["outcome", { case: undefined }],
  ["completed.result", { case: "completed", value: { result: bytes(4_097) } }],
  [
    "completed.result.json",
    { case: "completed", value: { result: json(JSON.parse(`${"[".repeat(31)}1${"]".repeat(31)}`)) } },
  ],
  ["failed.retry_delay", { case: "failed", value: { retryDelay: span(7 * 86_400_000 + 1) } }],
  ["released.delay", { case: "released", value: { delay: { seconds: -1n, nanos: 0 } } }],
])("rejects an outcome that is not valid, and leaves its task with the worker: %s", async (field, outcome) => {
  const { worker, task, held } = await holder();
  const { id: taskId, attempt } = held;
  const settled = await worker.settle([
    { taskId: "nobody", attempt: 1, outcome: completed },
    { taskId, attempt, outcome } as never,
  ]);
  expect(settled).toMatchObject([{ status: 3 }, { taskId, attempt, status: 4 }]);
  expect(refusalInStatus(settled[1]?.error)).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: field === "completed.result" ? "PAYLOAD_TOO_LARGE" : "INVALID_FIELD",
    domain: "sitq",
    field: `outcomes.outcomes[1].${field}`,
  });
  expect((await read(shared(), task)).state).toBe(TaskState.RUNNING);
  expect(await worker.complete(held)).toEqual(["SETTLED"]);
});

it("rejects an outcome without a task's id", async () => {
  const { worker } = await holder();
  const [answer] = await worker.settle([{ attempt: 1, outcome: completed }]);
  expect(refusalInStatus(answer?.error)).toMatchObject({ field: "outcomes.outcomes[0].task_id" });
});

it("takes 1000 outcomes in a message, and answers each", async () => {
  const { worker } = await holder();
  const outcomes = Array.from({ length: 1_000 }, (_, i) => ({ taskId: `t${i}`, attempt: 1, outcome: completed }));
  const settled = await worker.settle(outcomes);
  expect(settled.map(({ taskId, status }) => [taskId, status])).toEqual(outcomes.map(({ taskId }) => [taskId, 3]));
});

it("passes over the progress of tasks that the worker does not hold, and cuts what is too long", async () => {
  const { worker, task, held } = await holder();
  const { task: other } = await holder();
  const progress = { fraction: 0.25, message: "é".repeat(1_000) };
  const told = [
    { taskId: "nobody", attempt: 1, progress },
    { taskId: other.id, attempt: 1, progress },
    { taskId: held.id, attempt: 9, progress },
    { taskId: held.id, attempt: 1, progress },
  ];
  worker.send({ case: "heartbeat", value: { progress: told } });
  await worker.heard();
  expect((await read(shared(), task)).progress).toMatchObject({ fraction: 0.25, message: "é".repeat(512) });
  expect((await read(shared(), other)).progress).toBeUndefined();
});

it("answers rubbish bytes with a status, first or later, and goes on with everybody else", async () => {
  const { worker: bystander, held } = await holder();
  const session = connect(`http://${shared().address}`);
  onTestFinished(() => session.destroy());
  const rubbish = frame(Buffer.from("ffffffffffffff", "hex"));
  const malformed = { codeName: "INVALID_ARGUMENT", reason: "MALFORMED_MESSAGE" };

  const first = rawCall(session, "/sitq.v1.WorkerService/Work");
  first.stream.write(rubbish);
  expect(await first.status).toMatchObject(malformed);

  const queue = freshQueue();
  const later = rawCall(session, "/sitq.v1.WorkerService/Work");
  const hello = { case: "hello" as const, value: { workerId: queue, queues: [queue], capacity: 1 } };
  later.stream.write(frame(toBinary(WorkRequestSchema, create(WorkRequestSchema, { message: hello }))));
  await new Promise((resolve) => later.stream.once("data", resolve));
  later.stream.write(rubbish);
  expect(await later.status).toMatchObject(malformed);

  expect((await shared().worker.listWorkers({ queue })).workers).toEqual([]);
  expect(await bystander.complete(held)).toEqual(["SETTLED"]);
});

it("survives clients that go away half-way in every call, and serves the others", async () => {
  await using server = await startServer();
  const task = await enqueue(server);
  const bystander = await connectWorker(server, { workerId: "bystander", queues: ["parcels"] });
  const leave = new AbortController();
  const { signal } = leave;
  const { queue, worker } = server;
  const unary = [
    queue.awaitTask({ taskId: task.id }, { signal }),
    queue.enqueue({ task: { queue: "others", type: "t" } }, { signal }),
    queue.listTasks({}, { signal }),
    queue.retryTasks({ filter: {} }, { signal }),
    queue.purgeQueue({ name: "orders", dryRun: true }, { signal }),
    worker.claimTasks({ workerId: "leaver", queues: ["nothing"], wait: span(60_000) }, { signal }),
  ];
  const streams = [queue.watchTasks({}, { signal }), worker.work({ signal }).responses];
  const ends = streams.map(async (stream) => {
    for await (const _ of stream);
  });
  // A connection's calls are begun in order: when this one is answered, they are.
  await queue.listQueues({});
  leave.abort();
  await Promise.allSettled([...unary, ...ends]);

  const done = await enqueue(server, { queue: "parcels" });
  await bystander.complete(...(await bystander.take(1)));
  expect((await read(server, done)).state).toBe(TaskState.COMPLETED);
  expect((await read(server, task)).state).toBe(TaskState.PENDING);
});
