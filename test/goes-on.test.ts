/** Every verb of the store that the server calls by itself, for nobody who would ask again, fails once on a full disk. */

import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { TaskState } from "../gen/sitq/v1/task_pb.js";
import { WorkRequest_ProgressSchema } from "../gen/sitq/v1/worker_service_pb.js";
import { WorkflowState } from "../gen/sitq/v1/workflow_service_pb.js";
import { fromEarliest, fromNow, publish, subscribe } from "./harness/calls/events.ts";
import { connectWorker } from "./harness/calls/scripted-worker.ts";
import { enqueue, json, present, read, span } from "./harness/calls/tasks.ts";
import { readWorkflow, start } from "./harness/calls/workflows.ts";
import { createFailingStore, type FailingStore } from "./harness/failing-store.ts";
import { createFakeClock, type FakeClock } from "./harness/fake-clock.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { register } from "./registry/registry-harness.ts";

const leaseMs = 30_000;
const secondMs = 1_000;
const hourMs = 3_600_000;

interface FailingServer {
  readonly server: TestServer;
  readonly clock: FakeClock;
  readonly fail: FailingStore["fail"];
  /** Waits for the failure, and then, without a call, until the work is tried again. */
  silence(fault: ReturnType<FailingStore["fail"]>): Promise<unknown>;
}

/** Lets a waiting task be claimed by hand, under a lease of five seconds. */
async function claimed({ server }: FailingServer, more: object = {}) {
  const task = await enqueue(server, more);
  await server.worker.claimTasks({ workerId: "hand", queues: ["orders"], leaseDuration: span(5 * secondMs) });
  return task;
}

