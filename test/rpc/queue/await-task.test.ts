import { status } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, json, read, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

async function startServerWithTask() {
  const clock = createFakeClock();
  const server = await startServer({ clock });
  const task = await enqueue(server);
  return { clock, server, task };
}

/** One connection's calls are begun in order: when this one is answered, those before it wait. */
const othersWait = (server: TestServer) => server.queue.listQueues({});

it("answers when the task is finished, with its result", async () => {
  const { server, task } = await startServerWithTask();
  await using _ = server;
  const waiting = server.queue.awaitTask({ taskId: task.id });
  await othersWait(server);
  const worker = await connectWorker(server);
  await worker.end(await worker.take(1), { case: "completed", value: { result: json("out") } });
  expect(await waiting).toMatchObject({
    task: { state: TaskState.COMPLETED, result: json("out"), attempts: [{ attempt: 1 }] },
  });
});

it("answers at once where the task is finished already", async () => {
  const { server, task } = await startServerWithTask();
  await using _ = server;
  await server.queue.cancelTask({ taskId: task.id, reason: "no stock" });
  const { task: found } = await server.queue.awaitTask({ taskId: task.id });
  expect(found).toMatchObject({ state: TaskState.CANCELLED, lastError: { message: "no stock" } });
});

it.each([
  ["30 seconds where none is said", null, 30_000],
  ["the timeout that is said", 600_000, 600_000],
])("answers the unfinished task after %s, and not before", async (_name, said, timeoutMs) => {
  const extra = said === null ? {} : { timeout: span(said) };
  const { server, clock, task } = await startServerWithTask();
  await using _ = server;
  let answered = false;
  const waiting = server.queue.awaitTask({ taskId: task.id, ...extra }).finally(() => {
    answered = true;
  });
  await othersWait(server);
  clock.advance(timeoutMs - 1);
  await othersWait(server);
  expect(answered).toBe(false);
  clock.advance(1);
  expect(await waiting).toMatchObject({ task: { id: task.id, state: TaskState.PENDING } });
});

it("only looks where the timeout is 0", async () => {
  const { server, task } = await startServerWithTask();
  await using _ = server;
  const { task: found } = await server.queue.awaitTask({ taskId: task.id, timeout: span(0) });
  expect(found?.state).toBe(TaskState.PENDING);
});

it("goes on waiting through a retry", async () => {
  const { server, task, clock } = await startServerWithTask();
  await using _ = server;
  const waiting = server.queue.awaitTask({ taskId: task.id });
  const worker = await connectWorker(server);
  await worker.end(await worker.take(1), { case: "failed", value: { retryDelay: span(2_000) } });
  clock.advance(2_000);
  await worker.end(await worker.take(1), { case: "completed", value: {} });
  expect(await waiting).toMatchObject({ task: { state: TaskState.COMPLETED, attempt: 2 } });
});

it("says so when the task is deleted meanwhile", async () => {
  const { server, task } = await startServerWithTask();
  await using _ = server;
  const refusal = refusalOf(server.queue.awaitTask({ taskId: task.id }));
  await othersWait(server);
  await server.queue.deleteTask({ taskId: task.id });
  expect(await refusal).toMatchObject({ code: "NOT_FOUND", reason: "TASK_NOT_FOUND", field: "task_id" });
});

it("knows no task that is not there", async () => {
  const { server } = await startServerWithTask();
  await using _ = server;
  expect(await refusalOf(server.queue.awaitTask({ taskId: "nobody" }))).toMatchObject({ reason: "TASK_NOT_FOUND" });
});

it.each([-1, 600_001])("refuses a timeout out of bounds: %d ms", async (timeoutMs) => {
  const timeout = span(timeoutMs);
  const { server, task } = await startServerWithTask();
  await using _ = server;
  expect(await refusalOf(server.queue.awaitTask({ taskId: task.id, timeout }))).toMatchObject({ field: "timeout" });
});

it("answers everybody who waits for one task", async () => {
  const { server, task } = await startServerWithTask();
  await using _ = server;
  const waiting = Array.from({ length: 50 }, () => server.queue.awaitTask({ taskId: task.id }));
  await othersWait(server);
  await server.queue.cancelTask({ taskId: task.id });
  const answers = await Promise.all(waiting);
  expect(new Set(answers.map((answer) => answer.task?.state))).toEqual(new Set([TaskState.CANCELLED]));
});

it("forgets a client that goes away, and answers the others", async () => {
  const { server, task, clock } = await startServerWithTask();
  await using _ = server;
  const timers = clock.pendingTimers;
  const leaving = new AbortController();
  const left = server.queue.awaitTask({ taskId: task.id }, { signal: leaving.signal });
  const staying = server.queue.awaitTask({ taskId: task.id });
  await othersWait(server);
  expect(clock.pendingTimers).toBe(timers + 2);
  leaving.abort();
  await expect(left).rejects.toMatchObject({ code: status.CANCELLED });
  await othersWait(server);
  expect(clock.pendingTimers).toBe(timers + 1);
  await server.queue.cancelTask({ taskId: task.id });
  expect((await staying).task?.state).toBe(TaskState.CANCELLED);
  expect((await read(server, task)).state).toBe(TaskState.CANCELLED);
});
