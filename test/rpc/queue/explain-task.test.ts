import { expect, it } from "vitest";
import { type Explanation, WaitReason } from "../../../gen/sitq/v1/explanation_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import type { CallOptions } from "../../../src/grpc/client/client.ts";
import { publishAll, subscribe } from "../../harness/calls/events.ts";
import { as, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, ms, present, span } from "../../harness/calls/tasks.ts";
import { start, step, stepsIn } from "../../harness/calls/workflows.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

async function explain({ queue }: Pick<TestServer, "queue">, { id }: { readonly id: string }, options?: CallOptions) {
  return present((await queue.explainTask({ taskId: id }, options)).explanation);
}

/** What is shown of an explanation. */
const shown = ({ reason, message }: Explanation) => `${WaitReason[reason]}: ${message}`;

it("says that no worker is on the queue, that none handles the type, and that the queue is paused", async () => {
  const queue = freshQueue();
  const task = await enqueue(shared(), { queue });
  const alone = await explain(shared(), task);
  expect(shown(alone)).toBe(`NO_WORKER: no worker is on the queue "${queue}"`);
  expect(alone).toMatchObject({ position: 1n, rate: 0, taskIds: [], stepIds: [], expectedStartTime: undefined });
  expect(ms(alone.sinceTime)).toBe(ms(task.createTime));

  const worker = await connectWorker(shared(), { workerId: "biller", queues: [queue], types: ["bill"] });
  await worker.heard();
  expect(shown(await explain(shared(), task))).toBe(
    `NO_HANDLER: the worker on the queue "${queue}" does not handle "ship"`,
  );
  await connectWorker(shared(), { workerId: "mailer", queues: [queue], types: ["mail"] });
  expect(shown(await explain(shared(), task))).toBe(
    `NO_HANDLER: none of the 2 workers on the queue "${queue}" handles "ship"`,
  );
  await shared().queue.updateQueue({ queue: { name: queue, paused: true } });
  expect(shown(await explain(shared(), task))).toBe(`PAUSED: the queue "${queue}" is paused`);
});

it("counts a worker that waits in ClaimTasks", async () => {
  const queue = freshQueue();
  const task = await enqueue(shared(), { queue });
  const stop = new AbortController();
  const call = { workerId: "claimer", queues: [queue], types: ["bill"], wait: span(60_000) };
  // One connection brings both calls in this order.
  const waiting = shared().worker.claimTasks(call, { signal: stop.signal });
  expect((await explain(shared(), task)).reason).toBe(WaitReason.NO_HANDLER);
  stop.abort();
  await expect(waiting).rejects.toThrow();
});

it("says that the workers are full or draining, and which place in line a task has", async () => {
  const queue = freshQueue();
  const worker = await connectWorker(shared(), { queues: [queue], capacity: 1 });
  const [first, second, third] = await enqueueMany(shared(), 3, { queue });
  await worker.take(1);
  expect(shown(await explain(shared(), present(first)))).toBe('UNSPECIFIED: the worker "packer" runs its attempt 1');
  const isFull = `WORKERS_FULL: the worker on the queue "${queue}" that handles it is full`;
  expect(shown(await explain(shared(), present(second)))).toContain(`${isFull}; it is next in the line, at `);
  expect(shown(await explain(shared(), present(third)))).toContain(`${isFull}; it is 2nd in the line, at `);

  await shared().worker.drainWorker({ workerId: "packer", grace: span(60_000) });
  expect(shown(await explain(shared(), present(second)))).toBe(
    `DRAINING: the worker on the queue "${queue}" that handles it is draining`,
  );
});

it("says that max_running is reached", async () => {
  const queue = freshQueue();
  await shared().queue.updateQueue({ queue: { name: queue, maxRunning: 2 }, allowMissing: true });
  const worker = await connectWorker(shared(), { queues: [queue] });
  const tasks = await enqueueMany(shared(), 3, { queue });
  await worker.take(2);
  expect(shown(await explain(shared(), present(tasks[2])))).toContain(
    `MAX_RUNNING: the queue "${queue}" runs 2 of at most 2 tasks; it is next in the line`,
  );
});

