import { describe, expect, it } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, present, read } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

describe("rule 6: a cancellation reaches the running handler at once", () => {
  it("comes over the stream without any clock having moved", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const task = await enqueue(server);
    const worker = await connectWorker(server);
    await worker.take(1);
    await server.queue.cancelTask({ taskId: task.id, reason: "out of stock" });
    const { tasks } = await worker.next("cancel");
    expect(tasks).toMatchObject([{ taskId: task.id, attempt: 1, reason: "out of stock" }]);
    expect(clock.monotonic()).toBe(0);
  });

  it("is called CANCELLED where nobody said why", async () => {
    const queue = freshQueue();
    const task = await enqueue(shared(), { queue });
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    await worker.take(1);
    await shared().queue.cancelTask({ taskId: task.id });
    expect((await worker.next("cancel")).tasks).toMatchObject([{ reason: "CANCELLED" }]);
  });

  it("reaches only the worker that holds the task, once", async () => {
    const server = shared();
    const queue = freshQueue();
    const [first, second] = await Promise.all(
      ["a", "b"].map((name) => connectWorker(server, { workerId: `${queue}-${name}`, queues: [queue], capacity: 1 })),
    );
    await enqueueMany(server, 2, { queue });
    const [held] = await present(first).take(1);
    await second?.take(1);
    for (let i = 0; i < 3; i++) await server.queue.cancelTask({ taskId: present(held).id });
    await first?.heard();
    await second?.heard();
    const told = [first, second].map(
      (worker) => worker?.messages.filter((message) => message.case === "cancel").length,
    );
    expect(told).toEqual([1, 0]);
  });

  it("reaches a worker that came back and kept the task", async () => {
    const server = shared();
    const queue = freshQueue();
    const task = await enqueue(server, { queue });
    const hello = { workerId: queue, queues: [queue] };
    const before = await connectWorker(server, hello);
    await before.take(1);
    before.cut();
    const worker = await connectWorker(server, { ...hello, held: [{ taskId: task.id, attempt: 1 }] });
    await server.queue.cancelTask({ taskId: task.id });
    expect((await worker.next("cancel")).tasks).toMatchObject([{ taskId: task.id, attempt: 1 }]);
  });

  it("leaves whichever came first: an outcome that was settled, or the cancellation", async () => {
    const server = shared();
    const queue = freshQueue();
    const tasks = await enqueueMany(server, 40, { queue });
    const worker = await connectWorker(server, { workerId: queue, queues: [queue], capacity: 40 });
    const taken = await worker.take(40);
    const cancels = tasks.map(({ id }) =>
      server.queue.cancelTask({ taskId: id }).then(
        () => "cancelled",
        () => "finished",
      ),
    );
    const settled = await worker.complete(...taken);
    const answers = await Promise.all(cancels);
    const byId = new Map(taken.map(({ id }, index) => [id, settled[index]]));
    for (const [index, task] of tasks.entries()) {
      const { state } = await read(server, task);
      const pair = [answers[index], byId.get(task.id), TaskState[state]];
      expect([
        ["cancelled", "STALE", "CANCELLED"],
        ["finished", "SETTLED", "COMPLETED"],
      ]).toContainEqual(pair);
    }
  });

  it("says nothing on a stream of a task that was claimed by hand", async () => {
    const server = shared();
    const queue = freshQueue();
    const worker = await connectWorker(server, { workerId: queue, queues: [freshQueue()] });
    const task = await enqueue(server, { queue });
    await server.worker.claimTasks({ workerId: queue, queues: [queue] });
    await server.queue.cancelTask({ taskId: task.id });
    await worker.heard();
    expect(worker.messages.filter((message) => message.case === "cancel")).toEqual([]);
  });
});
