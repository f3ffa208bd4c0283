import { describe, expect, it } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, ms, present, read, readQueue, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { watch } from "../../harness/watch.ts";

describe("rule 9: time on the wire is the server's", () => {
  it("tells the server's time in its heartbeats, before an interval is over, whatever the machine's clock says", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const worker = await connectWorker(server);
    clock.advance(9_000);
    expect(ms((await worker.next("heartbeat")).serverTime)).toBe(clock.now());
    worker.send({ case: "heartbeat", value: {} });
    await worker.heard();
    clock.jump(-86_400_000);
    clock.advance(9_000);
    clock.advance(9_000);
    expect(ms((await worker.next("heartbeat")).serverTime)).toBe(clock.now() + 86_400_000);
  });

  it("says its heartbeats to many workers at the same moment, whenever they came", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const workers: Awaited<ReturnType<typeof connectWorker>>[] = [];
    for (let i = 0; i < 5; i++) {
      workers.push(await connectWorker(server, { workerId: `worker-${i}` }));
      clock.advance(100);
    }
    clock.advance(9_500);
    const times = await Promise.all(workers.map(async (worker) => ms((await worker.next("heartbeat")).serverTime)));
    expect(new Set(times)).toEqual(new Set([clock.now() - 1_000]));
  });

  it("says nothing in an interval in which it has said something else", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const worker = await connectWorker(server);
    for (let i = 0; i < 4; i++) {
      await worker.heard();
      clock.advance(10_000);
    }
    await worker.heard();
    expect(worker.messages.map((message) => message.case)).not.toContain("heartbeat");
  });

  it("dates everything by its own clock", async () => {
    const clock = createFakeClock(Date.UTC(2030, 0, 1));
    await using server = await startServer({ clock });
    const worker = await connectWorker(server);
    const task = await enqueue(server);
    const [held] = await worker.take(1);
    const progress = { fraction: 0.5, message: "half", updateTime: { seconds: 7n, nanos: 0 } };
    const { id: taskId, attempt } = present(held);
    worker.send({ case: "heartbeat", value: { progress: [{ taskId, attempt, progress }] } });
    await worker.heard();
    const running = await read(server, task);
    expect(running.progress).toMatchObject({ fraction: 0.5, message: "half" });
    const { workers } = await server.worker.listWorkers({});
    const times = [held?.createTime, running.startTime, running.progress?.updateTime];
    times.push(workers[0]?.connectTime, workers[0]?.lastSeenTime);
    expect(times.map(ms)).toEqual(Array(5).fill(Date.UTC(2030, 0, 1)));
  });

  it("offers a task when the time that its producer chose has come, also by a jump of the clock that lasts", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const worker = await connectWorker(server);
    const scheduleTime = { seconds: BigInt(clock.now() / 1_000 + 3_600), nanos: 0 };
    const task = await enqueue(server, { scheduleTime });
    clock.jump(3_600_000);
    await server.timeSeen();
    for (let tens = 0; tens < 8; tens++) {
      clock.advance(10_000);
      worker.send({ case: "heartbeat", value: {} });
      await worker.heard();
    }
    expect(await worker.take(1)).toMatchObject([{ id: task.id }]);
  });

  it("fails a task that is not begun before its time to live is over", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const task = await enqueue(server, { timeToLive: span(5_000), delay: span(5_000) });
    const waiting = server.queue.awaitTask({ taskId: task.id });
    await server.queue.listQueues({});
    clock.advance(5_000);
    expect((await waiting).task).toMatchObject({ state: TaskState.FAILED, attempt: 0, lastError: { type: "EXPIRED" } });
  });
});

describe("rule 10: no poll sits between an enqueue and an idle worker", () => {
  it("hands a task out in the commit that stores it", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const worker = await connectWorker(server);
    // By then it is known how the queue deals out its tasks.
    await enqueue(server);
    await worker.complete(...(await worker.take(1)));
    const messages = server.queue.watchTasks({})[Symbol.asyncIterator]();
    await messages.next();
    const task = await enqueue(server);
    expect(await worker.take(1)).toMatchObject([{ id: task.id }]);
    const { value } = await messages.next();
    expect(value?.changes.map(({ state }: { state: TaskState }) => TaskState[state])).toEqual(["PENDING", "RUNNING"]);
    await messages.return?.();
    expect(clock.monotonic()).toBe(0);
  });

  it("hands out a batch as far as there is room, and the rest as room comes, with no clock moving", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const workers = [
      await connectWorker(server, { workerId: "a", capacity: 20 }),
      await connectWorker(server, { workerId: "b", capacity: 30 }),
    ];
    const seen = await watch(server, { filter: { states: [TaskState.COMPLETED] } });
    await enqueueMany(server, 500);
    const working = workers.map(async (worker) => {
      for (;;) await worker.complete(...(await worker.next("tasks")).tasks);
    });
    await seen.count(500);
    for (const worker of workers) worker.cut();
    await Promise.allSettled(working);
    expect((await readQueue(server)).statistics).toMatchObject({ completed: 500n, pending: 0n, running: 0n });
    expect(clock.monotonic()).toBe(0);
  });

  it("wakes an idle worker by everything that makes a task ready", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const worker = await connectWorker(server);
    const { queue } = server;
    const task = await enqueue(server);
    const [first] = await worker.take(1);
    await worker.end([present(first)], { case: "failed", value: { terminal: true } });
    await queue.retryTask({ taskId: task.id });
    await worker.end(await worker.take(1), { case: "failed", value: { retryDelay: span(0) } });
    await worker.end(await worker.take(1), { case: "released", value: {} });
    await worker.end(await worker.take(1), { case: "failed", value: { retryDelay: span(60_000) } });
    await queue.retryTask({ taskId: task.id });
    await worker.end(await worker.take(1), { case: "failed", value: { terminal: true } });
    await queue.retryTasks({ filter: { queue: "orders" } });
    await worker.complete(...(await worker.take(1)));
    expect(clock.monotonic()).toBe(0);
  });
});