it("says for which worker a task is reserved, and until when", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const other = await connectWorker(server, { workerId: "other" });
  // Until the first claim is answered it holds all the room of its worker.
  await other.heard();
  const dispatch = { workerId: "favourite", workerWait: span(30_000) };
  const { task } = await server.queue.enqueue({ task: { queue: "orders", type: "ship" }, dispatch });
  const reserved = await explain(server, present(task));
  const until = new Date(clock.now() + 30_000).toISOString().replace(".000", "");
  expect(shown(reserved)).toBe(
    `RESERVED: until ${until} it is reserved for the worker "favourite", which is not connected`,
  );
  expect(ms(reserved.expectedStartTime)).toBe(clock.now() + 30_000);
});

it("says when a task is due, first and after an attempt that failed or was released", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock, random: () => 0.5 });
  const beganMs = clock.now();
  const at = (afterMs: number) => new Date(beganMs + afterMs).toISOString().replace(".000", "");
  const later = await enqueue(server, { delay: span(60_000) });
  expect(shown(await explain(server, later))).toBe(
    `SCHEDULED: its first attempt is due at ${at(60_000)}, but no worker is on the queue "orders"`,
  );
  const worker = await connectWorker(server);
  const due = await explain(server, later);
  expect(shown(due)).toBe(`SCHEDULED: its first attempt is due at ${at(60_000)}`);
  expect(ms(due.expectedStartTime)).toBe(beganMs + 60_000);

  const failing = await enqueue(server, { maxAttempts: 3, retryPolicy: { initialBackoff: span(10_000), jitter: 0 } });
  const secret = "card 4000 0000 0000 0002 was refused";
  await worker.end(await worker.take(1), { case: "failed", value: { error: { type: "NoMoney", message: secret } } });
  const retry = await explain(server, failing);
  expect(shown(retry)).toBe(`RETRY: attempt 1 of 3 failed with "NoMoney"; the next one is due at ${at(10_000)}`);
  expect(ms(retry.expectedStartTime)).toBe(beganMs + 10_000);
  expect(ms(retry.sinceTime)).toBe(beganMs);

  const released = await enqueue(server);
  await worker.end(await worker.take(1), { case: "released", value: { delay: span(5_000) } });
  expect(shown(await explain(server, released))).toBe(
    `RETRY: a worker released it; its next attempt is due at ${at(5_000)}`,
  );
});

it("says when a task's turn comes, by the rate of the last minute", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const worker = await connectWorker(server, { capacity: 1 });
  const tasks = await enqueueMany(server, 20);
  // One every two seconds, for a minute.
  for (let done = 0; done < 10; done++) {
    await worker.complete(...(await worker.take(1)));
    clock.advance(2_000);
    await worker.heard();
  }
  const last = present(tasks[19]);
  const explanation = await explain(server, last);
  expect(explanation).toMatchObject({ reason: WaitReason.WORKERS_FULL, position: 9n });
  // Eleven were handed out in 20 seconds.
  expect(explanation.rate).toBeCloseTo(11 / 20, 5);
  expect(explanation.message).toMatch(/; it is 9th in the line, at 33 hand-outs a minute$/);
  expect(ms(explanation.expectedStartTime)).toBe(clock.now() + Math.round((9 / explanation.rate) * 1_000));
});

it("names the steps that a step waits for, and ExecuteWorkflow", async () => {
  const queue = freshQueue();
  const steps = stepsIn(queue, { reserve: "", charge: "", ship: "reserve charge" });
  const workflow = await start(shared(), { steps });
  const ids = ["reserve", "charge", "ship"].map((name) => step(workflow, name).taskId);
  const ship = await explain(shared(), { id: present(ids[2]) });
  expect(shown(ship)).toBe('DEPENDENCIES: it waits for the steps "reserve" and "charge"');
  expect(ship).toMatchObject({ stepIds: ["reserve", "charge"], taskIds: ids.slice(0, 2), position: 0n });

  const pending = await start(shared(), { steps, pending: true });
  expect(shown(await explain(shared(), { id: step(pending, "charge").taskId }))).toBe(
    "NOT_EXECUTED: the workflow waits for ExecuteWorkflow",
  );
});

