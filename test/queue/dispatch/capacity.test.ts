import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany, present, readQueue, span } from "../../harness/calls/tasks.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

/** A worker of a queue of its own that holds as many as it takes, while others wait. */
async function busyWorker(capacity: number, waiting: number) {
  const queue = freshQueue();
  await enqueueMany(shared(), capacity + waiting, { queue });
  const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity });
  return { queue, worker, held: await worker.take(capacity) };
}

describe("rule 1: never more in flight than the capacity", () => {
  it("holds whatever the bursts in which outcomes arrive", async () => {
    const bursts = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
    const property = fc.asyncProperty(fc.integer({ min: 1, max: 7 }), bursts, async (capacity, sizes) => {
      const queue = freshQueue();
      const total = 40;
      await enqueueMany(shared(), total, { queue });
      const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity });
      let inFlight: { taskId: string; attempt: number }[] = [];
      for (let received = 0, burst = 0; received < total; burst++) {
        const { tasks } = await worker.next("tasks");
        received += tasks.length;
        inFlight.push(...tasks.map(({ id, attempt }) => ({ taskId: id, attempt })));
        expect(inFlight.length).toBeLessThanOrEqual(capacity);
        // Not waited for: the next tasks may come before or after this has been settled.
        const size = present(sizes[burst % sizes.length]);
        const outcomes = inFlight
          .slice(0, size)
          .map((each) => ({ ...each, outcome: { case: "completed" as const, value: {} } }));
        inFlight = inFlight.slice(size);
        worker.send({ case: "outcomes", value: { outcomes } });
      }
      worker.cut();
    });
    await fc.assert(property, { numRuns: 12 });
  });

  it("counts a batch in full when it is handed out", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity: 3 });
    await enqueueMany(shared(), 10, { queue });
    await worker.take(3);
    await worker.heard();
    expect(worker.tasks).toHaveLength(3);
    expect((await readQueue(shared(), queue)).statistics).toMatchObject({ running: 3n, pending: 7n });
  });

  it("is one capacity for all queues of a worker", async () => {
    const queues = [freshQueue(), freshQueue(), freshQueue()];
    for (const queue of queues) await enqueueMany(shared(), 10, { queue });
    const worker = await connectWorker(shared(), { workerId: queues[0] ?? "", queues, capacity: 4 });
    const held = await worker.take(4);
    await worker.heard();
    expect(worker.tasks).toHaveLength(4);
    await worker.complete(...held);
    await worker.take(4);
    await worker.heard();
    expect(worker.tasks).toHaveLength(8);
  });

  it("makes room once for an outcome that is said three times", async () => {
    const { worker, held } = await busyWorker(2, 5);
    const first = present(held[0]);
    expect(await worker.complete(first, first, first)).toEqual(["SETTLED", "SETTLED", "SETTLED"]);
    expect(await worker.complete(first)).toEqual(["SETTLED"]);
    await worker.heard();
    expect(worker.tasks).toHaveLength(3);
  });

  it("makes no room for outcomes of what the worker does not hold", async () => {
    const { worker, held } = await busyWorker(2, 5);
    const [first] = held;
    expect(await worker.complete({ id: "nobody", attempt: 1 }, { id: present(first).id, attempt: 7 })).toEqual([
      "NOT_FOUND",
      "STALE",
    ]);
    await worker.heard();
    expect(worker.tasks).toHaveLength(2);
  });

  it("makes room with every way in which an attempt ends", async () => {
    const { worker, held } = await busyWorker(4, 4);
    const [completed, failed, released, cancelled] = held.map((task) => [task]);
    await worker.end(present(completed), { case: "completed", value: {} });
    await worker.end(present(failed), { case: "failed", value: { terminal: true } });
    await worker.end(present(released), { case: "released", value: { delay: span(60_000) } });
    await shared().queue.cancelTask({ taskId: present(cancelled?.[0]).id });
    await worker.take(4);
    await worker.heard();
    expect(worker.tasks).toHaveLength(8);
  });

  it("hands out nothing new after it was lowered until less than that is in flight", async () => {
    const { worker, held } = await busyWorker(5, 5);
    worker.send({ case: "capacity", value: { n: 2 } });
    await worker.complete(...held.slice(0, 3));
    await worker.heard();
    expect(worker.tasks).toHaveLength(5);
    await worker.complete(present(held[3]));
    await worker.take(1);
    await worker.heard();
    expect(worker.tasks).toHaveLength(6);
  });

  it("hands out more at once after it was raised", async () => {
    const { worker } = await busyWorker(2, 5);
    worker.send({ case: "capacity", value: { n: 5 } });
    await worker.take(3);
    await worker.heard();
    expect(worker.tasks).toHaveLength(5);
  });

  it("hands out nothing while it is 0, and settles outcomes all the same", async () => {
    const { worker, held } = await busyWorker(2, 5);
    worker.send({ case: "capacity", value: { n: 0 } });
    expect(await worker.complete(...held)).toEqual(["SETTLED", "SETTLED"]);
    await worker.heard();
    expect(worker.tasks).toHaveLength(2);
    worker.send({ case: "capacity", value: { n: 3 } });
    await worker.take(3);
    await worker.heard();
    expect(worker.tasks).toHaveLength(5);
  });

  it("can be 0 from the beginning", async () => {
    const queue = freshQueue();
    await enqueueMany(shared(), 2, { queue });
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity: 0 });
    await worker.heard();
    expect(worker.tasks).toEqual([]);
    worker.send({ case: "capacity", value: { n: 1 } });
    await worker.take(1);
  });
});
