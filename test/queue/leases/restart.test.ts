import { expect, it } from "vitest";
import { AttemptOutcome, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { WorkerState } from "../../../gen/sitq/v1/worker_service_pb.js";
import { StoreRefused } from "../../../src/store/store-refused.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import {
  enqueue,
  enqueueMany,
  json,
  present,
  read,
  readQueue,
  span,
  type TaskInit,
} from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";
import { watch } from "../../harness/watch.ts";

const leaseMs = 30_000;

/** A server that was restarted while a worker held the only task. */
async function restarted(init: TaskInit = {}) {
  const clock = createFakeClock();
  const server = await startServer({ clock, random: () => 0.5 });
  const task = await enqueue(server, init);
  const before = await connectWorker(server, { workerId: "packer" });
  const [held] = await before.take(1);
  await server.restart();
  await before.ended;
  return { clock, server, task, held: present(held) };
}

it("takes the leases over, and shows who has them as not there", async () => {
  const { server, task, clock } = await restarted();
  await using _ = server;
  clock.advance(leaseMs - 1);
  expect((await server.worker.listWorkers({})).workers).toMatchObject([
    { id: "packer", state: WorkerState.DISCONNECTED, inFlight: 1, queues: ["orders"] },
  ]);
  expect(await read(server, task)).toMatchObject({ state: TaskState.RUNNING, attempt: 1, workerId: "packer" });
  expect((await readQueue(server)).statistics).toMatchObject({ running: 1n, workers: 0 });
});

it("lets a worker that is back within the lease go on", async () => {
  const { server, task, held, clock } = await restarted();
  await using _ = server;
  clock.advance(leaseMs - 1);
  const back = await connectWorker(server, { workerId: "packer", held: [{ taskId: task.id, attempt: 1 }] });
  expect(back.welcome).toMatchObject({ kept: [{ taskId: task.id, attempt: 1 }], lost: [] });
  clock.advance(leaseMs - 1);
  expect(await back.end([held], { case: "completed", value: { result: json("done") } })).toEqual(["SETTLED"]);
  expect(await read(server, task)).toMatchObject({ state: TaskState.COMPLETED, attempt: 1, result: json("done") });
});

it("offers its tasks again once the lease is over, and takes nothing more from it", async () => {
  const { server, task, held, clock } = await restarted();
  await using _ = server;
  const other = await connectWorker(server, { workerId: "other" });
  clock.advance(leaseMs - 1);
  other.send({ case: "heartbeat", value: {} });
  await other.heard();
  expect(other.tasks).toEqual([]);
  clock.advance(1);
  expect(await other.take(1)).toMatchObject([{ id: task.id, attempt: 2 }]);
  const late = await connectWorker(server, { workerId: "packer", held: [{ taskId: task.id, attempt: 1 }] });
  expect(late.welcome.lost).toHaveLength(1);
  expect(await late.complete(held)).toEqual(["STALE"]);
});

it("offers again at once what a worker that is back does not name", async () => {
  const { server, task } = await restarted({ maxAttempts: 1 });
  await using _ = server;
  const back = await connectWorker(server, { workerId: "packer" });
  expect(await back.take(1)).toMatchObject([{ id: task.id, attempt: 1 }]);
});

it("ends no attempt in the first lease period, however long the server was away", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock, random: () => 0.5 });
  const [task] = await enqueueMany(server, 1, { attemptTimeout: span(5_000) });
  const claimed = await enqueue(server, { queue: "by-hand" });
  const before = await connectWorker(server, { workerId: "packer" });
  await before.take(1);
  const hand = { workerId: "script", queues: ["by-hand"], leaseDuration: span(1_000) };
  const { tasks } = await server.worker.claimTasks(hand);
  await server.app.close(0);
  clock.jump(3_600_000);
  await server.restart();

  const seen = await watch(server);
  const back = await connectWorker(server, { held: [{ taskId: present(task).id, attempt: 1 }], workerId: "packer" });
  clock.advance(leaseMs - 1);
  back.send({ case: "heartbeat", value: {} });
  await back.heard();
  expect([(await read(server, present(task))).state, (await read(server, claimed)).state]).toEqual([
    TaskState.RUNNING,
    TaskState.RUNNING,
  ]);
  clock.advance(1);
  expect((await back.next("cancel")).tasks).toMatchObject([{ reason: "ATTEMPT_TIMEOUT" }]);
  await seen.state(claimed.id, TaskState.PENDING);
  const late = { workerId: "script", taskId: claimed.id, attempt: present(tasks[0]).attempt };
  expect(await refusalOf(server.worker.completeTask(late))).toMatchObject({ reason: "STALE" });
});

