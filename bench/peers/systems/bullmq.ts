import { freePort } from "../../../test/harness/server-process.ts";
import { clientPackage } from "../client-packages.ts";
import type { Durability, Peer } from "../peer.ts";
import { printed } from "../processes/process-scope.ts";
import { untilListening } from "../processes/ready.ts";
import { Unsettled } from "./unsettled.ts";

/** What is used of bullmq. */
interface BullMq {
  readonly Queue: new (name: string, options: Record<string, unknown>) => Queue;
  readonly Worker: new (
    name: string,
    handle: (job: { readonly data: Data }) => Promise<void>,
    options: Record<string, unknown>,
  ) => Worker;
}

interface Data {
  readonly payload: string;
}

interface Queue {
  add(name: string, data: Data): Promise<unknown>;
  addBulk(jobs: readonly { readonly name: string; readonly data: Data }[]): Promise<unknown>;
}

interface Worker {
  on(event: "completed", listener: () => void): void;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

const queueName = "bench";
const eachWrite: Durability = { promise: "fsync before each answer", setting: "appendfsync always" };

/** BullMQ on Redis with an append-only file. */
export const bullmq: Peer = {
  name: "bullmq",
  title: "BullMQ on Redis",
  clientPackage: "bullmq",
  server: "redis-server",
  howToGet: "Debian's redis-server",
  durabilities: [{ promise: "fsync every second", setting: "appendfsync everysec" }, eachWrite],
  note: "Jobs are removed when they complete (removeOnComplete).",
  async version() {
    return (await printed("redis-server", ["--version"]))?.match(/v=([\d.]+)/)?.[1] ?? null;
  },

  async start({ processes, directory, durability }) {
    const port = await freePort();
    const appendfsync = durability === eachWrite ? "always" : "everysec";
    const settings = { bind: "127.0.0.1", port, dir: directory, appendonly: "yes", appendfsync, save: "" };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    await untilListening(processes.start("redis-server", { args }), port);
    return `127.0.0.1:${port}`;
  },

  async connect(address) {
    const { Queue, Worker } = await clientPackage<BullMq>("bullmq");
    const [host, port] = address.split(":");
    const connection = { host, port: Number(port) };
    const queue = new Queue(queueName, { connection, defaultJobOptions: { removeOnComplete: true } });
    return {
      enqueue: (payload) => queue.add("work", { payload }),
      enqueueBatch: (payloads) => queue.addBulk(payloads.map((payload) => ({ name: "work", data: { payload } }))),
      async work(concurrency, handle) {
        const unsettled = new Unsettled();
        const worker = new Worker(
          queueName,
          async ({ data }) => {
            unsettled.begin();
            handle(data.payload);
          },
          { connection, concurrency },
        );
        worker.on("completed", () => unsettled.end());
        await worker.waitUntilReady();
        return { settled: () => unsettled.none(), stop: () => worker.close() };
      },
    };
  },
};
