/** One run of the shop, whatever its services are written in. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SingleBar } from "cli-progress";
import { connect, type SitqClient } from "sitq/client";
import type { Order } from "../orders/order.ts";
import { type Running, startServer } from "../process.ts";
import { followOrders } from "./follow-orders.ts";
import { printRefusals } from "./refusals.ts";
import { printReport } from "./report.ts";
import { secure } from "./security.ts";
import { type ServiceName, serviceNames } from "./shop.ts";
import { placeAll, subscribeAll } from "./shop-front.ts";
import { printTrace } from "./trace.ts";

/** How the shop is run. */
export interface ShopOptions {
  readonly orders: readonly Order[];
  /** Whether every connection is encrypted, and each service proves who it is. */
  readonly isSecure: boolean;
  /** Starts an instance of a service; resolves once it is connected. `environment` says where the server is. */
  readonly start: (name: ServiceName, instance: string, environment: NodeJS.ProcessEnv) => Promise<Running>;
}

/**
 * Starts a server and two instances of each service, places the orders, kills an instance of payment half-way, and prints what became of
 * everything. Leaves nothing running. Resolves with the exit code: 0 if every order came to its end.
 */
export async function runShop(options: ShopOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "sitq-shop-"));
  const running = new Map<string, Running>();
  try {
    return await run(running, directory, options);
  } finally {
    const [server, ...services] = running.values();
    await Promise.all(services.map((each) => each.end("SIGTERM")));
    await server?.end("SIGTERM");
    await rm(directory, { recursive: true, force: true });
  }
}

async function run(running: Map<string, Running>, directory: string, options: ShopOptions): Promise<number> {
  const { orders } = options;
  const db = join(directory, "shop.db");
  const secured = options.isSecure ? await secure(db, directory) : null;
  const server = await startServer(db, secured?.serverArguments);
  running.set("server", server);
  const address = server.said;
  const how = secured === null ? "" : ", with TLS for clients with certificates and tokens";
  console.log(`The server listens on ${address}${how}.`);
  // The SDK and the command find who the shop is there.
  Object.assign(process.env, secured?.variablesOf("shop"));
  const client = connect({ address, service: "shop" });
  await subscribeAll(client);
  await Promise.all(serviceNames.flatMap((name) => [start(name, 1), start(name, 2)]));
  await printInstances(client);
  if (secured !== null) await printRefusals(address, secured);

  const began = performance.now();
  const bar = startBar(orders.length);
  const following = followOrders(client, orders.length, (through) => bar.update(through));
  const placing = placeAll(client, orders, following.placed);
  const half = following.reached(0.5);
  // One that cannot be placed ends the run, and what it started, at once.
  await Promise.race([half, placing.then(() => half)]);
  await running.get("payment-1")?.end("SIGKILL");
  console.log("\npayment-1 was killed with SIGKILL: what it held goes to payment-2 when its lease ends.");
  await placing;
  await following.reached(1);
  bar.stop();

  await untilLeft(client, "payment", 1);
  await printInstances(client);
  const isGood = await printReport(client, orders, following.servedBy, (performance.now() - began) / 1_000);
  const [first] = orders;
  if (first !== undefined) await printTrace(address, first.id);
  client.close();
  return isGood ? 0 : 1;

  async function start(name: ServiceName, number: number): Promise<void> {
    const instance = `${name}-${number}`;
    const environment = { SITQ_ADDRESS: address, ...secured?.variablesOf(name) };
    running.set(instance, await options.start(name, instance, environment));
  }
}

function startBar(total: number): SingleBar {
  const bar = new SingleBar({
    format: "orders  {bar}  {value}/{total}  {percentage} %",
    barsize: 40,
    noTTYOutput: process.stderr.isTTY !== true,
    notTTYSchedule: 1_000,
  });
  bar.start(total, 0);
  return bar;
}

/** Resolves when so many healthy instances of a service are left: the server sees the end of a killed one's connection a moment later. */
async function untilLeft(client: SitqClient, serviceName: string, left: number): Promise<void> {
  const end = new AbortController();
  try {
    for await (const _ of client.registry.watchInstances({ serviceName }, { signal: end.signal })) {
      const { services } = await client.registry.getLoadStatistics({ serviceName });
      if ((services[0]?.healthyInstanceCount ?? 0) <= left) return;
    }
  } finally {
    end.abort();
  }
}

async function printInstances(client: SitqClient): Promise<void> {
  const { services } = await client.registry.getLoadStatistics({});
  const counts = services.map((each) => `${each.serviceName} ${each.healthyInstanceCount}`);
  console.log(`Healthy instances: ${counts.join(", ")}.`);
}