/** What is to go on, how it comes to fail, and what is to be seen once it was tried again. */
const cases: Readonly<Record<string, (failing: FailingServer) => Promise<void>>> = {
  "a delay that is over": async (failing) => {
    const { server, clock, fail, silence } = failing;
    const task = await enqueue(server, { delay: span(6 * secondMs) });
    const fault = fail("advance");
    clock.advance(6 * secondMs);
    await silence(fault);
    expect((await read(server, task)).state).toBe(TaskState.PENDING);
  },

  "a retry whose backoff is over": async ({ server, clock, fail, silence }) => {
    const task = await enqueue(server);
    const worker = await connectWorker(server, { capacity: 1 });
    await worker.end(await worker.take(1), { case: "failed", value: { retryDelay: span(2 * secondMs) } });
    const fault = fail("advance");
    clock.advance(2 * secondMs);
    await silence(fault);
    expect(await worker.take(1)).toMatchObject([{ id: task.id, attempt: 2 }]);
  },

  "a time to live that is over": async ({ server, clock, fail, silence }) => {
    const task = await enqueue(server, { timeToLive: span(3 * secondMs) });
    const fault = fail("advance");
    clock.advance(3 * secondMs);
    await silence(fault);
    expect((await read(server, task)).state).toBe(TaskState.FAILED);
  },

  "a claim for a stream": async ({ server, fail, silence }) => {
    const task = await enqueue(server);
    const fault = fail("claim");
    const worker = await connectWorker(server);
    await silence(fault);
    expect(await worker.take(1)).toMatchObject([{ id: task.id, attempt: 1 }]);
  },

  "a claim for one who waits in ClaimTasks": async ({ server, fail, silence }) => {
    const task = await enqueue(server);
    const fault = fail("claim");
    const claiming = server.worker.claimTasks({
      workerId: "hand",
      queues: ["orders"],
      wait: span(20 * secondMs),
    });
    await silence(fault);
    expect((await claiming).tasks).toMatchObject([{ id: task.id, attempt: 1 }]);
  },

  "a queue's strategy, which is read when its first worker comes": async ({ server, fail, silence }) => {
    await enqueue(server);
    const fault = fail("updateQueue");
    await connectWorker(server);
    expect(await silence(fault)).toMatchObject({ name: "orders" });
  },

  "the end of the leases of a worker that fell silent": async ({ server, clock, fail, silence }) => {
    const task = await enqueue(server);
    const worker = await connectWorker(server);
    await worker.take(1);
    const fault = fail("settle");
    clock.advance(leaseMs);
    await silence(fault);
    expect((await read(server, task)).state).toBe(TaskState.PENDING);
  },

  "the end of the leases of a worker that is gone": async ({ server, clock, fail, silence }) => {
    const task = await enqueue(server);
    const worker = await connectWorker(server);
    await worker.take(1);
    worker.cut();
    await worker.ended;
    const other = await connectWorker(server, { workerId: "other" });
    const fault = fail("settle");
    clock.advance(leaseMs);
    await silence(fault);
    expect((await read(server, task)).attempt).toBe(1);
    other.cut();
  },

  "the end of a lease without a stream": async (failing) => {
    const task = await claimed(failing);
    const fault = failing.fail("settle");
    failing.clock.advance(5 * secondMs);
    await failing.silence(fault);
    expect((await read(failing.server, task)).state).toBe(TaskState.PENDING);
  },

  "the end of an attempt that ran too long": async (failing) => {
    const task = await claimed(failing, { attemptTimeout: span(4 * secondMs) });
    const fault = failing.fail("settle");
    failing.clock.advance(4 * secondMs);
    await failing.silence(fault);
    expect((await read(failing.server, task)).state).toBe(TaskState.SCHEDULED);
  },

  "tasks that never arrived, and are given back": async ({ server, fail, silence }) => {
    const task = await enqueue(server);
    const worker = await connectWorker(server);
    await worker.take(1);
    worker.cut();
    const fault = fail("settle");
    const back = await connectWorker(server);
    await silence(fault);
    expect(await back.take(1)).toMatchObject([{ id: task.id, attempt: 1 }]);
  },

  "a step that cannot be handed out": async ({ server, fail, silence }) => {
    const parameters = json({ sum: "${input.none + 1}" });
    const steps = [{ stepId: "a", serviceName: "orders", action: "a", parameters }];
    const workflow = await start(server, { input: json({}), steps });
    const fault = fail("settle");
    await connectWorker(server);
    await silence(fault);
    expect((await readWorkflow(server, workflow)).state).toBe(WorkflowState.FAILED);
  },

  progress: async ({ server, fail, silence }) => {
    const task = await enqueue(server);
    const worker = await connectWorker(server);
    await worker.take(1);
    const fault = fail("updateLeases");
    const progress = [create(WorkRequest_ProgressSchema, { taskId: task.id, attempt: 1, progress: { fraction: 0.5 } })];
    worker.send({ case: "heartbeat", value: { progress } });
    await silence(fault);
    expect((await read(server, task)).progress).toMatchObject({ fraction: 0.5 });
  },

  "a subscription that is behind": async ({ server, fail, silence }) => {
    await publish(server);
    const fault = fail("catchUp");
    await subscribe(server, { name: "billing", queue: "orders" }, fromEarliest);
    await silence(fault);
    expect((await server.queue.listTasks({ filter: { queue: "orders" } })).tasks).toHaveLength(1);
  },

  "the end of a subscription": async ({ server, fail, silence }) => {
    await subscribe(server, { name: "billing", queue: "orders" }, fromNow);
    await publish(server);
    const fault = fail("endDeliveries");
    const deleting = server.event.deleteSubscription({ name: "billing" });
    await silence(fault);
    expect(await deleting).toMatchObject({ cancelledCount: 1n });
  },

  "the end of a subscription whose caller is gone, over a restart": async ({ server, fail, silence }) => {
    await subscribe(server, { name: "billing", queue: "orders" }, fromNow);
    await publish(server);
    const first = fail("endDeliveries");
    const deleting = server.event.deleteSubscription({ name: "billing" }).catch(() => undefined);
    await first.struck;
    const second = fail("endDeliveries");
    await server.restart();
    await deleting;
    await silence(second);
    const { tasks } = await server.queue.listTasks({ filter: { queue: "orders" } });
    expect(tasks).toMatchObject([{ state: TaskState.CANCELLED }]);
  },

  "the retention of tasks": async ({ server, clock, fail, silence }) => {
    const retention = { cancelled: span(0) };
    await server.queue.updateQueue({ queue: { name: "orders", retention }, allowMissing: true });
    const task = await enqueue(server);
    await server.queue.cancelTask({ taskId: task.id });
    const fault = fail("sweep");
    clock.advance(60 * secondMs);
    expect(await silence(fault)).toMatchObject({ deleted: 1 });
  },

  "the retention of workflows": async ({ server, clock, fail, silence }) => {
    const workflow = await start(server, { steps: [{ stepId: "a", serviceName: "orders", action: "a" }] });
    await server.workflow.cancelWorkflow({ workflowId: workflow.id });
    const fault = fail("sweepWorkflows");
    clock.advance(60 * secondMs);
    expect(await silence(fault)).toMatchObject({ deleted: 1 });
  },

  "the retention of events": async ({ server, clock, fail, silence }) => {
    await publish(server);
    const fault = fail("sweepEvents");
    clock.advance(2 * hourMs);
    expect(await silence(fault)).toMatchObject({ deleted: 1 });
  },

  "an instance that is forgotten": async ({ server, clock, fail, silence }) => {
    await register(server, { ttl: span(secondMs) });
    const fault = fail("deleteInstances");
    clock.advance(secondMs);
    await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
    clock.advance(9 * secondMs);
    expect(await silence(fault)).toEqual(["deleted"]);
  },
};

