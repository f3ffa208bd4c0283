/** A worker of its own process: it handles tasks by doing nothing, and says how many and how late they came. */

import { connect, createWorker } from "../src/client/index.ts";
import { DelayTally, delayOf } from "./delays.ts";

/** What the process is told to do first. */
export interface WorkerOrder {
  readonly address: string;
  /** One worker for each entry, with these queues. */
  readonly workers: readonly (readonly string[])[];
  readonly concurrency: number;
}

/** What it is asked for later: the delays since the last time, or its end. */
export type WorkerQuestion = "delays" | "stop";

/** What the process says. */
export type WorkerNews =
  | { readonly connected: true }
  | { readonly handled: number }
  | { readonly delays: readonly number[] };

/** How often it says how many tasks it has handled, in milliseconds. */
const newsMs = 20;

const say = (news: WorkerNews) => process.send?.(news);

process.once("message", async ({ address, workers: queueLists, concurrency }: WorkerOrder) => {
  const client = connect({ address });
  const delays = new DelayTally();
  let handled = 0;
  let said = 0;
  const workers = queueLists.map((queues) =>
    createWorker(client, {
      queues,
      concurrency,
      handlers: {
        work(payload) {
          const delayMs = delayOf(payload);
          if (delayMs !== null) delays.add(delayMs);
        },
      },
      events: { onTaskEnd: () => void handled++ },
    }),
  );
  for (const worker of workers) await worker.start();
  say({ connected: true });
  const timer = setInterval(() => {
    if (handled !== said) say({ handled });
    said = handled;
  }, newsMs);

  process.on("message", async (question: WorkerQuestion) => {
    if (question === "delays") {
      say({ delays: delays.take() });
      return;
    }
    clearInterval(timer);
    await Promise.all(workers.map((worker) => worker.stop()));
    client.close();
    process.disconnect();
  });
});
