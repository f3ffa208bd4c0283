import { clientPackage } from "../client-packages.ts";
import type { Peer } from "../peer.ts";
import { postgres, vacuum } from "./postgres.ts";

/** What is used of pg-boss. */
interface PgBossModule {
  readonly PgBoss: new (options: Record<string, unknown>) => Boss;
}

interface Job {
  readonly data: { readonly payload: string };
}

interface Boss {
  on(event: "error", listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  createQueue(name: string, options: Record<string, unknown>): Promise<void>;
  send(name: string, data: Job["data"]): Promise<unknown>;
  insert(name: string, jobs: readonly Job[]): Promise<unknown>;
  work(
    name: string,
    options: Record<string, unknown>,
    handle: (jobs: readonly Job[]) => Promise<void>,
  ): Promise<string>;
  offWork(name: string): Promise<void>;
  getDb(): { executeSql(text: string, values?: unknown[]): Promise<{ rows: { count: string }[] }> };
}

const queues = { rates: "bench", delays: "bench-notify" } as const;

/** pg-boss on PostgreSQL. */
export const pgBoss: Peer = {
  ...postgres,
  name: "pg-boss",
  title: "pg-boss",
  clientPackage: "pg-boss",
  note:
    "A worker fetches a batch as large as its number in flight and completes it at once. NOTIFY is on for the delay alone: without it a worker " +
    "polls twice a second, with it single enqueues are a third as fast.",
  async connect(address) {
    const { PgBoss } = await clientPackage<PgBossModule>("pg-boss");
    const boss = new PgBoss({ connectionString: address, useListenNotify: true });
    boss.on("error", (error) => {
      throw error;
    });
    await boss.start();
    await boss.createQueue(queues.rates, {});
    await boss.createQueue(queues.delays, { notify: true });
    let queue: string = queues.rates;

    async function countActive(): Promise<number> {
      const text = "SELECT count(*) FROM pgboss.job WHERE name = $1 AND state = 'active'";
      const { rows } = await boss.getDb().executeSql(text, [queue]);
      return Number(rows[0]?.count);
    }

    return {
      maintain: () => boss.getDb().executeSql(vacuum),
      favourDelay() {
        queue = queues.delays;
      },
      enqueue: (payload) => boss.send(queue, { payload }),
      enqueueBatch: (payloads) =>
        boss.insert(
          queue,
          payloads.map((payload) => ({ data: { payload } })),
        ),
      async work(concurrency, handle) {
        const options = { batchSize: concurrency, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 };
        await boss.work(queue, options, async (jobs) => {
          for (const { data } of jobs) handle(data.payload);
        });
        return {
          async settled() {
            while ((await countActive()) > 0);
          },
          stop: () => boss.offWork(queue),
        };
      },
    };
  },
};
