import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../../test/harness/server-process.ts";
import { clientPackage } from "../client-packages.ts";
import type { Durability, Peer } from "../peer.ts";
import { printed } from "../processes/process-scope.ts";
import { untilListening } from "../processes/ready.ts";
import { Unsettled } from "./unsettled.ts";

/** What is used of jackd. */
type Jackd = new () => Client;

interface Client {
  connect(server: { readonly host: string; readonly port: number }): Promise<unknown>;
  /** Of text: a Buffer it would store as JSON. */
  put(payload: string): Promise<string>;
  reserve(): Promise<{ readonly id: string; readonly payload: Buffer }>;
  delete(id: string): Promise<void>;
  quit(): Promise<void>;
}

const eachWrite: Durability = { promise: "fsync before each answer", setting: "-b DIRECTORY -f0" };

/** beanstalkd with a log. */
export const beanstalkd: Peer = {
  name: "beanstalkd",
  title: "beanstalkd",
  clientPackage: "jackd",
  server: "beanstalkd",
  howToGet: "Debian's beanstalkd",
  durabilities: [{ promise: "fsync every 50 ms", setting: "-b DIRECTORY, its default" }, eachWrite],
  note: "A worker has a connection for each task in flight: a reservation that waits holds up what follows on its connection.",
  async version() {
    return (await printed("beanstalkd", ["-v"]))?.match(/\d[\d.]*/)?.[0] ?? null;
  },

  async start({ processes, directory, durability }) {
    const port = await freePort();
    const log = join(directory, "log");
    await mkdir(log);
    const args = ["-l", "127.0.0.1", "-p", String(port), "-b", log];
    if (durability === eachWrite) args.push("-f0");
    await untilListening(processes.start("beanstalkd", { args }), port);
    return `127.0.0.1:${port}`;
  },

  async connect(address) {
    const JackdClient = await clientPackage<Jackd>("jackd");
    const [host = "", port] = address.split(":");
    async function open(): Promise<Client> {
      const client = new JackdClient();
      await client.connect({ host, port: Number(port) });
      return client;
    }
    const producer = await open();
    const enqueue = (payload: string) => producer.put(payload);
    return {
      enqueue,
      enqueueBatch: (payloads) => Promise.all(payloads.map(enqueue)),
      async work(concurrency, handle) {
        const unsettled = new Unsettled();
        const lanes = await Promise.all(Array.from({ length: concurrency }, open));
        let isStopped = false;
        async function lane(client: Client): Promise<void> {
          while (!isStopped) {
            const { id, payload } = await client.reserve();
            unsettled.begin();
            handle(payload.toString("latin1"));
            await client.delete(id);
            unsettled.end();
          }
        }
        for (const client of lanes) {
          lane(client).catch((error) => {
            // A reservation that waits ends with its connection.
            if (!isStopped) throw error;
          });
        }
        return {
          settled: () => unsettled.none(),
          stop() {
            isStopped = true;
            return Promise.all(lanes.map((client) => client.quit()));
          },
        };
      },
    };
  },
};
