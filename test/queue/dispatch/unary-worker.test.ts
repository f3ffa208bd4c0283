import type { MessageInitShape } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { CancelCode, DrainReason, type OutcomeSchema, SettleStatus } from "../../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, json, present, read, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalInStatus, refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";

const { SETTLED, STALE, NOT_FOUND, REJECTED, ALREADY_SETTLED } = SettleStatus;

it("settles many attempts in one call, each with an answer of its own", async () => {
  await using server = await startServer();
  const tasks = await enqueueMany(server, 4, { maxAttempts: 1 });
  const claimed = await server.worker.claimTasks({ workerId: "w", queues: ["orders"], maxTasks: 3 });
  const [a, b, c] = claimed.tasks.map(({ id }) => id);
  const completed = { case: "completed", value: { result: json("done") } } as const;
  const outcomes: MessageInitShape<typeof OutcomeSchema>[] = [
    { taskId: a ?? "", attempt: 1, outcome: completed },
    { taskId: b ?? "", attempt: 1, outcome: { case: "failed", value: { error: { message: "no" } } } },
    { taskId: c ?? "", attempt: 1 },
    { taskId: c ?? "", attempt: 2, outcome: completed },
    { taskId: present(tasks[3]).id, attempt: 1, outcome: completed },
    { taskId: "nothing", attempt: 1, outcome: completed },
    { taskId: c ?? "", attempt: 1, outcome: { case: "released", value: {} } },
  ];
  const settled = (await server.worker.settleTasks({ workerId: "w", outcomes })).outcomes;
  expect(settled.map(({ status }) => status)).toEqual([SETTLED, SETTLED, REJECTED, STALE, STALE, NOT_FOUND, SETTLED]);
  expect(refusalInStatus(settled[2]?.error)).toMatchObject({ reason: "INVALID_FIELD", field: "outcomes[2].outcome" });
  const states = await Promise.all([a, b, c].map(async (id) => (await read(server, { id: id ?? "" })).state));
  expect(states).toEqual([TaskState.COMPLETED, TaskState.FAILED, TaskState.PENDING]);

  const again = [
    { taskId: a ?? "", attempt: 1, outcome: { case: "completed", value: { result: json("other") } } } as const,
  ];
  const repeated = (await server.worker.settleTasks({ workerId: "w", outcomes: again })).outcomes;
  expect(repeated).toMatchObject([{ status: ALREADY_SETTLED }]);
  expect(
    await server.worker.completeTask({ workerId: "w", taskId: a ?? "", attempt: 1, result: json("third") }),
  ).toMatchObject({ status: ALREADY_SETTLED });
  expect((await read(server, { id: a ?? "" })).result).toMatchObject(json("done"));
});

it("refuses a call that settles nothing, or more than 1000", async () => {
  await using server = await startServer();
  const settle = (n: number) =>
    server.worker.settleTasks({
      workerId: "w",
      outcomes: Array.from({ length: n }, () => ({ taskId: "x", attempt: 1 })),
    });
  expect(await refusalOf(settle(0))).toMatchObject({ reason: "INVALID_FIELD", field: "outcomes" });
  expect(await refusalOf(settle(1_001))).toMatchObject({ reason: "INVALID_FIELD", field: "outcomes" });
  expect((await settle(1_000)).outcomes).toHaveLength(1_000);
});

it("claims tasks that are named, whatever their queues, and no others", async () => {
  await using server = await startServer();
  const [, second] = await enqueueMany(server, 2);
  const other = await enqueue(server, { queue: "other", type: "bill" });
  const taskIds = [present(second).id, other.id];
  const claim = (request: object) => server.worker.claimTasks({ workerId: "w", taskIds, ...request });
  expect((await claim({ queues: ["nowhere"] })).tasks).toEqual([]);
  expect((await claim({ types: ["bill"] })).tasks).toMatchObject([{ id: other.id, attempt: 1 }]);
  expect((await claim({})).tasks).toMatchObject([{ id: present(second).id, attempt: 1 }]);
  expect((await claim({})).tasks).toEqual([]);
  expect(await refusalOf(claim({ wait: span(1_000) }))).toMatchObject({ reason: "INVALID_FIELD", field: "wait" });
  expect(await refusalOf(claim({ taskIds: [""] }))).toMatchObject({ field: "task_ids[0]" });
});

it("keeps the reason of a cancel apart from its words", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const worker = await connectWorker(server);
  const called = await enqueue(server);
  await worker.take(1);
  await server.queue.cancelTask({ taskId: called.id, reason: "LEASE_LOST" });
  expect((await worker.next("cancel")).tasks).toMatchObject([
    { code: CancelCode.CANCELLED, message: "LEASE_LOST", reason: "LEASE_LOST" },
  ]);
  const quiet = await enqueue(server);
  await worker.take(1);
  await server.queue.cancelTask({ taskId: quiet.id });
  expect((await worker.next("cancel")).tasks).toMatchObject([
    { code: CancelCode.CANCELLED, message: "", reason: "CANCELLED" },
  ]);
  await enqueue(server, { attemptTimeout: span(1_000), maxAttempts: 1 });
  await worker.take(1);
  clock.advance(1_000);
  expect((await worker.next("cancel")).tasks).toMatchObject([
    { code: CancelCode.ATTEMPT_TIMEOUT, message: "", reason: "ATTEMPT_TIMEOUT" },
  ]);
});

it("tells a drain by an operator, which ends nothing, from a server that stops", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const worker = await connectWorker(server);
  const task = await enqueue(server);
  const held = await worker.take(1);
  await server.worker.drainWorker({ workerId: "packer", grace: span(1_000) });
  expect(await worker.next("drain")).toMatchObject({ reason: DrainReason.OPERATOR });
  clock.advance(5_000);
  expect(await worker.complete(...held)).toEqual(["SETTLED"]);
  expect((await read(server, task)).state).toBe(TaskState.COMPLETED);
  void server.app.close();
  expect(await worker.next("drain")).toMatchObject({ reason: DrainReason.SERVER_STOPPING });
});
