import { expect, it } from "vitest";
import { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import { connectWorker, givenTogether, type ScriptedWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, readQueue, span } from "../../harness/calls/tasks.ts";
import { createSeededRandom } from "../../harness/seeded-random.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer({ random: createSeededRandom(7).next });
const { LEAST_LOADED, ROUND_ROBIN, RANDOM } = BalancingStrategy;

/** A queue with a strategy and workers of these capacities, which hold what they are given. */
async function connectWorkers(strategy: BalancingStrategy, capacities: readonly number[]) {
  const queue = freshQueue();
  await shared().queue.updateQueue({ queue: { name: queue, strategy }, allowMissing: true });
  const workers: ScriptedWorker[] = [];
  for (const [index, capacity] of capacities.entries()) {
    workers.push(await connectWorker(shared(), { workerId: `${queue}-${index}`, queues: [queue], capacity }));
  }
  // The claims of the empty queue that came with the workers are through: none of them is still out for one worker alone.
  for (let round = 0; round < 2; round++) await readQueue(shared(), queue);
  return { queue, workers };
}

/** How many each has been given, once `n` tasks have been. */
async function shares(workers: readonly ScriptedWorker[], n: number): Promise<number[]> {
  await givenTogether(workers, n);
  return workers.map(({ tasks }) => tasks.length);
}

function expectWithin(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  const off = actual.filter((n, index) => Math.abs(n - (expected[index] ?? 0)) > tolerance);
  expect(off, `${actual} is within ${tolerance} of ${expected}`).toEqual([]);
}

it.each([
  ["least loaded, which is the default", BalancingStrategy.UNSPECIFIED, 1],
  ["least loaded", LEAST_LOADED, 1],
  ["round robin", ROUND_ROBIN, 4],
  // Three standard deviations of a fair draw: 3 · √(1000 · 1/3 · 2/3).
  ["random", RANDOM, 45],
] as const)("spreads 1000 tasks evenly over three equal workers: %s", async (_name, strategy, tolerance) => {
  const { queue, workers } = await connectWorkers(strategy, [1_000, 1_000, 1_000]);
  await enqueueMany(shared(), 1_000, { queue });
  expectWithin(await shares(workers, 1_000), [333, 333, 333], tolerance);
});

it.each([
  ["least loaded gives each as large a share of its capacity", LEAST_LOADED, [100, 300, 600], 1],
  ["random gives each as likely as its free capacity is large", RANDOM, [100, 300, 600], 50],
] as const)("weighs workers of unequal capacity: %s", async (_name, strategy, expected, tolerance) => {
  const { queue, workers } = await connectWorkers(strategy, [1_000, 3_000, 6_000]);
  await enqueueMany(shared(), 1_000, { queue });
  expectWithin(await shares(workers, 1_000), expected, tolerance);
});

it("takes round robin past workers that are full", async () => {
  const { queue, workers } = await connectWorkers(ROUND_ROBIN, [2, 50, 50]);
  await enqueueMany(shared(), 62, { queue });
  expectWithin(await shares(workers, 62), [2, 30, 30], 2);
});

it("spreads tasks that come one by one just as well", async () => {
  const { queue, workers } = await connectWorkers(LEAST_LOADED, [10, 20]);
  for (let i = 0; i < 15; i++) await enqueue(shared(), { queue });
  expect(await shares(workers, 15)).toEqual([5, 10]);
});

it("gives the next tasks to a worker that comes later until it has as much to do", async () => {
  const { queue, workers } = await connectWorkers(LEAST_LOADED, [20]);
  await enqueueMany(shared(), 10, { queue });
  await shares(workers, 10);
  workers.push(await connectWorker(shared(), { workerId: `${queue}-later`, queues: [queue], capacity: 20 }));
  for (let i = 0; i < 10; i++) await enqueue(shared(), { queue });
  expect(await shares(workers, 20)).toEqual([10, 10]);
});

it("changes the strategy of a queue while it is worked", async () => {
  const { queue, workers } = await connectWorkers(LEAST_LOADED, [20]);
  await enqueueMany(shared(), 10, { queue });
  await shares(workers, 10);
  workers.push(await connectWorker(shared(), { workerId: `${queue}-later`, queues: [queue], capacity: 20 }));
  await shared().queue.updateQueue({ queue: { name: queue, strategy: ROUND_ROBIN } });
  for (let i = 0; i < 10; i++) await enqueue(shared(), { queue });
  expect(await shares(workers, 20)).toEqual([15, 5]);
});

it("lets one who waits in ClaimTasks take its share", async () => {
  const { queue, workers } = await connectWorkers(LEAST_LOADED, [4]);
  const waiting = shared().worker.claimTasks({
    workerId: `${queue}-hand`,
    queues: [queue],
    maxTasks: 4,
    wait: span(60_000),
  });
  await shared().queue.listQueues({});
  await enqueueMany(shared(), 4, { queue });
  const { tasks } = await waiting;
  expect(tasks.length).toBeGreaterThan(0);
  expect((await shares(workers, 4 - tasks.length))[0]).toBe(4 - tasks.length);
});

it("keeps every worker busy through 1000 tasks, none far behind its share", async () => {
  const { queue, workers } = await connectWorkers(LEAST_LOADED, [8, 8, 16]);
  // Until its stream is cut.
  const working = workers.map(async (worker) => {
    for (;;) await worker.complete(...(await worker.next("tasks")).tasks);
  });
  await enqueueMany(shared(), 1_000, { queue });
  await givenTogether(workers, 1_000);
  for (const worker of workers) worker.cut();
  await Promise.allSettled(working);
  const got = workers.map(({ tasks }) => tasks.length);
  expect(got.reduce((sum, n) => sum + n)).toBe(1_000);
  expectWithin(got, [250, 250, 500], 150);
});
