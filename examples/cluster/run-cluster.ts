import { EventEmitter, once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { type ClientLog, type ClientLogMethod, connect } from "sitq/client";
import { followOrders } from "../microservices/follow-orders.ts";
import { isDeclined } from "../microservices/payment.ts";
import { hasNoCarrier } from "../microservices/shipping.ts";
import { serviceNames } from "../microservices/shop.ts";
import { placeAll, subscribeAll } from "../microservices/shop-front.ts";
import { readOrders } from "../orders/order.ts";
import { startProcess } from "../process.ts";
import { startPostgres } from "./postgres.ts";
import { readOutcome } from "./report.ts";
import { startServers } from "./servers.ts";
import { Started } from "./started.ts";

/** How many servers share the database. */
const serverCount = 3;

/** How long the database stays away, in milliseconds. */
const awayMs = 1_000;

/** After this time the run is given up, in milliseconds. */
const limitMs = 240_000;

/**
 * Runs the shop on several servers. Leaves nothing running and no files. Resolves with the exit code: 0 if every order completed.
 *
 * @param programs where PostgreSQL's programs are
 */
export async function runCluster(programs: string, orderCount: number): Promise<number> {
  const started = new Started();
  const ending = new AbortController();
  const limit = setTimeout(() => ending.abort(new Error(`it was not done after ${limitMs / 1_000} s`)), limitMs);
  const interrupted = (signal: NodeJS.Signals) => ending.abort(new Error(`ended by ${signal}`));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupted);
  const ended = new Promise<never>((_, reject) => {
    ending.signal.addEventListener("abort", () => reject(ending.signal.reason));
  });
  try {
    return await Promise.race([run(started, programs, orderCount, ending.signal), ended]);
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    clearTimeout(limit);
    ending.abort();
    await started.end();
  }
}

async function run(started: Started, programs: string, orderCount: number, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  const say = (text: string) => console.log(`${seconds(performance.now() - began).padStart(7)}  ${text}`);
  const orders = readOrders(new URL("../orders/orders.jsonl", import.meta.url), Number.POSITIVE_INFINITY)
    // All of these can be fulfilled. What becomes of others is shown by example:microservices.
    .filter(({ id }) => !isDeclined(id) && !hasNoCarrier(id))
    .slice(0, orderCount);

  const database = await startPostgres(programs);
  await started.add("database", database.stop);
  say(`PostgreSQL is there: ${database.url}`);
  const servers = await startServers(serverCount, database.url, started, say);
  await servers.until(() => servers.leader() !== undefined, signal);
  const leader = servers.leader();
  for (const { name, address } of servers.all)
    say(`${name} listens on ${address}${name === leader?.name ? ", and leads" : ""}.`);

  const addresses = servers.all.map(({ address }) => address).join();
  const client = connect({ address: addresses, service: "shop", log: logTo((line) => say(`shop: ${line}`)) });
  await started.add("client", () => client.close());
  await subscribeAll(client);
  const service = new URL("../microservices/service.ts", import.meta.url);
  const instances = serviceNames.flatMap((name) => [1, 2].map((number) => ({ name, instance: `${name}-${number}` })));
  await Promise.all(
    instances.map(async ({ name, instance }) => {
      // That payment's provider does not answer at times is no part of this story.
      const onLogLine = (line: string) => line.includes("failed in attempt") || say(`${instance}: ${line}`);
      const options = { env: { SITQ_ADDRESS: addresses }, onLogLine, signal };
      const running = await startProcess(service, [name, instance], /^ready/, options);
      await started.add("service", () => running.end("SIGTERM"));
    }),
  );
  await servers.until(() => connected() === instances.length, signal);
  const spread = servers.all.map(({ name, workers }) => `${workers.size} to ${name}`).join(", ");
  say(`${instances.length} instances of services are connected: ${spread}.`);

  const ends = new EventEmitter();
  let through = 0;
  const following = followOrders(client, orders.length, (count) => {
    through = count;
    ends.emit("order");
  });
  // What happens, happens as soon as the last of some orders is placed: at least that one ends after it.
  const quarter = Math.floor(orders.length / 4);
  say(`Orders run: the first ${quarter} of ${orders.length}.`);
  await placed(0, quarter);
  await areThrough(quarter);
  say("Orders run: as many more.");
  await placed(quarter, 2 * quarter);
  await killLeader();
  await areThrough(2 * quarter);

  say(`Orders run: the other ${orders.length - 2 * quarter}.`);
  await placed(2 * quarter, orders.length);
  await crashDatabase();
  await following.reached(1);
  say(`${orders.length} orders are through.`);

  const { isGood, text } = await readOutcome(client, orders.length, signal);
  for (const line of servers.errors) say(`an error was logged: ${line}`);
  console.log(text);
  return isGood ? 0 : 1;

  function connected(): number {
    return servers.all.reduce((sum, { workers }) => sum + workers.size, 0);
  }

  /** Places orders; fails when they cannot be placed. */
  function placed(from: number, to: number): Promise<void> {
    return placeAll(client, orders.slice(from, to), following.placed);
  }

  /** So many orders are through. */
  function areThrough(count: number): Promise<void> {
    // Half an order less: a share of all is rounded up.
    return following.reached((count - 0.5) / orders.length);
  }

  /** How long it takes, in milliseconds, until another order is through. */
  async function untilNext(): Promise<number> {
    const atMs = performance.now();
    await once(ends, "order", { signal });
    return performance.now() - atMs;
  }

  async function killLeader(): Promise<void> {
    const killed = servers.leader();
    if (killed === undefined) throw new Error("no server leads");
    const moving = [...killed.workers];
    const others = servers.all.filter((each) => each !== killed);
    const atMs = performance.now();
    const next = untilNext();
    await killed.running.end("SIGKILL");
    say(`${killed.name}, which leads, was killed with SIGKILL. Instances connected to it: ${moving.length}.`);
    const moved = servers
      .until(() => moving.every((worker) => others.some(({ workers }) => workers.has(worker))), signal)
      .then(() => performance.now() - atMs);
    const led = servers.until(() => servers.leader() !== undefined, signal).then(() => performance.now() - atMs);
    say(`Orders go on: the next one ended ${seconds(await next)} after the kill.`);
    if (moving.length > 0) say(`They are all connected to other servers, ${seconds(await moved)} after the kill.`);
    const tookMs = await led;
    say(`${servers.leader()?.name ?? ""} leads, ${seconds(tookMs)} after the kill.`);
  }

  async function crashDatabase(): Promise<void> {
    const atMs = performance.now();
    say(`The database crashes (SIGQUIT); ${orders.length - through} orders are not through.`);
    const next = untilNext();
    await database.crash();
    await pause(awayMs, undefined, { signal });
    await database.restart();
    const backMs = performance.now();
    say(`The database takes connections again, ${seconds(backMs - atMs)} after the crash.`);
    await next;
    say(`Orders go on: the next one ended ${seconds(performance.now() - backMs)} later.`);
  }
}

function logTo(write: (line: string) => void): ClientLog {
  const method: ClientLogMethod = (_, message) => write(message);
  return { error: method, warn: method, info: () => undefined, debug: () => undefined };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
