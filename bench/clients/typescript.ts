/** The program of the TypeScript SDK for the benchmark of clients: `programs.ts`. */

import { parseArgs } from "node:util";
import { connect, createProducer, createWorker } from "../../src/client/index.ts";
import { payload } from "../payload.ts";

/** How often it says how many tasks there were, in milliseconds. */
const sayMs = 20;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    address: { type: "string", default: "" },
    queue: { type: "string", default: "" },
    capacity: { type: "string", default: "64" },
    "in-flight": { type: "string", default: "64" },
  },
});
const { address, queue } = values;
const client = connect({ address, log: "silent" });
let count = 0;
let said = 0;
let isStopping = false;
const timer = setInterval(() => {
  if (count !== said) console.log(count);
  said = count;
}, sayMs);

async function drain(): Promise<void> {
  const worker = createWorker(client, {
    queues: [queue],
    capacity: Number(values.capacity),
    handlers: { work: () => void count++ },
    events: { onConnect: () => console.log("connected") },
  });
  await worker.start();
  process.once("SIGTERM", async () => {
    await worker.stop();
    end();
  });
}

async function enqueue(): Promise<void> {
  const producer = createProducer(client);
  process.once("SIGTERM", () => {
    isStopping = true;
  });
  async function lane(): Promise<void> {
    while (!isStopping) {
      await producer.enqueue(queue, "work", payload);
      count++;
    }
  }
  await Promise.all(Array.from({ length: Number(values["in-flight"]) }, lane));
  await producer.close();
  end();
}

function end(): void {
  clearInterval(timer);
  client.close();
}

await (positionals[0] === "drain" ? drain() : enqueue());
