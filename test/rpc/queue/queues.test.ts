import type { MessageInitShape } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { BalancingStrategy, type Queue, type QueueSchema } from "../../../gen/sitq/v1/queue_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { openPrincipal } from "../../../src/domain/access/principal.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, ms, present, read, readQueue, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalInStatus, refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

type QueueInit = Exclude<MessageInitShape<typeof QueueSchema>, Queue>;

const shared = shareServer();

/** A queue that nobody has set anything of; it has no `attempt_timeout`. */
const defaults = {
  paused: false,
  maxDepth: 0n,
  maxRunning: 0,
  strategy: BalancingStrategy.LEAST_LOADED,
  maxAttempts: 5,
  retryPolicy: { initialBackoff: span(1_000), maxBackoff: span(600_000), multiplier: 2, jitter: 0.2 },
  retention: { completed: span(86_400_000), failed: span(30 * 86_400_000), cancelled: span(86_400_000) },
};

/** Every setting, none at its default. */
const changed = {
  paused: true,
  maxDepth: 7n,
  maxRunning: 3,
  strategy: BalancingStrategy.RANDOM,
  maxAttempts: 2,
  retryPolicy: { initialBackoff: span(2_000), maxBackoff: span(4_000), multiplier: 1.5, jitter: 0 },
  attemptTimeout: span(30_000),
  retention: { completed: span(1_000), failed: span(2_000), cancelled: span(3_000) },
};

async function update(queue: QueueInit, paths?: string[]): Promise<Queue> {
  const mask = paths === undefined ? {} : { updateMask: { paths } };
  return present((await shared().queue.updateQueue({ queue, ...mask, allowMissing: true })).queue);
}

it("tells what a queue holds in each state, who works it, and since when it waits", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const worker = await connectWorker(server, { capacity: 4 });
  await enqueueMany(server, 4);
  const [first, second, third] = await worker.take(4);
  worker.send({ case: "capacity", value: { n: 0 } });
  await worker.complete(present(first));
  await worker.end([present(second)], { case: "failed", value: { terminal: true } });
  await server.queue.cancelTask({ taskId: present(third).id });
  clock.advance(5_000);
  const waitsSince = clock.now();
  await enqueueMany(server, 2);
  await enqueue(server, { delay: span(60_000) });
  const { statistics, createTime } = await readQueue(server);
  expect(statistics).toMatchObject({
    blocked: 0n,
    scheduled: 1n,
    pending: 2n,
    running: 1n,
    completed: 1n,
    failed: 1n,
    cancelled: 1n,
    workers: 1,
  });
  expect([ms(statistics?.nextPendingTime), ms(createTime)]).toEqual([waitsSince, waitsSince - 5_000]);
});

it("shows the settings of a queue that nobody has set", async () => {
  const name = freshQueue();
  await enqueue(shared(), { queue: name });
  const queue = await readQueue(shared(), name);
  expect(queue).toMatchObject({ name, ...defaults });
  expect(queue.attemptTimeout).toBeUndefined();
});

