import { join } from "node:path";
import { connect, createProducer, createWorker, newTask } from "../../../src/client/index.ts";
import { version as sitqVersion } from "../../../src/version.ts";
import { freePort } from "../../../test/harness/server-process.ts";
import type { Peer, PeerClient, PeerStart } from "../peer.ts";
import { untilListening } from "../processes/ready.ts";
import { postgres, syncedCommits, vacuumed } from "./postgres.ts";

const queue = "bench";

/** sitq itself, with its defaults. */
export const sitq: Peer = {
  name: "sitq",
  title: "sitq",
  clientPackage: null,
  server: "sitq",
  howToGet: "this tree",
  durabilities: [{ promise: "fsync before each answer", setting: "synchronous=FULL" }],
  version: async () => sitqVersion,
  start: (start) => serve(start, ["--db", join(start.directory, "sitq.db")]),
  connect: (address) => connectTo(address),
};

/** sitq on PostgreSQL, with its defaults. */
export const sitqPostgres: Peer = {
  ...postgres,
  name: "sitq-postgres",
  title: "sitq on PostgreSQL",
  clientPackage: null,
  durabilities: [syncedCommits],
  async start(start) {
    const store = await postgres.start(start);
    return `${await serve(start, ["--store", store])} ${store}`;
  },
  connect(addresses) {
    const [address = "", store = ""] = addresses.split(" ");
    return connectTo(address, () => vacuumed(store));
  },
};

/** Starts a server of sitq, and answers its address. */
async function serve({ processes }: PeerStart, store: readonly string[]): Promise<string> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const program = join(import.meta.dirname, "../../../bin/sitq");
  const args = ["serve", "--listen", address, "--log-level", "warn", ...store];
  await untilListening(processes.start(program, { args }), port);
  return address;
}

/** Connects the client of this tree. @param maintain is called before a drain */
async function connectTo(address: string, maintain?: () => Promise<unknown>): Promise<PeerClient> {
  const client = connect({ address });
  const producer = createProducer(client);
  const bytes = (payload: string) => Buffer.from(payload);
  let handled = 0;

  async function countCompleted(): Promise<number> {
    const found = await client.queue.getQueue({ name: queue });
    return Number(found.queue?.statistics?.completed ?? 0n);
  }

  return {
    ...(maintain && { maintain }),
    enqueue: (payload) => producer.enqueue(queue, "work", bytes(payload)),
    async enqueueBatch(payloads) {
      const tasks = payloads.map((payload) => newTask(queue, "work", bytes(payload)));
      const refused = (await producer.enqueueAll(tasks)).find(({ error }) => error !== null);
      if (refused !== undefined) throw refused.error;
    },
    async work(concurrency, handle) {
      const worker = createWorker(client, {
        queues: [queue],
        capacity: concurrency,
        handlers: {
          work(payload) {
            handled++;
            handle(Buffer.from(payload as Uint8Array).toString("latin1"));
          },
        },
      });
      await worker.start();
      return {
        async settled() {
          while ((await countCompleted()) < handled);
        },
        stop: () => worker.stop(),
      };
    },
  };
}
