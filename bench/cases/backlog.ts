import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect, createProducer } from "../../src/client/index.ts";
import type { Case, Figure } from "../case.ts";
import { residentMb } from "../measure/cpu-time.ts";
import { measureInFlight } from "../measure/in-flight.ts";
import { payload } from "../payload.ts";
import { fillDatabase } from "../processes/fill-database.ts";
import { startSitq } from "../processes/sitq-server.ts";
import { startWorkers } from "../processes/worker-processes.ts";

/** The server takes more than it would by default: what is enqueued while it is measured comes on top. */
const flags = ["--max-queue-depth", "20000000"];
/** How many tasks wait at least when the drain's measurement ends: a queue that runs dry measures something else. */
const few = 10_000;

/** What a long backlog costs those who work beside it. */
export const backlog: Case = {
  name: "backlog",
  what: "ten million waiting tasks: rates against those with few, the start of the server on them, and its memory",
  server: "none",
  goals: [
    { figure: "enqueue, to that with few", atLeast: 0.9 },
    { figure: "claim and settle, to that with few", atLeast: 0.9 },
    { figure: "start of the server", atMost: 2 },
    { figure: "resident set", atMost: 250 },
  ],
  async run(context, rounds) {
    const many = context.quick ? 50_000 : 10_000_000;
    const roundMs = context.quick ? 300 : 5_000;
    // More than are claimed while it is measured.
    const little = few + (context.quick ? 10_000 : rounds * 500_000);
    const [short, long] = [join(context.directory, "short.db"), join(context.directory, "long.db")];
    context.say(`filling a database with ${many} tasks`);
    fillDatabase(short, { pending: Math.min(little, many) });
    fillDatabase(long, { pending: many });
    const figures: Figure[][] = [];
    for (let round = 0; round < rounds; round++) {
      context.say(`round ${round + 1}`);
      const before = await measureOn(short, roundMs);
      const after = await measureOn(long, roundMs);
      figures.push([
        { name: "enqueue, to that with few", unit: "ratio", value: after.enqueues / before.enqueues },
        { name: "claim and settle, to that with few", unit: "ratio", value: after.claims / before.claims },
        { name: "start of the server", unit: "s", value: after.startMs / 1_000 },
        { name: "resident set", unit: "MB", value: after.mb },
        { name: "enqueue", unit: "tasks/s", value: after.enqueues },
        { name: "claim and settle", unit: "tasks/s", value: after.claims },
      ]);
    }
    return figures;
  },
};

async function measureOn(db: string, roundMs: number) {
  const beganMs = performance.now();
  await using server = await startSitq(db, flags);
  const startMs = performance.now() - beganMs;
  const enqueues = await enqueueRate(server.address, roundMs);
  const claims = await claimRate(server.address, roundMs);
  return { startMs, enqueues, claims, mb: residentMb(server.pid) };
}

async function enqueueRate(address: string, roundMs: number): Promise<number> {
  const client = connect({ address });
  const producer = createProducer(client);
  const enqueue = () => producer.enqueue("backlog", "work", payload);
  const [rate = Number.NaN] = await measureInFlight(64, enqueue, 1, { warmUpMs: roundMs / 2, roundMs });
  await producer.close();
  client.close();
  return rate;
}

async function claimRate(address: string, roundMs: number): Promise<number> {
  await using workers = await startWorkers(1, { address, workers: [["backlog"]], capacity: 256 });
  await pause(roundMs / 2);
  const [handledBefore, beganMs] = [workers.handled, performance.now()];
  await pause(roundMs);
  return ((workers.handled - handledBefore) / (performance.now() - beganMs)) * 1_000;
}