it("takes over a lease that was claimed by hand", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const task = await enqueue(server);
  const hand = { workerId: "script", queues: ["orders"], leaseDuration: span(60_000) };
  await server.worker.claimTasks(hand);
  await server.restart();
  clock.advance(59_999);
  const held = { workerId: "script", taskId: task.id, attempt: 1 };
  await server.worker.extendLease({ ...held, leaseDuration: span(10_000) });
  clock.advance(9_999);
  await server.worker.completeTask(held);
  expect((await read(server, task)).state).toBe(TaskState.COMPLETED);
});

it("keeps everything else: what waits, what is due later, settings, keys and request ids", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const { queue } = server;
  await queue.updateQueue({ queue: { name: "orders", maxRunning: 2, maxAttempts: 9 }, allowMissing: true });
  const request = { task: { queue: "orders", type: "ship", deduplicationKey: "k" }, requestId: "r1" };
  const { task: first } = await queue.enqueue(request);
  const later = await enqueue(server, { delay: span(60_000) });
  const expiring = await enqueue(server, { queue: "parcels", timeToLive: span(90_000) });
  const { nextPageToken: pageToken } = await queue.listTasks({ pageSize: 1 });
  await server.restart();

  expect(await readQueue(server)).toMatchObject({
    maxRunning: 2,
    maxAttempts: 9,
    statistics: { pending: 1n, scheduled: 1n },
  });
  expect(await queue.enqueue(request)).toMatchObject({ created: false, task: { id: first?.id } });
  expect((await queue.listTasks({ pageSize: 5, pageToken })).tasks.map(({ id }) => id)).toEqual([later.id, first?.id]);
  const claim = { workerId: "script", queues: ["orders"], wait: span(600_000) };
  expect((await server.worker.claimTasks(claim)).tasks).toMatchObject([{ id: first?.id, attempt: 1 }]);
  await server.worker.completeTask({ workerId: "script", taskId: present(first).id, attempt: 1 });
  const next = server.worker.claimTasks(claim);
  const expired = queue.awaitTask({ taskId: expiring.id, timeout: span(600_000) });
  await queue.listQueues({});
  clock.advance(60_000);
  expect((await next).tasks).toMatchObject([{ id: later.id }]);
  clock.advance(30_000);
  expect((await expired).task?.lastError).toMatchObject({ type: "EXPIRED" });
});

it("never gives an id twice, though the newest tasks were deleted before", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const tasks = await enqueueMany(server, 5);
  for (const { id } of tasks) await server.queue.deleteTask({ taskId: id });
  clock.jump(-1_000);
  await server.restart();
  const next = await enqueue(server);
  expect(next.id > present(tasks.at(-1)).id).toBe(true);
});

it("goes through ten restarts with work under way, and every task ends once", async () => {
  await using server = await startServer();
  await enqueueMany(server, 60);
  let held: { id: string; attempt: number }[] = [];
  for (let round = 0; round < 10; round++) {
    const worker = await connectWorker(server, {
      capacity: 8,
      held: held.map(({ id: taskId, attempt }) => ({ taskId, attempt })),
    });
    expect(worker.welcome.lost).toEqual([]);
    held.push(...(await worker.take(8 - held.length)));
    // Five are done, three go over to the next life of the server.
    expect(await worker.complete(...held.slice(0, 5))).toEqual(Array(5).fill("SETTLED"));
    // Room was made, so more may have come: what the worker names is what it has seen.
    await worker.heard();
    held = [...held.slice(5), ...worker.tasks.filter(({ id }) => !held.some((each) => each.id === id))];
    await server.restart();
    await worker.ended;
  }
  const { tasks } = await server.queue.listTasks({ pageSize: 100 });
  const all = await Promise.all(tasks.map((task) => read(server, task)));
  const completions = all.map(
    ({ attempts }) => attempts.filter(({ outcome }) => outcome === AttemptOutcome.COMPLETED).length,
  );
  expect(completions.filter((n) => n === 1)).toHaveLength(50);
  expect(completions.filter((n) => n > 1)).toEqual([]);
  expect(all.every(({ attempt, attempts }) => attempt <= 1 && attempts.length <= 1)).toBe(true);
});

it("refuses a second server on the same file, and the first one works on", async () => {
  await using server = await startServer();
  const second = startServer({ dbPath: server.dbPath });
  await expect(second).rejects.toThrow(StoreRefused);
  await expect(second).rejects.toThrow(/already open in this process/);
  await enqueue(server);
});
