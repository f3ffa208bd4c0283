import { describe, expect, it } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { WorkerState } from "../../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, present, read, span } from "../../harness/calls/tasks.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer({ config: { drainGraceMs: 7_000 } });

async function working() {
  const queue = freshQueue();
  const hello = { workerId: queue, queues: [queue] };
  const worker = await connectWorker(shared(), hello);
  const task = await enqueue(shared(), { queue });
  const [held] = await worker.take(1);
  return { queue, hello, worker, task, held: present(held) };
}

describe("rule 8: the server says drain and hands out nothing more", () => {
  it("drains one worker on an operator's word, takes its outcomes, and leaves the stream open", async () => {
    const { queue, worker, task, held } = await working();
    const { worker: view } = await shared().worker.drainWorker({ workerId: queue });
    expect(view).toMatchObject({ id: queue, state: WorkerState.DRAINING, inFlight: 1 });
    expect((await worker.next("drain")).grace).toMatchObject(span(7_000));
    const waiting = await enqueueMany(shared(), 3, { queue });
    expect(await worker.complete(held)).toEqual(["SETTLED"]);
    await worker.heard();
    expect(worker.tasks).toHaveLength(1);
    expect((await read(shared(), task)).state).toBe(TaskState.COMPLETED);
    const { workers } = await shared().worker.listWorkers({ queue });
    expect(workers).toMatchObject([{ state: WorkerState.DRAINING, inFlight: 0, capacity: 10 }]);

    const other = await connectWorker(shared(), { workerId: `${queue}-other`, queues: [queue] });
    expect((await other.take(3)).map(({ id }) => id)).toEqual(waiting.map(({ id }) => id));
  });

  it("tells the worker the grace that the operator says", async () => {
    const { queue, worker } = await working();
    await shared().worker.drainWorker({ workerId: queue, grace: span(1_500) });
    expect((await worker.next("drain")).grace).toMatchObject(span(1_500));
  });

  it("lasts until the worker reconnects", async () => {
    const { queue, hello, worker } = await working();
    await shared().worker.drainWorker({ workerId: queue });
    worker.cut();
    const back = await connectWorker(shared(), {
      ...hello,
      held: [{ taskId: present(worker.tasks[0]).id, attempt: 1 }],
    });
    const next = await enqueue(shared(), { queue });
    expect(await back.take(1)).toMatchObject([{ id: next.id }]);
  });

  it("does not hand out after drain what was being claimed when it was said", async () => {
    // The word has to fall between a claim and its commit: a little later in each round, it does in some.
    for (let round = 0; round < 24; round++) {
      const queue = freshQueue();
      const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity: 100 });
      const enqueued = enqueueMany(shared(), 20, { queue });
      for (let turn = 0; turn < round; turn++) await new Promise(setImmediate);
      await shared().worker.drainWorker({ workerId: queue });
      await enqueued;
      await worker.heard();
      const kinds = worker.messages.map((message) => message.case);
      expect(kinds.slice(kinds.indexOf("drain"))).not.toContain("tasks");

      const claim = { workerId: `${queue}-hand`, queues: [queue], maxTasks: 100 };
      const { tasks } = await shared().worker.claimTasks(claim);
      expect(tasks).toHaveLength(20 - worker.tasks.length);
      expect(tasks.every(({ attempt }) => attempt === 1)).toBe(true);
      worker.cut();
    }
  });

  it("knows the worker, and bounds the grace", async () => {
    expect(await refusalOf(shared().worker.drainWorker({ workerId: "nobody" }))).toMatchObject({
      code: "NOT_FOUND",
      reason: "WORKER_NOT_FOUND",
      domain: "sitq",
      field: "worker_id",
    });
    expect(await refusalOf(shared().worker.drainWorker({}))).toMatchObject({ field: "worker_id" });
    const { queue } = await working();
    const tooLong = shared().worker.drainWorker({ workerId: queue, grace: span(3_600_001) });
    expect(await refusalOf(tooLong)).toMatchObject({ field: "grace" });
  });
});
