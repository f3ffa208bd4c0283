import { setTimeout as pause } from "node:timers/promises";
import { connect, createProducer, type Producer } from "../../src/client/index.ts";
import type { Case, Figure } from "../case.ts";
import { startCpuTime } from "../measure/cpu-time.ts";
import { delayQuantile, timedPayload } from "../measure/delays.ts";
import { startWorkers, type WorkerProcesses } from "../processes/worker-processes.ts";

const queue = "everything";
/** Enqueues in flight while the highest rate is looked for, */
const lanes = 64;
/** and how far they may be ahead of the worker: what is measured goes all the way. */
const mostAhead = 2_000;
/** The share of the highest rate at which the delay is measured. */
const steadyShare = 0.8;

/** A producer, a worker and the server, each in a process of its own, all busy at once. */
export const everything: Case = {
  name: "everything",
  what: "one producer and one worker at once: as fast as they go, then a minute steadily at 80 % of it",
  server: "sitq",
  ceilings: [{ name: "echo" }, { name: "rows", figure: "settle and claim 64" }],
  goals: [
    { figure: "end to end", atLeast: 20_000 },
    { figure: "p99 at 80 %", atMost: 20 },
  ],
  async run({ address, serverPid, quick }, rounds) {
    const [maxMs, steadyMs] = quick ? [500, 500] : [5_000, 60_000 / rounds];
    const client = connect({ address });
    const producer = createProducer(client);
    await using workers = await startWorkers(1, { address, workers: [[queue]], capacity: 256 });
    const figures: Figure[][] = [];
    await fastest(workers, producer, maxMs);
    for (let round = 0; round < rounds; round++) {
      const spent = startCpuTime(serverPid);
      const { rate, tasks } = await fastest(workers, producer, maxMs);
      const cpu = spent(tasks);
      await workers.delays();
      const behind = await steadily(workers, producer, rate * steadyShare, steadyMs);
      const delays = await workers.delays();
      figures.push([
        { name: "end to end", unit: "tasks/s", value: rate },
        { name: "median at 80 %", unit: "ms", value: delayQuantile(delays, 0.5) },
        { name: "p99 at 80 %", unit: "ms", value: delayQuantile(delays, 0.99) },
        { name: "kept of the 80 %", unit: "%", value: behind * 100 },
        ...cpu,
      ]);
    }
    await workers.stop();
    await producer.close();
    client.close();
    return figures;
  },
};

const enqueueTo = (producer: Producer) => producer.enqueue(queue, "work", timedPayload());

/** As many as go through, from `enqueue` to the handler. */
async function fastest(
  workers: WorkerProcesses,
  producer: Producer,
  ms: number,
): Promise<{ rate: number; tasks: number }> {
  const handledBefore = workers.handled;
  const beganMs = performance.now();
  let enqueued = 0;
  async function lane(): Promise<void> {
    while (performance.now() - beganMs < ms) {
      const ahead = enqueued - (workers.handled - handledBefore) - mostAhead;
      if (ahead > 0) {
        await workers.reached(workers.handled + ahead);
        continue;
      }
      enqueued++;
      await enqueueTo(producer);
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  await workers.reached(handledBefore + enqueued);
  return { rate: (enqueued / (performance.now() - beganMs)) * 1_000, tasks: enqueued };
}

/** So many a second, whether or not the answers keep up. Answers which share of them was enqueued in time. */
async function steadily(workers: WorkerProcesses, producer: Producer, rate: number, ms: number): Promise<number> {
  const handledBefore = workers.handled;
  const beganMs = performance.now();
  let enqueued = 0;
  // No list of all answers: a service would not keep one, and the garbage collector would carry it along.
  let refusal: Error | null = null;
  const refused = (error: Error) => {
    refusal ??= error;
  };
  for (let atMs = 0; atMs < ms; atMs = performance.now() - beganMs) {
    const due = Math.floor((atMs / 1_000) * rate);
    for (; enqueued < due; enqueued++) enqueueTo(producer).catch(refused);
    await pause(1);
  }
  await producer.flush();
  if (refusal !== null) throw refusal;
  await workers.reached(handledBefore + enqueued);
  return ((enqueued / (performance.now() - beganMs)) * 1_000) / rate;
}