it.each(Object.entries(cases))("goes on by itself after a full disk: %s", async (_, run) => {
  const clock = createFakeClock();
  const faults = createFailingStore();
  await using server = await startServer({
    clock,
    random: () => 0.5,
    mayLogErrors: true,
    wrapStore: faults.wrap,
    config: { workflowRetentionMs: 0, eventRetentionMs: hourMs },
  });
  await run({
    server,
    clock,
    fail: faults.fail,
    async silence(fault) {
      await fault.struck;
      // What follows from the failure happens in this turn and the next.
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(secondMs);
      return fault.triedAgain;
    },
  });
  const errors = server.log.filter(({ level }) => level === "error");
  expect(errors.length).toBeGreaterThan(0);
  for (const { message } of errors) expect(message).toMatch(/: failed, and is tried again until it succeeds$/);
  expect(present(errors[0]).facts).toMatchObject({ error: { reason: "DISK_FULL" } });
});

it("leaves a lease whose end could not be stored to the worker that is back before the next try", async () => {
  const clock = createFakeClock();
  const faults = createFailingStore();
  await using server = await startServer({ clock, mayLogErrors: true, wrapStore: faults.wrap });
  const task = await enqueue(server);
  const worker = await connectWorker(server);
  const held = present((await worker.take(1))[0]);
  const fault = faults.fail("settle");
  clock.advance(leaseMs);
  await fault.struck;
  await worker.ended;
  const back = await connectWorker(server, { held: [{ taskId: task.id, attempt: 1 }] });
  expect(back.welcome.kept).toHaveLength(1);
  clock.advance(2 * secondMs);
  await back.heard();
  expect(await back.complete(held)).toEqual(["SETTLED"]);
  expect((await read(server, task)).attempt).toBe(1);
});

it("hands out what ClaimTasks claimed of one queue though the claim of the next one failed", async () => {
  const faults = createFailingStore();
  await using server = await startServer({ mayLogErrors: true, wrapStore: faults.wrap });
  const task = await enqueue(server);
  void faults.fail("claim", { spared: 1 });
  const { tasks } = await server.worker.claimTasks({ workerId: "hand", queues: ["orders", "mail"], maxTasks: 2 });
  expect(tasks.map(({ id }) => id)).toEqual([task.id]);
});
