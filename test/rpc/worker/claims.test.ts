import { status } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { AttemptOutcome, type Task, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { SettleStatus } from "../../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { bytes, enqueue, enqueueMany, json, present, read, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { watch } from "../../harness/watch.ts";

const shared = shareServer();
const SETTLED = SettleStatus.SETTLED;

async function startTimedServer() {
  const clock = createFakeClock();
  return { clock, server: await startServer({ clock, random: () => 0.5 }) };
}

/** Claims by hand, as `script`, from the queue `orders`. */
async function claim(server: TestServer, request: Parameters<TestServer["worker"]["claimTasks"]>[0] = {}) {
  const { tasks } = await server.worker.claimTasks({ workerId: "script", queues: ["orders"], ...request });
  return tasks;
}

/** What is said of a claimed task. */
const of = (task: { id: string; attempt: number } | undefined) => ({
  workerId: "script",
  taskId: present(task).id,
  attempt: present(task).attempt,
});

it("claims what is ready at once, highest priority first, then first in first out", async () => {
  const { server } = await startTimedServer();
  await using _ = server;
  const [low, first, second] = [
    await enqueue(server, { priority: -1 }),
    await enqueue(server, { payload: json("p"), headers: { a: "b" } }),
    await enqueue(server),
  ];
  const high = await enqueue(server, { priority: 9 });
  expect((await claim(server)).map(({ id }) => id)).toEqual([high.id]);
  const rest = await claim(server, { maxTasks: 10 });
  expect(rest.map(({ id }) => id)).toEqual([first.id, second.id, low.id]);
  expect(rest[0]).toMatchObject({
    state: TaskState.RUNNING,
    attempt: 1,
    maxAttempts: 5,
    workerId: "script",
    payload: json("p"),
    headers: { a: "b" },
  });
  expect(await claim(server)).toEqual([]);
});

it("claims from several queues, and takes what it finds", async () => {
  const { server } = await startTimedServer();
  await using _ = server;
  await enqueue(server, { queue: "b" });
  await enqueueMany(server, 2, { queue: "c" });
  expect((await claim(server, { queues: ["a", "b", "c"], maxTasks: 2 })).map(({ queue }) => queue)).toEqual(["b", "c"]);
});

it("tells how long the leases last", async () => {
  const { server } = await startTimedServer();
  await using _ = server;
  const request = { workerId: "script", queues: ["orders"] };
  expect((await server.worker.claimTasks(request)).leaseDuration).toMatchObject(span(30_000));
  const longer = await server.worker.claimTasks({ ...request, leaseDuration: span(90_000) });
  expect(longer.leaseDuration).toMatchObject(span(90_000));
});

it("wakes a claim that waits with the enqueue, no clock moving", async () => {
  const { server, clock } = await startTimedServer();
  await using _ = server;
  const waiting = claim(server, { wait: span(60_000), queues: ["parcels", "orders"], maxTasks: 5 });
  await server.queue.listQueues({});
  const task = await enqueue(server);
  expect(await waiting).toMatchObject([{ id: task.id, attempt: 1 }]);
  expect(clock.monotonic()).toBe(0);
});

it("answers nothing when the wait is over, and not before", async () => {
  const { server, clock } = await startTimedServer();
  await using _ = server;
  let answered = false;
  const waiting = claim(server, { wait: span(5_000) }).finally(() => {
    answered = true;
  });
  await server.queue.listQueues({});
  clock.advance(4_999);
  await server.queue.listQueues({});
  expect(answered).toBe(false);
  clock.advance(1);
  expect(await waiting).toEqual([]);
  // Nobody waits any more, so nobody is given it.
  const task = await enqueue(server);
  expect((await read(server, task)).state).toBe(TaskState.PENDING);
});

it("gives each task to one of many who wait", async () => {
  const { server } = await startTimedServer();
  await using _ = server;
  const waiting = Array.from({ length: 20 }, (_, i) => claim(server, { workerId: `script-${i}`, wait: span(60_000) }));
  await server.queue.listQueues({});
  const tasks = await enqueueMany(server, 20);
  const claimed = (await Promise.all(waiting)).flat();
  expect(claimed).toHaveLength(20);
  expect(new Set(claimed.map(({ id }) => id))).toEqual(new Set(tasks.map(({ id }) => id)));
});

it("loses no task to a client that goes away while it waits", async () => {
  const { server, clock } = await startTimedServer();
  await using _ = server;
  const timers = clock.pendingTimers;
  const leave = new AbortController();
  const request = { workerId: "script", queues: ["orders"], wait: span(60_000) };
  const left = server.worker.claimTasks(request, { signal: leave.signal });
  await server.queue.listQueues({});
  expect(clock.pendingTimers).toBe(timers + 1);
  leave.abort();
  await expect(left).rejects.toMatchObject({ code: status.CANCELLED });
  await server.queue.listQueues({});
  expect(clock.pendingTimers).toBe(timers);
  const task = await enqueue(server);
  expect(await claim(server, { workerId: "other" })).toMatchObject([{ id: task.id, attempt: 1 }]);
});

it("loses no task to clients that go away just when it comes", async () => {
  const { server, clock } = await startTimedServer();
  await using _ = server;
  const seen = await watch(server, { filter: { states: [TaskState.COMPLETED] } });
  const tasks: Task[] = [];
  for (let i = 0; i < 20; i++) {
    const leave = new AbortController();
    const request = { workerId: `script-${i}`, queues: ["orders"], wait: span(60_000) };
    const left = server.worker.claimTasks(request, { signal: leave.signal }).catch(() => null);
    await server.queue.listQueues({});
    const enqueued = enqueue(server);
    for (let turn = 0; turn < i % 5; turn++) await new Promise(setImmediate);
    leave.abort();
    tasks.push(await enqueued);
    await left;
  }
  const worker = await connectWorker(server, { capacity: 20 });
  const working = (async () => {
    for (;;) await worker.complete(...(await worker.next("tasks")).tasks);
  })();
  // What an answer that reached nobody holds is offered again when its lease ends.
  clock.advance(29_999);
  worker.send({ case: "heartbeat", value: {} });
  await server.queue.listQueues({});
  clock.advance(1);
  await seen.count(20);
  worker.cut();
  await expect(working).rejects.toThrow("ended");
  expect(new Set(seen.changes.map(({ taskId }) => taskId))).toEqual(new Set(tasks.map(({ id }) => id)));
});

it("offers a claimed task again when its lease ends, as the next attempt", async () => {
  const { server, clock } = await startTimedServer();
  await using _ = server;
  const task = await enqueue(server);
  const [held] = await claim(server, { leaseDuration: span(5_000) });
  const next = claim(server, { workerId: "other", wait: span(60_000) });
  await server.queue.listQueues({});
  clock.advance(4_999);
  expect((await read(server, task)).workerId).toBe("script");
  clock.advance(1);
  expect(await next).toMatchObject([{ id: task.id, attempt: 2 }]);
  expect(await read(server, task)).toMatchObject({
    attempts: [
      { attempt: 1, outcome: AttemptOutcome.LEASE_LOST },
      { attempt: 2, workerId: "other" },
    ],
  });
  expect(await refusalOf(server.worker.completeTask(of(held)))).toMatchObject({ reason: "STALE" });
});

it("keeps a claimed task while its lease is extended, from each time on, and tells how far it is", async () => {
  const { server, clock } = await startTimedServer();
  await using _ = server;
  const task = await enqueue(server);
  const seen = await watch(server);
  const [held] = await claim(server, { leaseDuration: span(5_000) });
  clock.advance(4_000);
  const progress = { fraction: 0.5, message: "half-way" };
  const extended = await server.worker.extendLease({ ...of(held), leaseDuration: span(10_000), progress });
  expect(extended.leaseDuration).toMatchObject(span(10_000));
  clock.advance(9_999);
  expect(await read(server, task)).toMatchObject({ state: TaskState.RUNNING, progress });
  expect((await server.worker.extendLease(of(held))).leaseDuration).toMatchObject(span(30_000));
  clock.advance(29_999);
  expect((await read(server, task)).state).toBe(TaskState.RUNNING);
  clock.advance(1);
  await seen.state(task.id, TaskState.PENDING);
  expect(await refusalOf(server.worker.extendLease(of(held)))).toMatchObject({ reason: "STALE" });
});

it("bounds an attempt however often its lease is extended", async () => {
  const { server, clock } = await startTimedServer();
  await using _ = server;
  const task = await enqueue(server, { attemptTimeout: span(20_000) });
  const seen = await watch(server);
  const [held] = await claim(server);
  clock.advance(19_000);
  await server.worker.extendLease(of(held));
  clock.advance(1_000);
  await seen.state(task.id, TaskState.SCHEDULED);
  expect((await read(server, task)).lastError).toMatchObject({ type: "ATTEMPT_TIMEOUT" });
});

it("stores a result, answers a repeat as the first time, and another end as stale", async () => {
  const { server } = await startTimedServer();
  await using _ = server;
  const task = await enqueue(server);
  const [held] = await claim(server);
  expect((await server.worker.completeTask({ ...of(held), result: json("out") })).status).toBe(SETTLED);
  expect((await server.worker.completeTask({ ...of(held), result: json("out") })).status).toBe(SETTLED);
  const other = await server.worker.completeTask({ ...of(held), result: json("other") });
  expect(other.status).toBe(SettleStatus.ALREADY_SETTLED);
  expect(await read(server, task)).toMatchObject({ state: TaskState.COMPLETED, result: json("out") });
  expect(await refusalOf(server.worker.failTask(of(held)))).toMatchObject({ reason: "STALE" });
});

it("fails a task by hand: after its backoff it is tried again, or at once, or never", async () => {
  const { server, clock } = await startTimedServer();
  await using _ = server;
  const task = await enqueue(server);
  const error = { message: "no paper", type: "PrinterError" };
  const fail = async (extra: object) => {
    const [held] = await claim(server);
    expect((await server.worker.failTask({ ...of(held), error, ...extra })).status).toBe(SETTLED);
    return read(server, task);
  };
  expect(await fail({})).toMatchObject({ state: TaskState.SCHEDULED, attempt: 1, lastError: error });
  expect(await claim(server)).toEqual([]);
  const next = claim(server, { wait: span(60_000) });
  await server.queue.listQueues({});
  clock.advance(1_000);
  await server.worker.releaseTask(of((await next)[0]));
  expect(await fail({ retryDelay: span(0) })).toMatchObject({ state: TaskState.PENDING, attempt: 2 });
  expect(await fail({ terminal: true })).toMatchObject({ state: TaskState.FAILED, attempt: 3, maxAttempts: 5 });
});

it("gives a task back by hand: the attempt does not count", async () => {
  const { server, clock } = await startTimedServer();
  await using _ = server;
  await enqueueMany(server, 2);
  const [first] = await claim(server);
  await server.worker.releaseTask(of(first));
  const [again] = await claim(server);
  expect(again).toMatchObject({ id: first?.id, attempt: 1 });
  await server.worker.releaseTask({ ...of(again), delay: span(3_000) });
  expect((await claim(server))[0]?.id).not.toBe(first?.id);
  const next = claim(server, { wait: span(60_000) });
  await server.queue.listQueues({});
  clock.advance(3_000);
  expect(await next).toMatchObject([{ id: first?.id, attempt: 1 }]);
});

it.each(["completeTask", "failTask", "releaseTask", "extendLease"] as const)(
  "answers who does not hold the attempt that it is stale, and changes nothing: %s",
  async (method) => {
    const server = shared();
    const queue = freshQueue();
    const task = await enqueue(server, { queue });
    const [held] = await claim(server, { queues: [queue] });
    for (const other of [{ workerId: "another" }, { attempt: 2 }]) {
      const said = { ...of(held), ...other };
      expect(await refusalOf(server.worker[method](said))).toMatchObject({
        code: "FAILED_PRECONDITION",
        reason: "STALE",
        domain: "sitq",
        field: "attempt",
        metadata: { task_id: task.id, attempt: String(said.attempt), worker_id: said.workerId },
      });
    }
    expect(await read(server, task)).toMatchObject({ state: TaskState.RUNNING, workerId: "script" });
    expect(await refusalOf(server.worker[method]({ ...of(held), taskId: "nobody" }))).toMatchObject({
      code: "NOT_FOUND",
      reason: "TASK_NOT_FOUND",
      field: "task_id",
    });
    await server.queue.cancelTask({ taskId: task.id });
    expect(await refusalOf(server.worker[method](of(held)))).toMatchObject({ reason: "STALE" });
    await server.queue.deleteTask({ taskId: task.id });
    expect(await refusalOf(server.worker[method](of(held)))).toMatchObject({ reason: "TASK_NOT_FOUND" });
  },
);

const said = { workerId: "w", taskId: "t", attempt: 1 };
const asked = { workerId: "w", queues: ["q"] };
it.each([
  ["worker_id", "claimTasks", { ...asked, workerId: "" }],
  ["worker_id", "claimTasks", { ...asked, workerId: "?" }],
  ["queues", "claimTasks", { ...asked, queues: [] }],
  ["queues[1]", "claimTasks", { ...asked, queues: ["q", ""] }],
  ["max_tasks", "claimTasks", { ...asked, maxTasks: -1 }],
  ["max_tasks", "claimTasks", { ...asked, maxTasks: 1_001 }],
  ["wait", "claimTasks", { ...asked, wait: span(600_001) }],
  ["lease_duration", "claimTasks", { ...asked, leaseDuration: span(999) }],
  ["lease_duration", "claimTasks", { ...asked, leaseDuration: span(12 * 3_600_000 + 1) }],
  ["worker_id", "completeTask", { ...said, workerId: "" }],
  ["task_id", "completeTask", { ...said, taskId: "" }],
  ["attempt", "completeTask", { ...said, attempt: 0 }],
  ["result", "completeTask", { ...said, result: bytes(1_048_577) }],
  ["retry_delay", "failTask", { ...said, retryDelay: { seconds: -1n, nanos: 0 } }],
  ["delay", "releaseTask", { ...said, delay: span(7 * 86_400_000 + 1) }],
  ["lease_duration", "extendLease", { ...said, leaseDuration: span(0) }],
] as const)("names the field that is not valid: %s of %s", async (field, method, request) => {
  const call = shared().worker[method] as (request: object) => Promise<unknown>;
  expect(await refusalOf(call(request))).toMatchObject({ code: "INVALID_ARGUMENT", domain: "sitq", field });
});

it("answers no more than a client takes in one message; the rest keeps its place and its attempt", async () => {
  const server = shared();
  const queue = freshQueue();
  const tasks = await Promise.all(
    Array.from({ length: 30 }, () => enqueue(server, { queue, payload: bytes(200 * 1_024) })),
  );
  const claimed: string[] = [];
  while (claimed.length < 30) {
    const part = await claim(server, { queues: [queue], maxTasks: 1_000, wait: span(10_000) });
    expect(part.every(({ attempt }) => attempt === 1)).toBe(true);
    claimed.push(...part.map(({ id }) => id));
  }
  expect(claimed).toEqual(tasks.map(({ id }) => id).sort());
});
