import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../../test/harness/server-process.ts";
import { clientPackage } from "../client-packages.ts";
import type { Durability, Peer } from "../peer.ts";
import { printed } from "../processes/process-scope.ts";
import { untilListening } from "../processes/ready.ts";

/** What is used of @nats-io/transport-node. */
interface Transport {
  connect(options: { servers: string }): Promise<Connection>;
}

interface Connection {
  readonly info?: { readonly version: string };
  flush(): Promise<void>;
}

/** What is used of @nats-io/jetstream. */
interface JetStream {
  jetstream(connection: Connection): JetStreamClient;
  jetstreamManager(connection: Connection): Promise<JetStreamManager>;
}

interface JetStreamClient {
  publish(subject: string, payload: string): Promise<unknown>;
  startBatch(subject: string, payload: string): Promise<Batch>;
  readonly consumers: { get(stream: string, consumer: string): Promise<Consumer> };
}

/** Messages that are stored together or not at all; the first and the last one are confirmed. */
interface Batch {
  add(subject: string, payload: string): void;
  commit(subject: string, payload: string): Promise<unknown>;
}

interface JetStreamManager {
  readonly streams: { add(config: Record<string, unknown>): Promise<unknown> };
  readonly consumers: {
    add(stream: string, config: Record<string, unknown>): Promise<unknown>;
    delete(stream: string, consumer: string): Promise<unknown>;
  };
}

interface Consumer {
  consume(options: {
    max_messages: number;
    callback: (message: Message) => void;
  }): Promise<{ close(): Promise<unknown> }>;
  info(): Promise<{ num_ack_pending: number }>;
}

interface Message {
  string(): string;
  ack(): void;
}

const [stream, subject, durable] = ["BENCH", "bench", "worker"];
const eachWrite: Durability = { promise: "fsync before each confirm", setting: "sync_interval: always" };

/** NATS JetStream with a work queue stream in files on one node. */
export const nats: Peer = {
  name: "nats",
  title: "NATS JetStream",
  clientPackage: "@nats-io/jetstream",
  server: "nats-server",
  howToGet: "go install github.com/nats-io/nats-server/v2@v2.15.3, or Debian's nats-server",
  durabilities: [{ promise: "fsync every 2 minutes", setting: "sync_interval: 2m, its default" }, eachWrite],
  note:
    "Its acknowledgements are not confirmed; the drain is measured until the server knows of none that is missing. Batches are as many " +
    "confirms by default and atomic ones with an fsync each: each is the faster one there.",
  async version() {
    return (await printed("nats-server", ["--version"]))?.match(/\d[\d.]*/)?.[0] ?? null;
  },

  async start({ processes, directory, durability, version }) {
    const port = await freePort();
    const config = join(directory, "nats.conf");
    const sync = durability === eachWrite ? "always" : "2m";
    // Older ones know no other than two minutes.
    if (Number(version.split(".")[1]) < 10 && durability === eachWrite)
      throw new Error("needs nats-server 2.10 or newer");
    const setting = Number(version.split(".")[1]) < 10 ? "" : `sync_interval: ${sync}`;
    await writeFile(config, `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${directory}"\n${setting} }\n`);
    await untilListening(processes.start("nats-server", { args: ["--config", config] }), port);
    return `127.0.0.1:${port}`;
  },

  async connect(address, durability) {
    const { connect } = await clientPackage<Transport>("@nats-io/transport-node");
    const { jetstream, jetstreamManager } = await clientPackage<JetStream>("@nats-io/jetstream");
    const connection = await connect({ servers: address });
    const manager = await jetstreamManager(connection);
    const isAtomic = durability === eachWrite && minorOf(connection.info?.version ?? "") >= 12;
    const config = { name: stream, subjects: [subject], storage: "file", retention: "workqueue" };
    await manager.streams.add({ ...config, ...(isAtomic && { allow_atomic: true }) });
    const client = jetstream(connection);
    const enqueue = (payload: string) => client.publish(subject, payload);
    async function enqueueAtomically(payloads: readonly string[]): Promise<void> {
      const [first = "", ...rest] = payloads;
      const last = rest.pop() ?? "";
      const batch = await client.startBatch(subject, first);
      for (const payload of rest) batch.add(subject, payload);
      await batch.commit(subject, last);
    }
    return {
      enqueue,
      enqueueBatch: isAtomic ? enqueueAtomically : (payloads) => Promise.all(payloads.map(enqueue)),
      async work(concurrency, handle) {
        await manager.consumers.add(stream, {
          durable_name: durable,
          ack_policy: "explicit",
          max_ack_pending: concurrency,
        });
        const consumer = await client.consumers.get(stream, durable);
        const messages = await consumer.consume({
          max_messages: concurrency,
          callback(message) {
            handle(message.string());
            message.ack();
          },
        });
        return {
          async settled() {
            await connection.flush();
            while ((await consumer.info()).num_ack_pending > 0);
          },
          async stop() {
            await messages.close();
            await manager.consumers.delete(stream, durable);
          },
        };
      },
    };
  },
};

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}