it("lists the queues by name, page by page", async () => {
  await using server = await startServer();
  for (const queue of ["a", "B", "b", "c.1", "c-1"]) await enqueue(server, { queue });
  const pages: string[][] = [];
  let pageToken = "";
  do {
    const page = await server.queue.listQueues({ pageSize: 2, pageToken });
    pages.push(page.queues.map(({ name }) => name));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  expect(pages).toEqual([["B", "a"], ["b", "c-1"], ["c.1"]]);
  expect(await refusalOf(server.queue.listQueues({ pageSize: -5 }))).toMatchObject({ field: "page_size" });
  expect(await refusalOf(server.queue.listQueues({ pageToken: "rubbish" }))).toMatchObject({
    reason: "INVALID_PAGE_TOKEN",
    field: "page_token",
  });
});

it("sets what is set where there is no mask, and leaves the rest", async () => {
  const name = freshQueue();
  await update({ name, maxAttempts: 3, maxDepth: 9n });
  expect(await update({ name, maxDepth: 10n })).toMatchObject({ maxAttempts: 3, maxDepth: 10n });
});

it("sets exactly what the mask names, and takes what is not set back to its default", async () => {
  const name = freshQueue();
  await update({ name, ...changed }, ["*"]);
  const after = await update({ name, maxRunning: 8, maxDepth: 99n }, ["max_running", "retry_policy", "paused"]);
  const { retryPolicy } = defaults;
  expect(after).toMatchObject({ ...changed, maxRunning: 8, paused: false, retryPolicy });
});

it("takes * for every setting", async () => {
  const name = freshQueue();
  expect(await update({ name, ...changed }, ["*"])).toMatchObject(changed);
  expect(await readQueue(shared(), name)).toMatchObject(changed);
  const after = await update({ name }, ["*"]);
  expect(after).toMatchObject(defaults);
  expect(after.attemptTimeout).toBeUndefined();
});

it.each([["unknown"], ["name"], ["statistics"], ["retention.completed"], ["maxRunning"], [""]])(
  "refuses a mask that names %j",
  async (path) => {
    const name = freshQueue();
    await enqueue(shared(), { queue: name });
    const request = { queue: { name, paused: true }, updateMask: { paths: ["paused", path] } };
    expect(await refusalOf(shared().queue.updateQueue(request))).toMatchObject({
      code: "INVALID_ARGUMENT",
      domain: "sitq",
      field: "update_mask.paths[1]",
    });
    expect((await readQueue(shared(), name)).paused).toBe(false);
  },
);

it("makes no queue unless it is allowed to", async () => {
  const name = freshQueue();
  expect(await refusalOf(shared().queue.updateQueue({ queue: { name, paused: true } }))).toMatchObject({
    code: "NOT_FOUND",
    reason: "QUEUE_NOT_FOUND",
    metadata: { queue: name },
  });
  expect(await update({ name })).toMatchObject({ name, maxAttempts: 5 });
});

it.each<[field: string, queue: QueueInit | undefined]>([
  ["queue", undefined],
  ["queue.name", {}],
  ["queue.name", { name: "a b" }],
  ["queue.max_depth", { maxDepth: -1n }],
  ["queue.max_depth", { maxDepth: 1_000_000_001n }],
  ["queue.max_running", { maxRunning: -1 }],
  ["queue.max_running", { maxRunning: 1_000_001 }],
  ["queue.strategy", { strategy: 6 as BalancingStrategy }],
  ["queue.strategy", { strategy: -1 as BalancingStrategy }],
  ["queue.max_attempts", { maxAttempts: 1_001 }],
  ["queue.retry_policy.multiplier", { retryPolicy: { multiplier: 11 } }],
  ["queue.attempt_timeout", { attemptTimeout: span(0) }],
  ["queue.retention.failed", { retention: { failed: { seconds: -1n, nanos: 0 } } }],
  ["queue.retention.completed", { retention: { completed: span(10 * 366 * 86_400_000 + 1) } }],
])("names the setting that is not valid: %s", async (field, queue) => {
  const name = field === "queue.name" ? {} : { name: "never" };
  const request = queue === undefined ? {} : { queue: { ...name, ...queue }, allowMissing: true };
  expect(await refusalOf(shared().queue.updateQueue(request))).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "INVALID_FIELD",
    field,
  });
});

it.each(["getQueue", "purgeQueue"] as const)("knows the queue it is told: %s", async (method) => {
  const call = shared().queue[method];
  expect(await refusalOf(call({ name: "nowhere" }))).toMatchObject({
    code: "NOT_FOUND",
    reason: "QUEUE_NOT_FOUND",
    domain: "sitq",
    field: "name",
  });
  expect(await refusalOf(call({ name: "" }))).toMatchObject({ code: "INVALID_ARGUMENT", field: "name" });
});

it("hands nothing out while a queue is paused; enqueues and outcomes go on", async () => {
  const server = shared();
  const name = freshQueue();
  const worker = await connectWorker(server, { queues: [name] });
  await enqueue(server, { queue: name });
  const held = await worker.take(1);
  await update({ name, paused: true });
  const waiting = await enqueue(server, { queue: name });
  expect(await worker.complete(...held)).toEqual(["SETTLED"]);
  await worker.heard();
  expect(worker.tasks).toHaveLength(1);
  expect((await server.worker.claimTasks({ workerId: "by-hand", queues: [name] })).tasks).toEqual([]);
  await update({ name, paused: false }, ["paused"]);
  expect(await worker.take(1)).toMatchObject([{ id: waiting.id }]);
});