it("names the delivery that another waits for by its ordering key", async () => {
  const queue = freshQueue();
  const name = `to-${queue}`;
  await subscribe(shared(), { name, queue, filter: { types: [name] }, orderingKey: "subject" });
  const ids = ["1", "2"].map((id) => `${queue}-${id}`);
  await publishAll(shared(), ids, { type: name, subject: "customer-7" });
  const deliveries = await Promise.all(
    ids.map(async (eventId) => (await shared().event.getEvent({ eventId })).deliveries),
  );
  const [first, second] = deliveries.map((each) => present(each[0]).taskId);
  const explanation = await explain(shared(), { id: present(second) });
  expect(shown(explanation)).toBe(`ORDERING: it waits for the earlier delivery ${first} of its ordering key`);
  expect(explanation.taskIds).toEqual([first]);
});

it("says that the server stops", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const worker = await connectWorker(server, { capacity: 1 });
  const [, waiting] = await enqueueMany(server, 2);
  const [running] = await worker.take(1);
  const closed = server.app.close(60_000);
  await worker.next("drain");
  expect(shown(await explain(server, present(waiting)))).toBe(
    "DRAINING: the server is stopping and hands out nothing more",
  );
  await worker.complete(present(running));
  await closed;
});

it("says how a task stands that does not wait", async () => {
  const queue = freshQueue();
  const task = await enqueue(shared(), { queue });
  await shared().queue.cancelTask({ taskId: task.id });
  expect(shown(await explain(shared(), task))).toBe("UNSPECIFIED: it was cancelled");
  expect(await refusalOf(explain(shared(), { id: "0000" }))).toMatchObject({ reason: "TASK_NOT_FOUND" });
  expect(await refusalOf(explain(shared(), { id: "" }))).toMatchObject({ reason: "INVALID_FIELD", field: "task_id" });
});

it("explains each task of a list, if it is asked to", async () => {
  const queue = freshQueue();
  const tasks = await enqueueMany(shared(), 3, { queue });
  await shared().queue.cancelTask({ taskId: present(tasks[1]).id });
  const { tasks: listed, explanations } = await shared().queue.listTasks({ filter: { queue }, explain: true });
  expect(listed.map(({ state }) => TaskState[state])).toEqual(["PENDING", "CANCELLED", "PENDING"]);
  const alone = `NO_WORKER: no worker is on the queue "${queue}"`;
  expect(explanations.map(shown)).toEqual([alone, "UNSPECIFIED: it was cancelled", alone]);
  expect(explanations.map(({ position }) => position)).toEqual([2n, 0n, 1n]);
  expect((await shared().queue.listTasks({ filter: { queue } })).explanations).toEqual([]);
});

it("explains to those whose scope has the task's queue, and no content of it", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  const admin = as("root", { role: "admin" });
  const { task } = await server.queue.enqueue({ task: { queue: "mail.out", type: "send" } }, admin);
  for (const role of ["producer", "viewer", "operator"] as const) {
    const inScope = as(role, { role, queue: ["mail.*"] });
    expect(shown(await explain(server, present(task), inScope))).toBe(
      'NO_WORKER: no worker is on the queue "mail.out"',
    );
    const outside = as(role, { role, queue: ["orders"] });
    const refusal = { reason: "OUT_OF_SCOPE", field: "task_id", message: expect.not.stringContaining("mail") };
    expect(await refusalOf(explain(server, present(task), outside))).toMatchObject(refusal);
  }
  const worker = as("worker", { role: "worker", queue: ["*"] });
  expect(await refusalOf(explain(server, present(task), worker))).toMatchObject({ reason: "ROLE_REQUIRED" });
  const viewer = as("viewer", { role: "viewer", queue: ["mail.*"] });
  await server.queue.enqueue({ task: { queue: "orders", type: "ship" } }, admin);
  const { tasks, explanations } = await server.queue.listTasks({ explain: true }, viewer);
  expect([tasks.length, explanations.length]).toEqual([1, 1]);
});
