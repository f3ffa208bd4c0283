import { expect, it } from "vitest";
import { TaskState } from "../../gen/sitq/v1/task_pb.js";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, present, read, readQueue, span } from "../harness/calls/tasks.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A task in every state; the worker that made them is gone. */
async function startWithTaskInEachState(retention?: object) {
  const clock = createFakeClock();
  const server = await startServer({ clock });
  if (retention) await server.queue.updateQueue({ queue: { name: "orders", retention }, allowMissing: true });
  const worker = await connectWorker(server, { capacity: 2 });
  const [completed, failed] = await enqueueMany(server, 2);
  const [first, second] = await worker.take(2);
  worker.send({ case: "capacity", value: { n: 0 } });
  await worker.complete(present(first));
  await worker.end([present(second)], { case: "failed", value: { terminal: true } });
  worker.close();
  await worker.ended;
  const [cancelled, waiting] = await enqueueMany(server, 2);
  await server.queue.cancelTask({ taskId: present(cancelled).id });
  const scheduled = await enqueue(server, { delay: span(400 * dayMs) });
  const tasks = { completed, failed, cancelled, waiting, scheduled };
  const seen = await watch(server, { filter: { queue: "orders" } });

  return {
    clock,
    server,
    seen,
    /** Which are still there, after a round of retention has run. */
    async left() {
      // A marker is gone at some time in a round: when another one is gone in a later round, all have been looked at.
      for (let round = 0; round < 2; round++) {
        const marker = await enqueue(server, { queue: "marker" });
        await server.queue.updateQueue({ queue: { name: "marker", retention: { cancelled: span(0) } } });
        const gone = await watch(server, { taskIds: [marker.id] });
        await server.queue.cancelTask({ taskId: marker.id });
        // After a leap of the clock, which looks like a long round, the next one may be an hour away.
        clock.advance(minuteMs);
        await server.queue.listQueues({});
        clock.advance(hourMs);
        await gone.state(marker.id, TaskState.UNSPECIFIED);
      }
      const found = await Promise.all(
        Object.entries(tasks).map(async ([name, task]) => {
          const there = await read(server, present(task)).catch(() => null);
          return there === null ? [] : [name];
        }),
      );
      return found.flat();
    },
  };
}

it("keeps finished tasks as long as their queue says by default, and others for ever", async () => {
  const { clock, server, left } = await startWithTaskInEachState();
  await using _ = server;
  clock.advance(dayMs - 3 * hourMs);
  expect(await left()).toEqual(["completed", "failed", "cancelled", "waiting", "scheduled"]);
  clock.advance(2 * hourMs);
  expect(await left()).toEqual(["failed", "waiting", "scheduled"]);
  clock.advance(29 * dayMs);
  expect(await left()).toEqual(["waiting", "scheduled"]);
});

it("keeps each kind as long as its own setting says", async () => {
  const retention = { completed: span(3 * dayMs), failed: span(dayMs), cancelled: span(2 * dayMs) };
  const { clock, server, left } = await startWithTaskInEachState(retention);
  await using _ = server;
  clock.advance(dayMs);
  expect(await left()).toEqual(["completed", "cancelled", "waiting", "scheduled"]);
  clock.advance(dayMs);
  expect(await left()).toEqual(["completed", "waiting", "scheduled"]);
  clock.advance(dayMs);
  expect(await left()).toEqual(["waiting", "scheduled"]);
});

it("tells watchers of what it deletes, counts it, and forgets its request_id", async () => {
  const { clock, server, seen, left } = await startWithTaskInEachState({
    completed: span(0),
    failed: span(0),
    cancelled: span(0),
  });
  await using _ = server;
  const request = { task: { queue: "orders", type: "ship" }, requestId: "r1" };
  const { task } = await server.queue.enqueue(request);
  await server.queue.cancelTask({ taskId: present(task).id });
  clock.advance(1);
  await left();
  await seen.state(present(task).id, TaskState.UNSPECIFIED);
  expect(seen.changes.filter(({ state }) => state === TaskState.UNSPECIFIED)).toHaveLength(4);
  expect((await readQueue(server)).statistics).toMatchObject({ completed: 0n, failed: 0n, cancelled: 0n, pending: 1n });
  expect(await refusalOf(server.queue.getTask({ taskId: present(task).id }))).toMatchObject({
    reason: "TASK_NOT_FOUND",
  });
  expect((await server.queue.enqueue(request)).created).toBe(true);
});

it("deletes thousands in steps, within one round", async () => {
  const { clock, server, left } = await startWithTaskInEachState({ cancelled: span(0) });
  await using _ = server;
  await enqueueMany(server, 2_500, { correlationId: "old" });
  const requests = (await server.queue.listTasks({ filter: { correlationId: "old" }, pageSize: 1_000 })).tasks;
  await Promise.all(requests.map(({ id }) => server.queue.cancelTask({ taskId: id })));
  clock.advance(1);
  await left();
  expect((await readQueue(server)).statistics).toMatchObject({ cancelled: 0n, pending: 1_501n });
});
