import { clientPackage } from "../client-packages.ts";
import type { Peer } from "../peer.ts";
import { postgres, vacuum } from "./postgres.ts";
import { Unsettled } from "./unsettled.ts";

/** What is used of graphile-worker. */
interface GraphileWorker {
  readonly Logger: new (factory: () => () => void) => object;
  makeWorkerUtils(options: Record<string, unknown>): Promise<Utils>;
  run(options: Record<string, unknown>): Promise<Runner>;
}

interface Data {
  readonly payload: string;
}

interface Utils {
  migrate(): Promise<void>;
  withPgClient(use: (client: { query(text: string): Promise<unknown> }) => Promise<unknown>): Promise<unknown>;
  addJob(identifier: string, payload: Data): Promise<unknown>;
  addJobs(jobs: readonly { readonly identifier: string; readonly payload: Data }[]): Promise<unknown>;
}

interface Runner {
  readonly events: { on(event: "job:complete", listener: () => void): void };
  stop(): Promise<unknown>;
}

/** Jobs that a worker fetches ahead. With one more than it runs, a drain was a sixth as fast. */
const localQueueSize = 500;

/** graphile-worker on PostgreSQL. */
export const graphileWorker: Peer = {
  ...postgres,
  name: "graphile-worker",
  title: "graphile-worker",
  clientPackage: "graphile-worker",
  note: `Workers fetch ${localQueueSize} jobs ahead and complete in batches (localQueue, completeJobBatchDelay: 0).`,
  async connect(connectionString) {
    const { Logger, makeWorkerUtils, run } = await clientPackage<GraphileWorker>("graphile-worker");
    const logger = new Logger(() => () => undefined);
    const utils = await makeWorkerUtils({ connectionString, logger });
    await utils.migrate();
    return {
      maintain: () => utils.withPgClient((client) => client.query(vacuum)),
      enqueue: (payload) => utils.addJob("work", { payload }),
      enqueueBatch: (payloads) =>
        utils.addJobs(payloads.map((payload) => ({ identifier: "work", payload: { payload } }))),
      async work(concurrency, handle) {
        const unsettled = new Unsettled();
        const runner = await run({
          connectionString,
          logger,
          noHandleSignals: true,
          taskList: {
            work({ payload }: Data) {
              unsettled.begin();
              handle(payload);
            },
          },
          preset: {
            worker: {
              concurrentJobs: concurrency,
              localQueue: { size: localQueueSize },
              completeJobBatchDelay: 0,
            },
          },
        });
        runner.events.on("job:complete", () => unsettled.end());
        return { settled: () => unsettled.none(), stop: () => runner.stop() };
      },
    };
  },
};
