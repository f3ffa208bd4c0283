import { setTimeout as sleep } from "node:timers/promises";
import { connect, type SitqClient } from "../../src/client/index.ts";
import type { Case, CaseContext, Figure } from "../case.ts";
import { type ClientProgram, clientPrograms, prepare, type RunningProgram, startProgram } from "../clients/programs.ts";
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
    .flatMap(({ language, atLeast }) =>
      measured.map((what) => ({ figure: `${language}: ${what} beside TypeScript`, atLeast })),
    ),
  async run(context, rounds) {
    const programs = clientPrograms.filter((program) => {
      const reason = prepare(program);
      if (reason !== null) context.say(`SKIPPED: ${program.language}: ${reason}`);
      return reason === null;
    });
    const client = connect({ address: context.address });
    const figures: Figure[][] = [];
    for (let round = 0; round <= rounds; round++) {
      const all = new Map<string, number[]>();
      // Every second round in reverse: no language has a place of its own.
      for (const program of round % 2 === 0 ? programs : programs.toReversed()) {
        context.say(`round ${round}: ${program.language}`);
        all.set(program.language, await measure(context, client, program));
      }
      figures.push(programs.flatMap(({ language }) => figuresOf(language, all)));
    }
    client.close();
    // The first one was the warm-up.
    return figures.slice(1);
  },
};

/** The rates of one language, in tasks a second, in the order of `measured`. */
async function measure(context: CaseContext, client: SitqClient, program: ClientProgram): Promise<number[]> {
  const rates: number[] = [];
  for (const capacity of capacities) rates.push(await measureDrain(context, client, program, capacity));
  rates.push(await measureEnqueues(context, program));
  return rates;
}

/** What was measured of a language, and its share of what TypeScript did in the same round. */
function figuresOf(language: string, all: ReadonlyMap<string, readonly number[]>): Figure[] {
  return measured.flatMap((name, index) => {
    const rate = all.get(language)?.[index] ?? Number.NaN;
    const ofTypeScript = all.get("TypeScript")?.[index] ?? Number.NaN;
    const absolute: Figure = { name: `${language}: ${name}`, unit: "tasks/s", value: rate };
    const share: Figure = {
      name: `${language}: ${name} beside TypeScript`,
      unit: "ratio",
      value: rate / ofTypeScript,
    };
    return language === "TypeScript" ? [absolute] : [absolute, share];
  });
}

async function measureDrain(
  context: CaseContext,
  client: SitqClient,
  program: ClientProgram,
  capacity: number,
): Promise<number> {
  const queue = `drain-${program.language.toLowerCase()}-${capacity}`;
  const [warmUpTasks, tasks] = context.quick ? [100, 1_000] : [20_000, 50_000];
  const setPaused = (paused: boolean) =>
    client.queue.updateQueue({ queue: { name: queue, paused }, updateMask: { paths: ["paused"] }, allowMissing: true });

  await setPaused(true);
  const args = ["drain", "--address", context.address, "--queue", queue, "--capacity", String(capacity)];
  await using worker = startProgram(program, args);
  await worker.connected();
  async function drain(count: number): Promise<number> {
    const goal = worker.count + count;
    await setPaused(true);
    await fillQueue(client, queue, count, context.say);
    const beganMs = performance.now();
    await setPaused(false);
    await worker.reached(goal);
    return (count / (performance.now() - beganMs)) * 1_000;
  }
  await drain(warmUpTasks);
  return await drain(tasks);
}

async function measureEnqueues(context: CaseContext, program: ClientProgram): Promise<number> {
  const queue = `enqueue-${program.language.toLowerCase()}`;
  const [warmUpMs, roundMs] = context.quick ? [300, 300] : [2_000, 4_000];
  const args = ["enqueue", "--address", context.address, "--queue", queue, "--in-flight", String(inFlight)];
  await using producer = startProgram(program, args);
  await producer.reached(1);
  await sleep(warmUpMs);
  return await rateOf(producer, roundMs);
}

/** How many tasks a second a program stores. */
async function rateOf(program: RunningProgram, roundMs: number): Promise<number> {
  const before = program.count;
  const beganMs = performance.now();
  await sleep(roundMs);
  return ((program.count - before) / (performance.now() - beganMs)) * 1_000;
}