it("lets no more than max_running run, over all workers and claims, and goes on as they end", async () => {
  const server = shared();
  const name = freshQueue();
  await update({ name, maxRunning: 3 });
  await enqueueMany(server, 8, { queue: name });
  const first = await connectWorker(server, { workerId: `${name}-a`, queues: [name] });
  const taken = await first.take(3);
  const second = await connectWorker(server, { workerId: `${name}-b`, queues: [name] });
  const handedOut = async () => {
    // The second time round: what the first answers set off has been said by then.
    for (const worker of [first, second, first, second]) await worker.heard();
    return first.tasks.length + second.tasks.length;
  };
  const claim = { workerId: `${name}-c`, queues: [name], maxTasks: 5 };
  expect((await server.worker.claimTasks(claim)).tasks).toEqual([]);
  expect(await handedOut()).toBe(3);

  await first.complete(present(taken[0]));
  expect(await handedOut()).toBe(4);
  await server.queue.cancelTask({ taskId: present(taken[1]).id });
  expect(await handedOut()).toBe(5);
  expect((await readQueue(server, name)).statistics).toMatchObject({ running: 3n, pending: 3n });
  await update({ name, maxRunning: 5 });
  expect(await handedOut()).toBe(7);
});

it("refuses what is above max_depth, says when to try again, and takes more once one has ended", async () => {
  const server = shared();
  const name = freshQueue();
  await update({ name, maxDepth: 3n });
  const [first] = await enqueueMany(server, 2, { queue: name });
  await enqueue(server, { queue: name, delay: span(60_000) });
  const full = {
    code: "RESOURCE_EXHAUSTED",
    reason: "QUEUE_FULL",
    domain: "sitq",
    field: "task.queue",
    retryAfterMs: 1_000,
    metadata: { queue: name, depth: "3" },
  };
  expect(await refusalOf(enqueue(server, { queue: name }))).toMatchObject(full);

  const worker = await connectWorker(server, { queues: [name], capacity: 1 });
  const held = await worker.take(1);
  expect(await refusalOf(enqueue(server, { queue: name }))).toMatchObject(full);
  worker.send({ case: "capacity", value: { n: 0 } });
  await worker.complete(...held);

  const requests = [1, 2].map(() => ({ task: { queue: name, type: "ship" } }));
  const { results } = await server.queue.enqueueBatch({ requests });
  expect(results.map(({ created }) => created)).toEqual([true, false]);
  expect(refusalInStatus(results[1]?.error)).toMatchObject({ ...full, field: "requests[1].task.queue" });
  expect((await read(server, present(first))).state).toBe(TaskState.COMPLETED);
});

it("bounds a queue that says nothing by the server's own bound", async () => {
  await using server = await startServer({ config: { maxQueueDepth: 2 } });
  await enqueueMany(server, 2);
  expect(await refusalOf(enqueue(server))).toMatchObject({ reason: "QUEUE_FULL", metadata: { depth: "2" } });
  await enqueue(server, { queue: "another" });
});

it("purges every state but RUNNING, in steps, after a dry run that changed nothing", async () => {
  const server = shared();
  const name = freshQueue();
  const worker = await connectWorker(server, { queues: [name], capacity: 2 });
  await enqueueMany(server, 2, { queue: name });
  const [kept, done] = await worker.take(2);
  worker.send({ case: "capacity", value: { n: 1 } });
  await worker.complete(present(done));
  await enqueueMany(server, 1_200, { queue: name });
  await enqueue(server, { queue: name, delay: span(60_000) });

  expect((await server.queue.purgeQueue({ name, dryRun: true })).taskCount).toBe(1_202n);
  expect((await readQueue(server, name)).statistics?.pending).toBe(1_200n);
  expect((await server.queue.purgeQueue({ name })).taskCount).toBe(1_202n);
  const { tasks } = await server.queue.listTasks({ filter: { queue: name } });
  expect(tasks).toMatchObject([{ id: kept?.id, state: TaskState.RUNNING }]);
  expect((await readQueue(server, name)).statistics).toMatchObject({ running: 1n, pending: 0n, scheduled: 0n });
});

