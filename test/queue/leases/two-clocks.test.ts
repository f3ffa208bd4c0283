import { describe, expect, it } from "vitest";
import { AttemptOutcome, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { WorkerState } from "../../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, json, ms, present, read, span, type TaskInit } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { watch } from "../../harness/watch.ts";

const leaseMs = 30_000;
const beatMs = 10_000;
const heartbeat = { case: "heartbeat", value: {} } as const;

/** A server whose clock stands still, and a worker that holds the only task. */
async function startWithHeldTask(task: TaskInit = {}) {
  const clock = createFakeClock();
  const server = await startServer({ clock, random: () => 0.5 });
  const stored = await enqueue(server, task);
  const worker = await connectWorker(server);
  const [held] = await worker.take(1);
  const seen = await watch(server);
  return { clock, server, task: stored, worker, held: present(held), seen };
}

/** Waits until the server has heard a worker at this time. A heartbeat has no answer, and asking on its stream is a sign of life. */
async function untilSeen(server: TestServer, atMs: number) {
  for (;;) {
    const { workers } = await server.worker.listWorkers({});
    if (workers.some(({ lastSeenTime }) => ms(lastSeenTime) === atMs)) return;
  }
}

const held = ({ id: taskId, attempt }: { id: string; attempt: number }) => ({ taskId, attempt });

describe("rule 3: a heartbeat keeps the leases, an attempt has a bound of its own", () => {
  it("tells the worker both clocks, and that it holds nothing", async () => {
    await using server = await startServer({ config: { leaseDurationMs: 6_000, heartbeatIntervalMs: 1_500 } });
    const { welcome } = await connectWorker(server, { workerId: "" });
    expect(welcome).toMatchObject({
      leaseDuration: span(6_000),
      heartbeatInterval: span(1_500),
      kept: [],
      lost: [],
    });
    expect(welcome.workerId).toMatch(/^worker-\w/);
  });

  it("keeps all leases of a worker that says anything often enough", async () => {
    const { server, clock, task, worker, held } = await startWithHeldTask();
    await using _ = server;
    const signs = [
      () => worker.send(heartbeat),
      () => worker.send({ case: "capacity", value: { n: 10 } }),
      () => void worker.settle([]),
    ];
    for (const sign of [...signs, ...signs]) {
      clock.advance(leaseMs - 1);
      sign();
      await untilSeen(server, clock.now());
    }
    expect(await read(server, task)).toMatchObject({ state: TaskState.RUNNING, attempt: 1 });
    expect(await worker.complete(held)).toEqual(["SETTLED"]);
  });

  it("ends the leases of a silent worker when the time is up, and not before", async () => {
    const { server, clock, task, worker, seen } = await startWithHeldTask({ maxAttempts: 2 });
    await using _ = server;
    clock.advance(leaseMs - 1);
    await server.queue.listQueues({});
    expect((await read(server, task)).state).toBe(TaskState.RUNNING);
    clock.advance(1);
    await seen.state(task.id, TaskState.PENDING);
    expect(await worker.ended).toMatchObject({ reason: "HEARTBEAT_TIMEOUT", codeName: "DEADLINE_EXCEEDED" });
    expect(await read(server, task)).toMatchObject({
      state: TaskState.PENDING,
      attempt: 1,
      lastError: { type: "LEASE_LOST" },
      attempts: [{ attempt: 1, outcome: AttemptOutcome.LEASE_LOST, error: { type: "LEASE_LOST" } }],
    });
  });

  it.each(["the task's own", "the queue's"])(
    "ends an attempt by %s bound, however alive its worker is",
    async (whose) => {
      const clock = createFakeClock();
      await using server = await startServer({ clock, random: () => 0.5 });
      const attemptTimeout = span(15_000);
      if (whose === "the queue's")
        await server.queue.updateQueue({ queue: { name: "orders", attemptTimeout }, allowMissing: true });
      const task = await enqueue(server, whose === "the queue's" ? {} : { attemptTimeout });
      const worker = await connectWorker(server);
      const [first] = await worker.take(1);
      expect(first?.attemptTimeout).toMatchObject(attemptTimeout);
      clock.advance(beatMs);
      worker.send(heartbeat);
      await worker.heard();
      clock.advance(5_000);
      const { tasks } = await worker.next("cancel");
      expect(tasks).toMatchObject([{ taskId: task.id, attempt: 1, reason: "ATTEMPT_TIMEOUT" }]);
      expect(await worker.complete(present(first))).toEqual(["STALE"]);
      expect(await read(server, task)).toMatchObject({
        state: TaskState.SCHEDULED,
        lastError: { type: "ATTEMPT_TIMEOUT" },
        attempts: [{ outcome: AttemptOutcome.TIMED_OUT }],
      });
      clock.advance(1_000);
      expect(await worker.take(1)).toMatchObject([{ id: task.id, attempt: 2 }]);
    },
  );

  it("fails a task whose last attempt ran too long", async () => {
    const { server, clock, task, worker, seen } = await startWithHeldTask({
      attemptTimeout: span(1_000),
      maxAttempts: 1,
    });
    await using _ = server;
    clock.advance(1_000);
    await seen.state(task.id, TaskState.FAILED);
    expect((await worker.next("cancel")).tasks).toHaveLength(1);
    expect((await read(server, task)).lastError).toMatchObject({ type: "ATTEMPT_TIMEOUT" });
  });

  it("keeps the leases of a stream that broke until the time is up, and shows its worker as gone", async () => {
    const { server, clock, task, worker, seen } = await startWithHeldTask();
    await using _ = server;
    clock.advance(beatMs);
    worker.send(heartbeat);
    await worker.heard();
    worker.cut();
    await server.logged("worker disconnected");
    const gone = { id: "packer", inFlight: 1, queues: ["orders"], state: WorkerState.DISCONNECTED };
    expect((await server.worker.listWorkers({})).workers).toMatchObject([gone]);
    const other = await connectWorker(server, { workerId: "other", capacity: 1 });
    clock.advance(leaseMs - 1);
    other.send(heartbeat);
    await other.heard();
    expect(other.tasks).toEqual([]);
    expect((await read(server, task)).state).toBe(TaskState.RUNNING);
    clock.advance(1);
    expect(await other.take(1)).toMatchObject([{ id: task.id, attempt: 2 }]);
    await seen.state(task.id, TaskState.RUNNING);
    expect(seen.statesOf(task.id)).toEqual(["PENDING", "RUNNING"]);
    expect((await server.worker.listWorkers({})).workers).toMatchObject([{ id: "other" }]);
  });

  it("lets a worker that is back in time go on with what it holds", async () => {
    const { server, clock, task, worker, held: first } = await startWithHeldTask();
    await using _ = server;
    worker.cut();
    await server.logged("worker disconnected");
    clock.advance(leaseMs - 1);
    const back = await connectWorker(server, { held: [held(first)] });
    expect(back.welcome).toMatchObject({ kept: [held(first)], lost: [] });
    clock.advance(leaseMs - 1);
    back.send(heartbeat);
    await back.heard();
    expect(await back.end([first], { case: "completed", value: { result: json("after all") } })).toEqual(["SETTLED"]);
    expect(await read(server, task)).toMatchObject({
      state: TaskState.COMPLETED,
      attempt: 1,
      result: json("after all"),
    });
    expect(back.tasks).toEqual([]);
  });

  it("counts what is kept as in flight", async () => {
    const { server, worker, held: first } = await startWithHeldTask();
    await using _ = server;
    worker.cut();
    const back = await connectWorker(server, { held: [held(first)], capacity: 1 });
    await enqueue(server);
    await back.heard();
    expect(back.tasks).toEqual([]);
    await back.complete(first);
    await back.take(1);
  });

  it("bounds the attempt across a reconnect", async () => {
    const { server, clock, worker, held: first } = await startWithHeldTask({ attemptTimeout: span(12_000) });
    await using _ = server;
    clock.advance(beatMs);
    worker.cut();
    const back = await connectWorker(server, { held: [held(first)] });
    clock.advance(2_000);
    expect((await back.next("cancel")).tasks).toMatchObject([{ ...held(first), reason: "ATTEMPT_TIMEOUT" }]);
  });

  it("tells a worker that is back too late what it has lost", async () => {
    const { server, clock, task, worker, held: first, seen } = await startWithHeldTask();
    await using _ = server;
    const cancelled = await enqueue(server);
    const [second] = await worker.take(1);
    worker.cut();
    await server.logged("worker disconnected");
    await server.queue.cancelTask({ taskId: cancelled.id });
    clock.advance(leaseMs);
    await seen.state(task.id, TaskState.PENDING);
    const all = [held(first), held(present(second)), { taskId: "nobody", attempt: 3 }];
    const back = await connectWorker(server, { held: all, capacity: 0 });
    expect(back.welcome).toMatchObject({ kept: [], lost: all });
    expect(await back.complete(first, present(second))).toEqual(["STALE", "STALE"]);
  });

  it("offers what never arrived again at once, as the same attempt", async () => {
    const { server, task, worker, held: first } = await startWithHeldTask({ maxAttempts: 1 });
    await using _ = server;
    const second = await enqueue(server);
    await worker.take(1);
    worker.cut();
    const back = await connectWorker(server, { held: [held(first)] });
    expect(back.welcome).toMatchObject({ kept: [held(first)], lost: [] });
    expect(await back.take(1)).toMatchObject([{ id: second.id, attempt: 1 }]);
    expect(await read(server, second)).toMatchObject({
      attempt: 1,
      attempts: [{ outcome: AttemptOutcome.RELEASED }, { outcome: AttemptOutcome.UNSPECIFIED }],
    });
    expect((await read(server, task)).attempts).toHaveLength(1);
  });

  it("offers what never arrived to whoever is free", async () => {
    const { server, task, worker } = await startWithHeldTask({ maxAttempts: 1 });
    await using _ = server;
    const other = await connectWorker(server, { workerId: "other" });
    worker.cut();
    await connectWorker(server, { capacity: 0 });
    expect(await other.take(1)).toMatchObject([{ id: task.id, attempt: 1 }]);
  });

  it("takes a held task with another attempt's number for lost, and its own for never arrived", async () => {
    const { server, worker, held: first } = await startWithHeldTask();
    await using _ = server;
    worker.cut();
    const wrong = { taskId: first.id, attempt: 2 };
    const back = await connectWorker(server, { held: [wrong] });
    expect(back.welcome).toMatchObject({ kept: [], lost: [wrong] });
    expect(await back.take(1)).toMatchObject([{ id: first.id, attempt: 1 }]);
  });

  it("does not let a worker name what another one holds", async () => {
    const { server, held: first } = await startWithHeldTask();
    await using _ = server;
    const other = await connectWorker(server, { workerId: "other", held: [held(first)] });
    expect(other.welcome).toMatchObject({ kept: [], lost: [held(first)] });
  });

  it("fails a task that loses its worker each time, after exactly max_attempts", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const seen = await watch(server);
    const task = await enqueue(server, { maxAttempts: 3 });
    for (const attempt of [1, 2, 3]) {
      const worker = await connectWorker(server, { workerId: `victim-${attempt}` });
      expect(await worker.take(1)).toMatchObject([{ id: task.id, attempt }]);
      clock.advance(leaseMs);
      await worker.ended;
    }
    await seen.state(task.id, TaskState.FAILED);
    const { attempts, lastError } = await read(server, task);
    expect(attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual(
      [1, 2, 3].map((attempt) => [attempt, AttemptOutcome.LEASE_LOST]),
    );
    expect(lastError?.type).toBe("LEASE_LOST");
  });

  it.each([3_600_000, -3_600_000])("ends no lease because the wall clock jumps by %d ms", async (jumpMs) => {
    const { server, clock, task, worker, held: first } = await startWithHeldTask({ attemptTimeout: span(20_000) });
    await using _ = server;
    clock.jump(jumpMs);
    clock.advance(beatMs);
    worker.send(heartbeat);
    await worker.heard();
    expect((await read(server, task)).state).toBe(TaskState.RUNNING);
    expect(await worker.complete(first)).toEqual(["SETTLED"]);
  });
});
