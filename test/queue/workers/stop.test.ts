import { expect, it } from "vitest";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";

it("gives back before the end what was being claimed when the stop came", async () => {
  await using server = await startServer();
  // The stop has to fall between a claim and its commit: a little later in each round, it does in some.
  for (let round = 0; round < 24; round++) {
    const queue = `round-${round}`;
    const enqueued = await enqueueMany(server, 20, { queue });
    const worker = await connectWorker(server, { workerId: queue, queues: [queue], capacity: 100 });
    for (let turn = 0; turn < round; turn++) await new Promise(setImmediate);
    await server.restart();
    await worker.ended;
    const { tasks } = await server.worker.claimTasks({ workerId: `${queue}-hand`, queues: [queue], maxTasks: 100 });
    const arrived = new Set(worker.tasks.map(({ id }) => id));
    expect(tasks.map(({ id }) => id)).toEqual(enqueued.map(({ id }) => id).filter((id) => !arrived.has(id)));
    expect(tasks.every(({ attempt }) => attempt === 1)).toBe(true);
  }
});
