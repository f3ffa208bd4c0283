import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { AttemptOutcome, type Task, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, json, ms, present, read, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";

const failed = { case: "failed", value: { error: { message: "no paper", type: "PrinterError" } } } as const;
const released = { case: "released", value: {} } as const;

describe("rule 4: settled is said after the commit", () => {
  it("finds everything that was settled in the files as they were at that moment", async () => {
    await using dir = await createTempDir();
    await using server = await startServer();
    const tasks = await enqueueMany(server, 30);
    const worker = await connectWorker(server, { capacity: 30 });
    const taken = await worker.take(30);
    for (const part of [taken.slice(0, 10), taken.slice(10, 20)]) await worker.complete(...part);
    // What a power cut would leave: nobody has closed them.
    for (const suffix of ["", "-wal"]) {
      if (existsSync(server.dbPath + suffix)) await copyFile(server.dbPath + suffix, dir.file(`copy.db${suffix}`));
    }
    await using after = await startServer({ dbPath: dir.file("copy.db") });
    const isCompleted = async (task: Task) => (await read(after, task)).state === TaskState.COMPLETED;
    const completed = await Promise.all(tasks.map(isCompleted));
    expect(completed).toEqual([...Array(20).fill(true), ...Array(10).fill(false)]);
  });

  it("answers an outcome that is sent again after a restart as the first time", async () => {
    await using server = await startServer();
    const [first, second] = await enqueueMany(server, 2);
    const worker = await connectWorker(server);
    const taken = await worker.take(2);
    await worker.complete(present(taken[0]));
    await server.restart();
    const back = await connectWorker(server, { held: taken.map(({ id: taskId, attempt }) => ({ taskId, attempt })) });
    expect(back.welcome.kept).toMatchObject([{ taskId: second?.id }]);
    expect(await back.complete(...taken)).toEqual(["SETTLED", "SETTLED"]);
    expect(await read(server, present(first))).toMatchObject({ state: TaskState.COMPLETED, attempt: 1 });
  });

  it("answers outcomes in the order in which they came, over several messages", async () => {
    await using server = await startServer();
    await enqueueMany(server, 10);
    const worker = await connectWorker(server);
    const taken = await worker.take(10);
    const halves = [taken.slice(0, 5), taken.slice(5)];
    const settled = await Promise.all(
      halves.map((half) =>
        worker.settle(
          half.map(({ id, attempt }) => ({ taskId: id, attempt, outcome: { case: "completed", value: {} } })),
        ),
      ),
    );
    expect(settled.flat().map(({ taskId }) => taskId)).toEqual(taken.map(({ id }) => id));
  });

  it("settles what came before the worker said that it has nothing more to say", async () => {
    await using server = await startServer();
    const task = await enqueue(server);
    const worker = await connectWorker(server);
    const [held] = await worker.take(1);
    const settled = worker.complete(present(held));
    worker.close();
    expect(await settled).toEqual(["SETTLED"]);
    expect(await worker.ended).toBeNull();
    expect((await read(server, task)).state).toBe(TaskState.COMPLETED);
  });
});

describe("rule 5: a release burns no attempt, a failure is retried after its backoff until the attempts are used up", () => {
  it("hands a released task out again with the same attempt, in its old place in line", async () => {
    await using server = await startServer();
    const [first] = await enqueueMany(server, 3, { maxAttempts: 1 });
    const worker = await connectWorker(server, { capacity: 1 });
    const taken = await worker.take(1);
    expect(taken).toMatchObject([{ id: first?.id, attempt: 1 }]);
    expect(await worker.end(taken, released)).toEqual(["SETTLED"]);
    expect(await worker.take(1)).toMatchObject([{ id: first?.id, attempt: 1 }]);
    const { attempts } = await read(server, present(first));
    expect(attempts).toMatchObject([{ attempt: 1, outcome: AttemptOutcome.RELEASED }, { attempt: 1 }]);
  });

  it("hands a task that is released again and again out less and less often, and others meanwhile", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const task = await enqueue(server);
    const worker = await connectWorker(server, { capacity: 1 });
    await worker.end(await worker.take(1), released);
    await worker.end(await worker.take(1), released);
    const other = await enqueue(server);
    const taken = await worker.take(1);
    expect(taken).toMatchObject([{ id: other.id }]);
    await worker.complete(...taken);
    clock.advance(99);
    await worker.heard();
    expect(worker.tasks).toHaveLength(3);
    clock.advance(1);
    expect(await worker.take(1)).toMatchObject([{ id: task.id, attempt: 1 }]);
  });

  it("shows why a task was released, and holds back one without a handler", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const task = await enqueue(server);
    const worker = await connectWorker(server);
    await worker.end(await worker.take(1), { case: "released", value: { reason: "NO_HANDLER" } });
    const { state, lastError, attempt, attempts } = await read(server, task);
    const error = { type: "NO_HANDLER", message: `The worker packer does not handle ${task.type}.` };
    expect({ state, lastError, attempt }).toMatchObject({ state: TaskState.SCHEDULED, lastError: error, attempt: 0 });
    expect(attempts).toMatchObject([{ outcome: AttemptOutcome.RELEASED, error }]);
    clock.advance(1_000);
    expect(await worker.take(1)).toMatchObject([{ id: task.id, attempt: 1 }]);
  });

  it("hands it out after the delay that the release asks for", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const task = await enqueue(server);
    const worker = await connectWorker(server);
    await worker.end(await worker.take(1), { case: "released", value: { delay: span(2_000) } });
    clock.advance(1_999);
    await worker.heard();
    expect(worker.tasks).toHaveLength(1);
    clock.advance(1);
    expect(await worker.take(1)).toMatchObject([{ id: task.id, attempt: 1 }]);
  });

  it.each([
    ["the least of its jitter", 0, [800, 1_600, 3_200, 4_000, 4_000]],
    ["the middle", 0.5, [1_000, 2_000, 4_000, 5_000, 5_000]],
    ["three quarters", 0.75, [1_100, 2_200, 4_400, 5_500, 5_500]],
  ])("waits as the retry policy says, at %s", async (_name, random, delays) => {
    const clock = createFakeClock();
    await using server = await startServer({ clock, random: () => random });
    const retryPolicy = { initialBackoff: span(1_000), maxBackoff: span(5_000), multiplier: 2, jitter: 0.2 };
    const task = await enqueue(server, { retryPolicy, maxAttempts: 6 });
    const worker = await connectWorker(server);
    for (const [index, delayMs] of delays.entries()) {
      const attempt = index + 1;
      const taken = await worker.take(1);
      expect(taken).toMatchObject([{ id: task.id, attempt }]);
      await worker.end(taken, failed);
      const waiting = await read(server, task);
      expect(waiting).toMatchObject({ state: TaskState.SCHEDULED, attempt, lastError: failed.value.error });
      expect(ms(waiting.scheduleTime) - clock.now()).toBe(delayMs);
      clock.advance(delayMs - 1);
      await worker.heard();
      expect(worker.tasks).toHaveLength(attempt);
      clock.advance(1);
    }
    await worker.end(await worker.take(1), failed);
    const { state, attempts, finishTime } = await read(server, task);
    expect([state, attempts.length, ms(finishTime)]).toEqual([TaskState.FAILED, 6, clock.now()]);
    clock.advance(60_000);
    await server.queue.listQueues({});
    expect((await read(server, task)).state).toBe(TaskState.FAILED);
  });

  it.each([1, 3])("fails a task after exactly %d attempts, and keeps every one on record", async (maxAttempts) => {
    await using server = await startServer();
    const task = await enqueue(server, { maxAttempts });
    const worker = await connectWorker(server);
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      expect((await read(server, task)).state).not.toBe(TaskState.FAILED);
      await worker.end(await worker.take(1), { case: "failed", value: { ...failed.value, retryDelay: span(0) } });
    }
    await worker.heard();
    expect(worker.tasks).toHaveLength(maxAttempts);
    const { state, attempts, lastError } = await read(server, task);
    expect(state).toBe(TaskState.FAILED);
    expect(attempts.map(({ attempt }) => attempt)).toEqual(Array.from({ length: maxAttempts }, (_, i) => i + 1));
    expect(lastError).toMatchObject(failed.value.error);
  });

  it("does not try again what failed for good", async () => {
    await using server = await startServer();
    const task = await enqueue(server);
    const worker = await connectWorker(server);
    await worker.end(await worker.take(1), { case: "failed", value: { ...failed.value, terminal: true } });
    expect(await read(server, task)).toMatchObject({ state: TaskState.FAILED, attempt: 1, maxAttempts: 5 });
  });

  it("tries again when the failure itself says when", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const task = await enqueue(server);
    const worker = await connectWorker(server);
    await worker.end(await worker.take(1), { case: "failed", value: { retryDelay: span(7_000) } });
    expect(ms((await read(server, task)).scheduleTime)).toBe(clock.now() + 7_000);
    clock.advance(7_000);
    expect(await worker.take(1)).toMatchObject([{ attempt: 2 }]);
  });

  it("cuts an error to its bounds at a character, and ends the task all the same", async () => {
    await using server = await startServer();
    const task = await enqueue(server);
    const worker = await connectWorker(server);
    const error = { message: "é".repeat(9_000), type: "T".repeat(300), stackTrace: "💥".repeat(9_000) };
    expect(await worker.end(await worker.take(1), { case: "failed", value: { error, terminal: true } })).toEqual([
      "SETTLED",
    ]);
    const { lastError } = await read(server, task);
    expect(lastError).toMatchObject({
      message: "é".repeat(4_096),
      type: "T".repeat(200),
      stackTrace: "💥".repeat(4_096),
    });
  });

  it("keeps a failed task until it is put back, and its result when it completes", async () => {
    await using server = await startServer();
    const task = await enqueue(server, { maxAttempts: 1 });
    const worker = await connectWorker(server);
    await worker.end(await worker.take(1), failed);
    const { tasks } = await server.queue.listTasks({ filter: { states: [TaskState.FAILED] } });
    expect(tasks).toMatchObject([{ id: task.id, lastError: failed.value.error }]);
    await server.queue.retryTask({ taskId: task.id });
    await worker.end(await worker.take(1), { case: "completed", value: { result: json({ ok: true }) } });
    expect(await read(server, task)).toMatchObject({
      state: TaskState.COMPLETED,
      attempt: 2,
      result: json({ ok: true }),
    });
  });
});