it("purges only the states that it is told", async () => {
  const server = shared();
  const name = freshQueue();
  const [first] = await enqueueMany(server, 3, { queue: name });
  await server.queue.cancelTask({ taskId: present(first).id });
  expect((await server.queue.purgeQueue({ name, states: [TaskState.CANCELLED] })).taskCount).toBe(1n);
  expect((await readQueue(server, name)).statistics).toMatchObject({ pending: 2n, cancelled: 0n });
  for (const state of [TaskState.RUNNING, TaskState.UNSPECIFIED, 77 as TaskState]) {
    const refusal = await refusalOf(server.queue.purgeQueue({ name, states: [TaskState.PENDING, state] }));
    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", field: "states[1]" });
  }
});

it("shows who changed each setting, when and why, but not in a list", async () => {
  const clock = createFakeClock();
  const principal = { ...openPrincipal, name: "ann" };
  await using server = await startServer({ clock, authenticator: { principalOf: () => principal } });
  const set = (queue: QueueInit, reason = "") => server.queue.updateQueue({ queue, reason, allowMissing: true });
  await set({ name: "mail", maxRunning: 2, attemptTimeout: span(90_000) });
  clock.advance(1_000);
  await set({ name: "mail", strategy: BalancingStrategy.STICKY, maxRunning: 3 });
  const { queue } = await set({ name: "mail", paused: true }, "the bank is down");
  const [second, first] = [clock.now(), clock.now() - 1_000];
  const shown = present(queue).settingChanges.map(({ changeTime, ...change }) => ({ ...change, at: ms(changeTime) }));
  expect(shown).toMatchObject([
    { field: "max_running", principal: "ann", reason: "", previousValue: "2", at: second },
    { field: "paused", principal: "ann", reason: "the bank is down", previousValue: "false", at: second },
    { field: "strategy", principal: "ann", reason: "", previousValue: "LEAST_LOADED", at: second },
    { field: "attempt_timeout", principal: "ann", reason: "", previousValue: "", at: first },
  ]);
  expect((await readQueue(server, "mail")).settingChanges).toEqual(present(queue).settingChanges);
  expect((await server.queue.listQueues({})).queues).toMatchObject([{ name: "mail", settingChanges: [] }]);
});

it("refuses a reason that is too long", async () => {
  const request = { queue: { name: freshQueue(), paused: true }, allowMissing: true, reason: "x".repeat(1_025) };
  expect(await refusalOf(shared().queue.updateQueue(request))).toMatchObject({ field: "reason" });
});

it("says by whom a queue is paused and why, where tasks wait for it", async () => {
  const principal = { ...openPrincipal, name: "ann" };
  await using server = await startServer({ authenticator: { principalOf: () => principal } });
  const task = await enqueue(server, { queue: "mail" });
  const pause = (reason: string) => server.queue.updateQueue({ queue: { name: "mail", paused: true }, reason });
  const said = async () => {
    const [{ explanation }, { problems }] = await Promise.all([
      server.queue.explainTask({ taskId: task.id }),
      server.monitor.getStatus({}),
    ]);
    return [explanation?.message, problems.find(({ message }) => message.startsWith("Queue mail"))?.message];
  };
  await pause("");
  expect(await said()).toEqual(['the queue "mail" is paused by ann', "Queue mail is paused by ann, and 1 task waits."]);
  await pause("the bank\nis down");
  expect(await said()).toEqual([
    'the queue "mail" is paused by ann ("the bank is down")',
    'Queue mail is paused by ann ("the bank is down"), and 1 task waits.',
  ]);
  principal.name = "";
  await pause(`${"x".repeat(300)}`);
  expect((await said())[0]).toBe(`the queue "mail" is paused ("${"x".repeat(199)}…")`);
});
