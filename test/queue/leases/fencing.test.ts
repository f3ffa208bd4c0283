import { describe, expect, it } from "vitest";
import { AttemptOutcome, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { SettleStatus } from "../../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, json, present, read, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();
const now = { case: "failed", value: { retryDelay: span(0) } } as const;
const done = (value: string) => ({ case: "completed", value: { result: json(value) } }) as const;

/** A worker that holds the only task of its queue. */
async function holder() {
  const server = shared();
  const queue = freshQueue();
  const task = await enqueue(server, { queue });
  const worker = await connectWorker(server, { workerId: queue, queues: [queue] });
  const [held] = await worker.take(1);
  return { server, queue, task, worker, held: present(held), workerId: queue };
}

describe("rule 2: a lease belongs to a task, an attempt and a worker", () => {
  it("answers STALE to an outcome of an older attempt, which changes nothing", async () => {
    const { server, task, worker, held } = await holder();
    await worker.end([held], now);
    const [second] = await worker.take(1);
    expect(second?.attempt).toBe(2);
    expect(await worker.end([held], done("late"))).toEqual(["STALE"]);
    expect(await read(server, task)).toMatchObject({ state: TaskState.RUNNING, attempt: 2 });
    expect(await worker.end([present(second)], done("in time"))).toEqual(["SETTLED"]);
    expect(await read(server, task)).toMatchObject({ state: TaskState.COMPLETED, result: json("in time") });
  });

  it.each([0, 2, 1_000_000, -1])(
    "answers STALE to an outcome of attempt %d, which there never was",
    async (attempt) => {
      const { server, task, worker, held } = await holder();
      expect(await worker.complete({ id: held.id, attempt })).toEqual(["STALE"]);
      expect((await read(server, task)).state).toBe(TaskState.RUNNING);
      expect(await worker.complete(held)).toEqual(["SETTLED"]);
    },
  );

  it("tells a repeat with another result that the attempt was settled, and keeps the first result", async () => {
    const { server, task, worker, held } = await holder();
    expect(await worker.end([held], done("first"))).toEqual(["SETTLED"]);
    expect(await worker.end([held], done("second"))).toEqual(["ALREADY_SETTLED"]);
    expect((await read(server, task)).result).toMatchObject(json("first"));
  });

  it("answers a repeated failure as the first time, while the retry waits and while it runs", async () => {
    const { server, task, worker, held } = await holder();
    const failed = { case: "failed", value: { retryDelay: span(3_600_000) } } as const;
    expect(await worker.end([held], failed)).toEqual(["SETTLED"]);
    expect(await worker.end([held], failed)).toEqual(["SETTLED"]);
    await server.queue.retryTask({ taskId: task.id });
    await worker.take(1);
    expect(await worker.end([held], failed)).toEqual(["SETTLED"]);
    const { state, attempts } = await read(server, task);
    expect(state).toBe(TaskState.RUNNING);
    expect(attempts.map(({ outcome }) => outcome)).toEqual([AttemptOutcome.FAILED, AttemptOutcome.UNSPECIFIED]);
  });

  it("answers a repeated release as the first time", async () => {
    const { server, task, worker, held } = await holder();
    const released = { case: "released", value: { delay: span(60_000) } } as const;
    expect(await worker.end([held], released)).toEqual(["SETTLED"]);
    expect(await worker.end([held], released)).toEqual(["SETTLED"]);
    expect(await read(server, task)).toMatchObject({ state: TaskState.SCHEDULED, attempt: 0 });
  });

  it("answers STALE to another end of an attempt that has ended", async () => {
    const { server, task, worker, held } = await holder();
    await worker.end([held], done("first"));
    expect(await worker.end([held], now)).toEqual(["STALE"]);
    expect(await worker.end([held], { case: "released", value: {} })).toEqual(["STALE"]);
    expect(await read(server, task)).toMatchObject({ state: TaskState.COMPLETED, result: json("first") });
  });

  it("answers a second end within one message by what the first one did", async () => {
    const { server, task, worker, held } = await holder();
    const { id: taskId, attempt } = held;
    const settled = await worker.settle([
      { taskId, attempt, outcome: done("first") },
      { taskId, attempt, outcome: now },
      { taskId: "nobody", attempt, outcome: now },
      { taskId, attempt, outcome: done("third") },
    ]);
    expect(settled).toMatchObject([
      { taskId, attempt, status: 1 },
      { taskId, attempt, status: 2 },
      { taskId: "nobody", attempt, status: 3 },
      { taskId, attempt, status: SettleStatus.ALREADY_SETTLED },
    ]);
    expect((await read(server, task)).result).toMatchObject(json("first"));
  });

  it("answers STALE to a worker that settles another one's task, and the holder notices nothing", async () => {
    const { server, task, worker, held, queue } = await holder();
    const thief = await connectWorker(server, { workerId: `${queue}-thief`, queues: [freshQueue()] });
    expect(await thief.complete(held)).toEqual(["STALE"]);
    expect(await thief.end([held], now)).toEqual(["STALE"]);
    expect(await read(server, task)).toMatchObject({ state: TaskState.RUNNING, workerId: queue });
    expect(await worker.complete(held)).toEqual(["SETTLED"]);
    expect(worker.messages.filter((message) => message.case === "cancel")).toEqual([]);
  });

  it("answers STALE and NOT_FOUND of tasks that were cancelled and deleted", async () => {
    const { server, task, worker, held } = await holder();
    await server.queue.cancelTask({ taskId: task.id });
    expect(await worker.complete(held)).toEqual(["STALE"]);
    await server.queue.deleteTask({ taskId: task.id });
    expect(await worker.complete(held)).toEqual(["NOT_FOUND"]);
  });

  it.each(["completeTask", "failTask", "releaseTask", "extendLease"] as const)(
    "does not take %s for a lease that a stream holds, not even from the same worker",
    async (method) => {
      const { server, task, worker, held, workerId } = await holder();
      const call = server.worker[method]({ workerId, taskId: held.id, attempt: held.attempt });
      expect(await refusalOf(call)).toMatchObject({ code: "FAILED_PRECONDITION", reason: "STALE", domain: "sitq" });
      expect((await read(server, task)).state).toBe(TaskState.RUNNING);
      expect(await worker.complete(held)).toEqual(["SETTLED"]);
    },
  );

  it("does not take a stream's word for a lease that was claimed by hand, and goes on watching that lease", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const task = await enqueue(server);
    const { tasks } = await server.worker.claimTasks({ workerId: "a", queues: ["orders"], leaseDuration: span(5_000) });
    const stream = await connectWorker(server, { workerId: "a", queues: ["parcels"] });
    expect(await stream.complete(...tasks)).toEqual(["STALE"]);
    expect(await stream.end(tasks, now)).toEqual(["STALE"]);
    expect((await read(server, task)).state).toBe(TaskState.RUNNING);

    const next = await connectWorker(server, { workerId: "b" });
    clock.advance(5_000);
    expect(await next.take(1)).toMatchObject([{ id: task.id, attempt: 2 }]);
  });
});
