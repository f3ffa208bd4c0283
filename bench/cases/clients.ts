import { setTimeout as sleep } from "node:timers/promises";
import { prepare } from "../../conformance/toolchain.ts";
import { connect, type SitqClient } from "../../src/client/index.ts";
import type { Case, CaseContext, Figure } from "../case.ts";
import { type ClientProgram, clientPrograms, type RunningProgram, startProgram } from "../clients/programs.ts";
import { cpuSeconds } from "../measure/cpu-time.ts";
import { fillQueue } from "../processes/fill-queue.ts";

const capacities = [64, 256] as const;
/** Enqueues that one producer has under way. */
const inFlight = 256;
/** What is measured of each language. */
const measured = [...capacities.map((capacity) => `drain ${capacity}`), `enqueues, ${inFlight} in flight`];

/** How the clients of all languages that are here compare with TypeScript's, which takes its turns in the same rounds. */
export const clients: Case = {
  name: "clients",
  what: "the clients of other languages: drains with room for 64 and 256, and single enqueues with 256 in flight",
  server: "sitq",
  goals: clientPrograms
    .slice(1)
    .flatMap(({ name, atLeast }) =>
      measured.map((what) => ({ figure: `${name}: ${what} beside TypeScript`, atLeast })),
    ),
  async run(context, rounds) {
    const programs = clientPrograms.filter((program) => {
      const reason = prepare(program);
      if (reason !== null) context.say(`SKIPPED: ${program.name}: ${reason}`);
      return reason === null;
    });
    const client = connect({ address: context.address });
    const figures: Figure[][] = [];
    for (let round = 0; round <= rounds; round++) {
      const all = new Map<string, Measurement[]>();
      // Every second round in reverse: no language has a place of its own.
      for (const program of round % 2 === 0 ? programs : programs.toReversed()) {
        context.say(`round ${round}: ${program.name}`);
        all.set(program.name, await measure(context, client, program));
      }
      figures.push(programs.flatMap(({ name }) => figuresOf(name, all)));
    }
    client.close();
    // The first one was the warm-up.
    return figures.slice(1);
  },
};

/** What was measured of a client. */
interface Measurement {
  /** Tasks a second. */
  readonly rate: number;
  /** What a task has cost the client's process and the server's, in µs. */
  readonly clientMicros: number;
  readonly serverMicros: number;
}

/** Measures one language, in the order of `measured`. */
async function measure(context: CaseContext, client: SitqClient, program: ClientProgram): Promise<Measurement[]> {
  const all: Measurement[] = [];
  for (const capacity of capacities) all.push(await measureDrain(context, client, program, capacity));
  all.push(await measureEnqueues(context, program));
  return all;
}

/** What was measured of a language, and its share of what TypeScript did in the same round. */
function figuresOf(language: string, all: ReadonlyMap<string, readonly Measurement[]>): Figure[] {
  return measured.flatMap((name, index) => {
    const found = all.get(language)?.[index];
    const beside = all.get("TypeScript")?.[index];
    if (found === undefined || beside === undefined) return [];
    const figures: Figure[] = [
      { name: `${language}: ${name}`, unit: "tasks/s", value: found.rate },
      { name: `${language}: ${name}, its processor time`, unit: "µs", value: found.clientMicros },
      { name: `${language}: ${name}, the server's`, unit: "µs", value: found.serverMicros },
    ];
    if (language !== "TypeScript") {
      const value = found.rate / beside.rate;
      figures.push({ name: `${language}: ${name} beside TypeScript`, unit: "ratio", value });
    }
    return figures.filter(({ value }) => !Number.isNaN(value));
  });
}

async function measureDrain(
  context: CaseContext,
  client: SitqClient,
  program: ClientProgram,
  capacity: number,
): Promise<Measurement> {
  const queue = `drain-${program.name.toLowerCase()}-${capacity}`;
  const [warmUpTasks, tasks] = context.quick ? [100, 1_000] : [program.warmUpTasks ?? 20_000, 50_000];
  const setPaused = (paused: boolean) =>
    client.queue.updateQueue({ queue: { name: queue, paused }, updateMask: { paths: ["paused"] }, allowMissing: true });

  await setPaused(true);
  const args = ["drain", "--address", context.address, "--queue", queue, "--capacity", String(capacity)];
  await using worker = startProgram(program, args);
  await worker.connected();
  async function drain(count: number): Promise<Measurement> {
    const goal = worker.count + count;
    await setPaused(true);
    await fillQueue(client, queue, count, context.say);
    const measurement = begin(context, worker);
    await setPaused(false);
    await worker.reached(goal);
    return measurement();
  }
  await drain(warmUpTasks);
  return await drain(tasks);
}

async function measureEnqueues(context: CaseContext, program: ClientProgram): Promise<Measurement> {
  const queue = `enqueue-${program.name.toLowerCase()}`;
  const [warmUpMs, roundMs] = context.quick ? [300, 300] : [2_000, 4_000];
  const args = ["enqueue", "--address", context.address, "--queue", queue, "--in-flight", String(inFlight)];
  await using producer = startProgram(program, args);
  await producer.reached(1);
  await sleep(warmUpMs);
  const measurement = begin(context, producer);
  await sleep(roundMs);
  return measurement();
}

/** Begins to measure a program; the answered function ends it. */
function begin({ serverPid }: CaseContext, program: RunningProgram): () => Measurement {
  const [count, clientSeconds, serverSeconds] = [program.count, cpuSeconds(program.pid), cpuSeconds(serverPid)];
  const beganMs = performance.now();
  return () => {
    const tasks = program.count - count;
    return {
      rate: (tasks / (performance.now() - beganMs)) * 1_000,
      clientMicros: ((cpuSeconds(program.pid) - clientSeconds) / tasks) * 1e6,
      serverMicros: ((cpuSeconds(serverPid) - serverSeconds) / tasks) * 1e6,
    };
  };
}
