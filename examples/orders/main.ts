/**
 * A shop: one server, three services as processes of their own, and a producer that enqueues the orders of a file. Half-way one
 * service is killed and another one restarted, and every order still completes.
 *
 * `npm run example:orders`, or with fewer: `npm run example:orders -- --orders 100`
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect, createProducer } from "sitq/client";
import { type Running, startServer } from "../process.ts";
import { type Order, readOrders, type ServiceName, serviceNames, tasksOf } from "./order.ts";
import { followTasks } from "./progress.ts";
import { printReport, readStatuses } from "./report.ts";
import { startService } from "./service-process.ts";

const { values } = parseArgs({ options: { orders: { type: "string", default: "1000" } } });
const orders = readOrders(new URL("./orders.jsonl", import.meta.url), Number(values.orders));

const directory = await mkdtemp(join(tmpdir(), "sitq-orders-"));
const running = new Map<string, Running>();
try {
  process.exitCode = await run();
} finally {
  for (const each of [...running.values()].reverse()) await each.end("SIGTERM");
  await rm(directory, { recursive: true, force: true });
}

async function run(): Promise<number> {
  const server = await startServer(join(directory, "orders.db"));
  running.set("server", server);
  const address = server.said;
  console.log(`The server listens on ${address}.`);
  for (const name of serviceNames) running.set(name, await startService(name, address));
  console.log(`Three services are at work: ${serviceNames.join(", ")}.`);
  await printHealth();

  const client = connect({ address, service: "orders" });
  const producer = createProducer(client);
  const began = performance.now();
  const progress = await followTasks(client, orders.length * serviceNames.length);
  const enqueued = enqueueAll(orders);

  await progress.reached(0.5);
  await Promise.all([kill("shipping", address), restart("billing", address)]);
  await enqueued;
  await progress.reached(1);
  progress.stop();

  await printHealth();
  const statuses = await readStatuses(client, orders);
  printReport(statuses, (performance.now() - began) / 1_000);
  await producer.close();
  client.close();
  return statuses.every(({ completed }) => completed) ? 0 : 1;

  /** Each order's tasks are one batch: they are stored together or not at all. */
  async function enqueueAll(all: readonly Order[]): Promise<void> {
    await Promise.all(
      all.map(async (order) => {
        for (const { error } of await producer.enqueueAll(tasksOf(order))) if (error !== null) throw error;
      }),
    );
  }
}

async function kill(name: ServiceName, address: string): Promise<void> {
  await running.get(name)?.end("SIGKILL");
  running.set(name, await startService(name, address));
  console.log(
    `\n${name} was killed with SIGKILL, and a new one started: what the dead one held comes back with its lease.`,
  );
}

async function restart(name: ServiceName, address: string): Promise<void> {
  await running.get(name)?.end("SIGTERM");
  running.set(name, await startService(name, address));
  console.log(`\n${name} was restarted: it finished or gave back what it held, and no attempt was burned.`);
}

async function printHealth(): Promise<void> {
  const url = running.get("inventory")?.said ?? "";
  const response = await fetch(url);
  console.log(`inventory says at ${url}: ${response.status} ${await response.text()}`);
}
