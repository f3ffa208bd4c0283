/** Workers in a process of its own: they handle tasks by doing nothing, and say how many and how late they came. */

import { type ConnectOptions, connect, createWorker } from "../../src/client/index.ts";
import { DelayTally, delayOf } from "../measure/delays.ts";

/** What the process is told first. */
export interface WorkerOrder {
  readonly address: string;
  /** One worker for each entry, with these queues. */
  readonly workers: readonly (readonly string[])[];
  readonly capacity: number;
  /** How they connect. Default: in clear text, without a token. */
  readonly security?: SecuredBy;
}

/** What a connection is secured with; it goes from process to process. */
export type SecuredBy = Pick<ConnectOptions, "tls" | "tokenFile">;

/** What it is asked for later: new streams, their end, the delays since the last time, its own end. */
export type WorkerQuestion = "connect" | "disconnect" | "delays" | "stop";

/** What the process says. */
export type WorkerNews =
  | { readonly connected: boolean }
  | { readonly handled: number }
  | { readonly delays: readonly number[] };

/** How often it says how many tasks it has handled, in milliseconds. */
const newsMs = 20;

const say = (news: WorkerNews) => process.send?.(news);

process.once("message", ({ address, workers: queueLists, capacity, security }: WorkerOrder) => {
  const client = connect({ address, ...security });
  const delays = new DelayTally();
  let workers: ReturnType<typeof createWorker>[] = [];
  let handled = 0;
  let said = 0;
  const timer = setInterval(() => {
    if (handled !== said) say({ handled });
    said = handled;
  }, newsMs);

  async function startAll(): Promise<void> {
    workers = queueLists.map((queues) =>
      createWorker(client, {
        queues,
        capacity,
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
  }

  async function stopAll(): Promise<void> {
    await Promise.all(workers.map((worker) => worker.stop()));
    workers = [];
    say({ connected: false });
  }

  process.on("message", async (question: WorkerQuestion) => {
    switch (question) {
      case "connect":
        return startAll();
      case "disconnect":
        return stopAll();
      case "delays":
        say({ delays: delays.take() });
        return;
      case "stop":
        clearInterval(timer);
        await stopAll();
        client.close();
        process.disconnect();
    }
  });
});
