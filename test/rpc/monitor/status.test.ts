import { describe, expect, it } from "vitest";
import { type Problem, ProblemKind, ProblemSeverity } from "../../../gen/sitq/v1/monitor_service_pb.js";
import { fromEarliest } from "../../harness/calls/events.ts";
import { as, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

/** What is wrong: kind, subject and count. */
async function status({ monitor }: TestServer, request = {}): Promise<string[]> {
  return (await monitor.getStatus(request)).problems.map(inShort);
}

function inShort({ severity, kind, subject, count }: Problem): string {
  return `${ProblemSeverity[severity]} ${ProblemKind[kind]} ${subject.value ?? ""} ${count}`;
}

describe("GetStatus", () => {
  it("is empty while all is well, with the sums of all queues", async () => {
    await using server = await startServer();
    await connectWorker(server, { workerId: "w", queues: ["mail"], capacity: 5 });
    const { problems, totals } = await server.monitor.getStatus({});
    expect(problems).toEqual([]);
    expect(totals).toMatchObject({ queues: 1, pending: 0n, workers: 1, capacity: 5n, inFlight: 0n });
  });

  it("tells of queues: no worker, no handler, paused, full, long waits, limits and failures", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    await enqueueMany(server, 3, { queue: "alone" });
    await enqueueMany(server, 2, { queue: "paused" });
    await server.queue.updateQueue({ queue: { name: "paused", paused: true }, updateMask: { paths: ["paused"] } });
    const full = { name: "full", paused: false, maxDepth: 2n };
    await server.queue.updateQueue({ queue: full, updateMask: { paths: ["max_depth"] }, allowMissing: true });
    await connectWorker(server, { workerId: "f", queues: ["full"], capacity: 10 });
    await enqueueMany(server, 2, { queue: "full" });
    const limited = { name: "limited", maxRunning: 1 };
    await server.queue.updateQueue({ queue: limited, updateMask: { paths: ["max_running"] }, allowMissing: true });
    const worker = await connectWorker(server, { workerId: "l", queues: ["limited"], capacity: 10 });
    await enqueueMany(server, 3, { queue: "limited", maxAttempts: 1 });
    const [task] = await worker.take(1);
    const typed = await connectWorker(server, { workerId: "t", queues: ["typed"], types: ["other"] });
    await enqueueMany(server, 2, { queue: "typed" });
    await typed.heard();

    const found = await status(server);
    expect(found).toEqual([
      "CRITICAL QUEUE_FULL full 2",
      "CRITICAL NO_WORKER alone 3",
      "CRITICAL NO_HANDLER typed 2",
      "WARNING PAUSED paused 2",
      "NOTICE MAX_RUNNING limited 2",
    ]);
    await worker.end(task === undefined ? [] : [task], { case: "failed", value: { terminal: true } });
    expect(await status(server)).toContain("WARNING TASKS_FAILED limited 1");

    await server.queue.updateQueue({ queue: { name: "paused" }, updateMask: { paths: ["paused"] } });
    const { problems } = await server.monitor.getStatus({ maxWait: span(1_000) });
    expect(problems.find(({ subject }) => subject.value === "paused")).toMatchObject({
      kind: ProblemKind.NO_WORKER,
      message: "2 tasks wait in queue paused, which has no worker.",
      command: "sitq work paused --exec 'COMMAND'",
    });
  });

  it("tells of workers, subscriptions, instances and workflows", async () => {
    await using server = await startServer();
    const { event, registry, workflow, worker } = server;
    await event.createSubscription({
      subscription: { name: "bills", queue: "bills", filter: { types: ["order"] } },
      start: { start: fromEarliest },
    });
    await event.updateSubscription({
      subscription: { name: "bills", paused: true },
      updateMask: { paths: ["paused"] },
    });
    await event.publish({ event: { id: "e", type: "order", sourceService: "shop" } });
    await registry.registerInstance({
      serviceName: "stock",
      instanceId: "i",
      address: "127.0.0.1:1",
      ttl: span(1_000),
    });
    const drained = await connectWorker(server, { workerId: "drained", queues: ["jobs"] });
    await worker.drainWorker({ workerId: "drained" });
    await drained.next("drain");
    const steps = [{ stepId: "a", serviceName: "steps", action: "act", maxAttempts: 1 }];
    const { workflow: started } = await workflow.startWorkflow({ name: "order", steps });
    const { tasks } = await worker.claimTasks({ workerId: "c", queues: ["steps"] });
    const [task] = tasks;
    await worker.failTask({
      workerId: "c",
      taskId: task?.id ?? "",
      attempt: 1,
      error: { message: "no" },
      terminal: true,
    });
    const lost = await connectWorker(server, { workerId: "lost", queues: ["others"] });
    await enqueueMany(server, 1, { queue: "others" });
    await lost.take(1);
    lost.cut();
    await lost.ended;

    expect(await status(server)).toEqual([
      "WARNING TASKS_FAILED steps 1",
      "WARNING WORKER_LOST lost 1",
      "WARNING SUBSCRIPTION_PAUSED bills 0",
      `WARNING WORKFLOW_FAILED ${started?.id} 0`,
      "NOTICE WORKER_DRAINING drained 0",
    ]);
  });

  it("tells of a full disk and of refused calls to those who see everything", async () => {
    await using server = await startServer({
      authenticator: trustingAuthenticator,
      wrapStore: (store) =>
        new Proxy(store, {
          get(target, name) {
            if (name !== "onDisk") return Reflect.get(target, name);
            return (listener: (disk: object) => void) => listener({ isLow: true, freeBytes: 5e6, reserveBytes: 1 });
          },
        }),
      mayLogErrors: true,
    });
    const operator = as("op", { role: "operator", queue: ["*"], event_type: ["*"], service: ["*"] });
    const viewer = as("v", { role: "viewer", queue: ["mail.*"] });
    await server.queue.getQueue({ name: "jobs" }, viewer).catch(() => undefined);
    const all = await server.monitor.getStatus({}, operator);
    expect(all.problems.map(inShort)).toEqual(["CRITICAL DISK_LOW  0", "NOTICE CALLS_REFUSED  1"]);
    expect((await server.monitor.getStatus({}, viewer)).problems.map(inShort)).toEqual(["CRITICAL DISK_LOW  0"]);
  });

  it("shows of queues only those in scope", async () => {
    await using server = await startServer({ authenticator: trustingAuthenticator });
    const admin = as("root", { role: "admin" });
    const task = { type: "t", payload: { kind: { case: "binary" as const, value: new Uint8Array() } } };
    for (const queue of ["mail.in", "mail.out", "jobs"])
      await server.queue.enqueue({ task: { ...task, queue } }, admin);
    const viewer = as("v", { role: "viewer", queue: ["mail.*"] });
    const { problems, totals } = await server.monitor.getStatus({}, viewer);
    expect(problems.map(({ subject }) => subject.value).sort()).toEqual(["mail.in", "mail.out"]);
    expect(totals).toMatchObject({ queues: 2, pending: 2n });
    const page = await server.monitor.getOverview({ pageSize: 1 }, viewer);
    expect(page.queues.map(({ name }) => name)).toEqual(["mail.in"]);
    expect(page.totals?.queues).toBe(2);
    const rest = await server.monitor.getOverview({ pageSize: 1, pageToken: page.nextPageToken }, viewer);
    expect(rest.queues.map(({ name }) => name)).toEqual(["mail.out"]);
    expect(rest).toMatchObject({ nextPageToken: "", problems: [], totals: undefined });
  });
});
