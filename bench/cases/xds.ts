import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type SitqClient } from "../../src/client/index.ts";
import { type StartedServer, startServer } from "../../test/harness/server-process.ts";
import type { Case, CaseContext, Figure } from "../case.ts";
import { type Clients, startClients } from "../discovery/clients.ts";
import { countWatchers, type Layout, serviceName } from "../discovery/layout.ts";
import { change, keepAlive, registerAll } from "../discovery/registry.ts";
import type { Discovery } from "../discovery/watching-client.ts";
import { cpuSeconds, residentMb } from "../measure/cpu-time.ts";
import { machineMs } from "../measure/delays.ts";
import { startSitq } from "../processes/sitq-server.ts";
import { quantile } from "../quantile.ts";

/** How long each part of a round goes on. */
interface Scale {
  readonly layout: Layout;
  /** Changes of services that few clients watch, and of the one that all watch. */
  readonly spread: number;
  readonly shared: number;
  /** Between two changes, in milliseconds. */
  readonly spreadMs: number;
  readonly sharedMs: number;
  /** Before processor time is measured, and for how long, in milliseconds. */
  readonly settleMs: number;
  readonly quietMs: number;
  readonly heartbeatsMs: number;
}

const full: Scale = {
  layout: { services: 1_000, instances: 10, clients: 1_000, watched: 10 },
  spread: 200,
  shared: 20,
  spreadMs: 50,
  sharedMs: 500,
  settleMs: 10_000,
  quietMs: 60_000,
  heartbeatsMs: 20_000,
};
const quick: Scale = {
  layout: { services: 50, instances: 4, clients: 50, watched: 5 },
  spread: 10,
  shared: 3,
  spreadMs: 10,
  sharedMs: 50,
  settleMs: 200,
  quietMs: 500,
  heartbeatsMs: 500,
};

/** How often an instance of the default ttl sends a heartbeat, in milliseconds. */
const heartbeatMs = 10_000;
/** The clients are on one machine; those of WatchInstances have a watch for each service. */
const flags = ["--max-connections-per-address", "2000", "--max-watchers", "20000", "--log-level", "error"];

/** What many clients of discovery cost, by xDS and by WatchInstances in turn. */
export const xds: Case = {
  name: "xds",
  what: "1,000 services of 10 instances, 1,000 connected clients of 10 services each, by xDS and by WatchInstances: changes, quiet, memory, and all back at once",
  server: "none",
  goals: [
    { figure: "xDS: change of a service that 9 watch, p99", atMost: 1_000 },
    { figure: "xDS: change of a service that all watch, p99", atMost: 1_000 },
    { figure: "xDS: quiet", atMost: 1 },
    { figure: "xDS: resident set", atMost: 300 },
  ],
  async run(context, rounds) {
    const scale = context.quick ? quick : full;
    await fill(context, scale.layout);
    const figures: Figure[][] = [];
    for (let round = 0; round < rounds; round++) {
      const all = new Map<string, Figure[]>();
      // Every second round in reverse: none has a place of its own.
      const kinds: (Discovery | null)[] = ["xDS", "WatchInstances", null];
      for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
        context.say(`round ${round + 1}: ${kind ?? "no clients"}`);
        all.set(String(kind), await measure(context, scale, kind));
      }
      figures.push(kinds.flatMap((kind) => all.get(String(kind)) ?? []));
    }
    return figures;
  },
};

/** Stores the registry that each measurement begins with. */
async function fill({ directory, say }: CaseContext, layout: Layout): Promise<void> {
  say(`registering ${layout.services * layout.instances} instances`);
  await using server = await startSitq(join(directory, "registry.db"));
  const client = connect({ address: server.address });
  await registerAll(client, layout);
  client.close();
}

async function measure(context: CaseContext, scale: Scale, discovery: Discovery | null): Promise<Figure[]> {
  const db = join(context.directory, "in-use.db");
  copyFileSync(join(context.directory, "registry.db"), db);
  const server = await startServer({ db, args: flags });
  const client = connect({ address: server.address });
  try {
    const parts =
      discovery === null
        ? await measureQuiet(server.pid, client, scale)
        : await measureClients(context, { db, server, client, discovery, scale });
    return parts.map((figure) => ({ ...figure, name: `${discovery ?? "no clients"}: ${figure.name}` }));
  } finally {
    client.close();
    server.signal("SIGTERM");
    await server.exited;
  }
}

