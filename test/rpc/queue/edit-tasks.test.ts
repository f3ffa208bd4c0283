import type { MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import type { UpdateTaskRequestSchema } from "../../../gen/sitq/v1/queue_service_pb.js";
import { enqueue } from "../../harness/calls/tasks.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const server = shareServer();

/** A task that is FAILED, with its one attempt used. */
async function failedTask(queue: string) {
  const headers = { tenant: "a" };
  const payload = { kind: { case: "json", value: { kind: { case: "stringValue", value: "old" } } } } as const;
  const { id: taskId } = await enqueue(server(), { queue, maxAttempts: 1, priority: 3, headers, payload });
  const [task] = (await server().worker.claimTasks({ workerId: "w", queues: [queue] })).tasks;
  await server().worker.failTask({ workerId: "w", taskId, attempt: task?.attempt ?? 0, error: { type: "Odd" } });
  return taskId;
}

test("runs a finished task again as another one, with its content or another payload", async () => {
  const queue = freshQueue();
  const taskId = await failedTask(queue);
  const first = await server().queue.rerunTask({ taskId, requestId: "again" });
  expect(first).toMatchObject({ created: true, task: { queue, priority: 3, state: 3 } });
  expect(await server().queue.rerunTask({ taskId, requestId: "again" })).toMatchObject({
    created: false,
    task: { id: first.task?.id },
  });
  const payload = { kind: { case: "json", value: { kind: { case: "stringValue", value: "new" } } } } as const;
  await expect(server().queue.rerunTask({ taskId, requestId: "again", payload })).rejects.toMatchObject({
    reason: "REQUEST_ID_REUSED",
  });
  const second = await server().queue.rerunTask({ taskId, payload });
  const [same, other, old] = await Promise.all(
    [first.task?.id, second.task?.id, taskId].map((id = "") => server().queue.getTask({ taskId: id })),
  );
  expect(same?.task).toMatchObject({
    origin: { rerunOfTaskId: taskId },
    headers: { tenant: "a" },
    maxAttempts: 1,
    payload: { kind: { value: { kind: { value: "old" } } } },
  });
  expect(other?.task).toMatchObject({ payload: { kind: { value: { kind: { value: "new" } } } } });
  expect(old?.task).toMatchObject({ state: 6, attempt: 1 });
});

test("gives the copy of a task that was retried one allowance of attempts, not two", async () => {
  const queue = freshQueue();
  const taskId = await failedTask(queue);
  await server().queue.retryTask({ taskId });
  const [task] = (await server().worker.claimTasks({ workerId: "w", queues: [queue] })).tasks;
  await server().worker.completeTask({ workerId: "w", taskId, attempt: task?.attempt ?? 0 });
  expect((await server().queue.getTask({ taskId })).task).toMatchObject({ maxAttempts: 2 });
  const { task: copy } = await server().queue.rerunTask({ taskId });
  expect((await server().queue.getTask({ taskId: copy?.id ?? "" })).task).toMatchObject({ maxAttempts: 1 });
});

test("changes what waits by the fields that are set, or that the mask names, and wakes who can take it", async () => {
  const [queue, other] = [freshQueue(), freshQueue()];
  const { id } = await enqueue(server(), { queue, priority: 5, delay: { seconds: 3_600n } });
  expect(await server().queue.updateTask({ task: { id, priority: 9 } })).toMatchObject({
    task: { priority: 9, state: 2 },
  });
  await server().queue.updateTask({ task: { id }, updateMask: { paths: ["priority"] } });
  expect((await server().queue.getTask({ taskId: id })).task).toMatchObject({ priority: 0, queue });
  const waiting = server().worker.claimTasks({ workerId: "w", queues: [other], wait: { seconds: 30n } });
  await server().queue.updateTask({ task: { id, queue: other, delay: {} } });
  expect((await waiting).tasks).toMatchObject([{ id, queue: other }]);
});

test("refuses a change that cannot be, by its field", async () => {
  const scheduleTime = { seconds: 1n };
  const cases: [MessageInitShape<typeof UpdateTaskRequestSchema>, string][] = [
    [{}, "task"],
    [{ task: { id: "x", queue: "no good" } }, "task.queue"],
    [{ task: { id: "x", priority: 1_001 } }, "task.priority"],
    [{ task: { id: "x", delay: { seconds: 1n }, scheduleTime } }, "task.delay"],
    [{ task: { id: "x" }, updateMask: { paths: ["type"] } }, "update_mask.paths[0]"],
    [{ task: { id: "x", scheduleTime: { seconds: 99_999_999_999n } } }, "task.schedule_time"],
  ];
  for (const [request, field] of cases) {
    await expect(server().queue.updateTask(request), field).rejects.toMatchObject({ reason: "INVALID_FIELD", field });
  }
});
