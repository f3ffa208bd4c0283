import { connect, createWorker, type SitqClient } from "../../src/client/index.ts";
import type { Case } from "../case.ts";
import { fillQueue } from "../fill-queue.ts";

const concurrency = 64;

/** From the worker's first hello to the last outcome on the disk, with a handler that does nothing. */
export const drain: Case = {
  name: "drain",
  what: `100,000 waiting tasks through one worker of the SDK with room for ${concurrency}, from its start to the last one settled`,
  server: "sitq",
  ceiling: "rows",
  goal: { atLeast: 25_000 },
  async run({ address, quick, say }, rounds) {
    const client = connect({ address });
    const tasks = quick ? 2_000 : 100_000;
    const rates: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      // The first one is the warm-up.
      const queue = `drain-${round}`;
      await fillQueue(client, queue, tasks, say);
      const rate = await drainQueue(client, queue, tasks);
      if (round > 0) rates.push(rate);
    }
    client.close();
    return rates.map((value) => [{ name: "rate", unit: "tasks/s", value }]);
  },
};

async function drainQueue(client: SitqClient, queue: string, tasks: number): Promise<number> {
  const handled = Promise.withResolvers<void>();
  let count = 0;
  const worker = createWorker(client, {
    queues: [queue],
    concurrency,
    handlers: { work: () => undefined },
    events: {
      onTaskEnd() {
        count++;
        if (count === tasks) handled.resolve();
      },
    },
  });
  const beganMs = performance.now();
  await worker.start();
  await handled.promise;
  // It ends when every outcome is settled.
  await worker.stop();
  return (tasks / (performance.now() - beganMs)) * 1_000;
}