/** What clients are measured with. */
interface Measured {
  readonly db: string;
  readonly server: StartedServer;
  readonly client: SitqClient;
  readonly discovery: Discovery;
  readonly scale: Scale;
}

async function measureClients({ say }: CaseContext, measured: Measured): Promise<Figure[]> {
  const { db, server, client, discovery, scale } = measured;
  const { layout, spread, shared, spreadMs, sharedMs } = scale;
  const beganMs = machineMs();
  await using clients = startClients({ address: server.address, discovery, layout });
  const firstMs = (await clients.begun()) - beganMs;
  say("changes");
  const few = await measureChanges(measured, clients, { first: 0, count: spread, everyMs: spreadMs, isShared: false });
  const all = await measureChanges(measured, clients, {
    first: spread,
    count: shared,
    everyMs: sharedMs,
    isShared: true,
  });
  say("quiet");
  const quiet = await measureQuiet(server.pid, client, scale);
  say("all back at once");
  await clients.release();
  await server.kill();
  await clients.gone();
  await using next = await startServer({ db, args: flags, listen: server.address });
  const restartMs = machineMs();
  const backMs = (await clients.begun()) - restartMs;
  const residentBack = residentMb(next.pid);
  await clients[Symbol.asyncDispose]();
  next.signal("SIGTERM");
  await next.exited;
  const ms = (name: string, value: number): Figure => ({ name, unit: "ms", value });
  return [
    ...few.map((figure) => ({ ...figure, name: `change of a service that 9 watch, ${figure.name}` })),
    ...all.map((figure) => ({ ...figure, name: `change of a service that all watch, ${figure.name}` })),
    ...quiet,
    ms("first connect", firstMs),
    ms("all back after a restart", backMs),
    { name: "resident set after it", unit: "MB", value: residentBack },
  ];
}

/** Which changes are made. */
interface Changes {
  readonly first: number;
  readonly count: number;
  readonly everyMs: number;
  /** Of the service that all watch. */
  readonly isShared: boolean;
}

/** How long each change took to each client that watches, from before it was asked for, and what one cost the server. */
async function measureChanges(
  { server, client, scale: { layout } }: Measured,
  clients: Clients,
  { first, count, everyMs, isShared }: Changes,
): Promise<Figure[]> {
  const watchers = countWatchers(layout);
  const beganMs: number[] = [];
  let expected = 0;
  const before = cpuSeconds(server.pid);
  for (let number = first; number < first + count; number++) {
    // A step that has no divisor in common with the number of the services goes to all of them.
    const service = isShared ? 0 : 1 + ((number * 7) % (layout.services - 1));
    beganMs[number] = await change(client, service, number % layout.instances, number);
    expected += watchers.get(serviceName(service)) ?? 0;
    await pause(everyMs);
  }
  const arrivals = await clients.arrivals(expected);
  const delays = arrivals.map(({ change: number, atMs }) => atMs - (beganMs[number] ?? Number.NaN));
  return [
    { name: "p99", unit: "ms", value: quantile(delays, 0.99) },
    { name: "median", unit: "ms", value: quantile(delays, 0.5) },
    { name: "processor time", unit: "ms", value: ((cpuSeconds(server.pid) - before) / count) * 1_000 },
  ];
}

/** What a server takes of a core while nothing changes, without and with heartbeats, and its memory. */
async function measureQuiet(pid: number, client: SitqClient, scale: Scale): Promise<Figure[]> {
  const share = async (spanMs: number) => {
    const before = cpuSeconds(pid);
    await pause(spanMs);
    return ((cpuSeconds(pid) - before) / spanMs) * 100_000;
  };
  await pause(scale.settleMs);
  const quiet = await share(scale.quietMs);
  const resident = residentMb(pid);
  const end = new AbortController();
  const beating = keepAlive(client, scale.layout, heartbeatMs, end.signal);
  const busy = await share(scale.heartbeatsMs);
  end.abort();
  await beating;
  return [
    { name: "quiet", unit: "%", value: quiet },
    { name: "with heartbeats of all instances", unit: "%", value: busy },
    { name: "resident set", unit: "MB", value: resident },
  ];
}
