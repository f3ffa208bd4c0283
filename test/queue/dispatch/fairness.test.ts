/** 10,000 tasks over workers of unequal capacity and speed: the shares are what each strategy promises. */

import { describe, expect, it } from "vitest";
import { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import {
  connectWorker,
  givenTogether,
  type HelloInit,
  type ScriptedWorker,
} from "../../harness/calls/scripted-worker.ts";
import { readQueue } from "../../harness/calls/tasks.ts";
import { createSeededRandom } from "../../harness/seeded-random.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer({ random: createSeededRandom(11).next });
const { LEAST_LOADED, ROUND_ROBIN, RANDOM, WEIGHTED, STICKY } = BalancingStrategy;
const taskCount = 10_000;

async function connectWorkers(strategy: BalancingStrategy, hellos: readonly HelloInit[]) {
  const queue = freshQueue();
  await shared().queue.updateQueue({ queue: { name: queue, strategy }, allowMissing: true });
  const workers: ScriptedWorker[] = [];
  for (const [index, hello] of hellos.entries()) {
    workers.push(await connectWorker(shared(), { workerId: `${queue}-${index}`, queues: [queue], ...hello }));
  }
  // The claims of the empty queue that came with the workers are through: none of them is still out for one worker alone.
  for (let round = 0; round < 2; round++) await readQueue(shared(), queue);
  return { queue, workers };
}

/** Enqueues a batch, and waits until every task of it is with a worker. */
async function handOut(queue: string, workers: readonly ScriptedWorker[], correlationIds: readonly string[]) {
  const requests = correlationIds.map((correlationId) => ({ task: { queue, type: "ship", correlationId } }));
  const before = workers.reduce((sum, { tasks }) => sum + tasks.length, 0);
  const given = givenTogether(workers, before + requests.length);
  await shared().queue.enqueueBatch({ requests });
  await given;
}

function expectShares(workers: readonly ScriptedWorker[], expected: readonly number[], tolerance: number): void {
  const shares = workers.map(({ tasks }) => tasks.length);
  expect(shares.reduce((sum, n) => sum + n)).toBe(taskCount);
  const off = shares.filter((n, index) => Math.abs(n - (expected[index] ?? 0)) > tolerance);
  expect(off, `${shares} is within ${tolerance} of ${expected}`).toEqual([]);
}

describe("workers that keep what they are given", () => {
  const capacities = [3_000, 5_000, 10_000];
  const total = 18_000;

  it.each([
    // Each has as large a share of its capacity, to the task.
    ["least loaded", LEAST_LOADED, capacities.map((capacity) => (taskCount * capacity) / total), 1],
    // As many to each, until the first is full.
    ["round robin", ROUND_ROBIN, [3_000, 3_500, 3_500], 1],
    // Four standard deviations of drawing 10,000 of 18,000 places without putting back: 4 · √(n · p · q · (N - n) / (N - 1)).
    ["random", RANDOM, capacities.map((capacity) => (taskCount * capacity) / total), 133],
    // 1 : 4 : 5, and nobody is full.
    ["weighted", WEIGHTED, [1_000, 4_000, 5_000], 50],
  ] as const)("%s", async (_name, strategy, expected, tolerance) => {
    const weights = [1, 4, 5];
    const { queue, workers } = await connectWorkers(
      strategy,
      capacities.map((capacity, index) => ({ capacity, weight: weights[index] ?? 0 })),
    );
    for (let n = 0; n < taskCount; n += 1_000) await handOut(queue, workers, Array(1_000).fill(""));
    expectShares(workers, expected, tolerance);
  });
});

describe("workers of unequal capacity and speed", () => {
  const capacities = [40, 80, 160];
  /** How many each finishes while 200 come. */
  const speeds = [20, 60, 200];

  it.each([
    // 75 % of each capacity is where as many are finished as come: the slow ones do what they can, the fast one the rest.
    [
      "least loaded: no worker idles while another has a queue of its own",
      LEAST_LOADED,
      [0, 0, 0],
      [1_000, 3_000, 6_000],
      100,
    ],
    // 67 each is more than the first two finish: they stay full, and are passed over.
    ["round robin: a slow one takes what it can, the others go on", ROUND_ROBIN, [0, 0, 0], [1_000, 3_000, 6_000], 100],
    // Nobody is given more than it finishes, so that the weights alone decide, but for a claim under way that holds room.
    ["weighted: the weights decide as long as nobody is full", WEIGHTED, [1, 2, 7], [1_000, 2_000, 7_000], 50],
    // The first would get 133 of 200 and finishes 20; the others share the rest 1 : 2, and the second is not full by that.
    ["weighted: one that is full is passed over", WEIGHTED, [6, 1, 2], [1_000, 3_000, 6_000], 100],
    ["random: nobody is given more than it has room for", RANDOM, [0, 0, 0], [1_000, 3_000, 6_000], 300],
  ] as const)("%s", async (_name, strategy, weights, expected, tolerance) => {
    const { queue, workers } = await connectWorkers(
      strategy,
      capacities.map((capacity, index) => ({ capacity, weight: weights[index] ?? 0 })),
    );
    const finished = workers.map(() => 0);
    for (let n = 0; n < taskCount; n += 200) {
      await handOut(queue, workers, Array(200).fill(""));
      for (const [index, worker] of workers.entries()) {
        const from = finished[index] ?? 0;
        const done = worker.tasks.slice(from, from + (speeds[index] ?? 0));
        if (done.length > 0) await worker.complete(...done);
        finished[index] = from + done.length;
        expect(worker.tasks.length - finished[index]).toBeLessThanOrEqual(capacities[index] ?? 0);
      }
    }
    expectShares(workers, expected, tolerance);
  });
});

describe("sticky", () => {
  const orders = Array.from({ length: taskCount }, (_, index) => `order-${index % 500}`);

  it("keeps every order with one worker, and shares the orders evenly", async () => {
    const { queue, workers } = await connectWorkers(STICKY, [
      { capacity: 6_000 },
      { capacity: 8_000 },
      { capacity: 10_000 },
    ]);
    for (let n = 0; n < taskCount; n += 1_000) await handOut(queue, workers, orders.slice(n, n + 1_000));
    const kept = workers.map(({ tasks }) => new Set(tasks.map(({ correlationId }) => correlationId)));
    // Each order is counted once: it is with nobody else.
    expect(kept.reduce((sum, { size }) => sum + size, 0)).toBe(500);
    // 20 tasks an order; four standard deviations of a fair draw of 500 orders: 4 · √(500 · 1/3 · 2/3) · 20.
    expectShares(workers, [3_333, 3_333, 3_333], 843);
  });

  it("moves the orders of a worker that is gone, and no others", async () => {
    const { queue, workers } = await connectWorkers(STICKY, [
      { capacity: 5_000 },
      { capacity: 5_000 },
      { capacity: 5_000 },
    ]);
    await handOut(queue, workers, orders.slice(0, 500));
    const placeOf = () =>
      new Map(workers.flatMap(({ tasks }, index) => tasks.map(({ correlationId }) => [correlationId, index] as const)));
    const before = placeOf();
    const [gone, ...others] = workers;
    // Between two tasks of the same orders, one worker leaves.
    gone?.cut();
    await shared().logged("worker disconnected");
    await handOut(queue, others, orders.slice(500, 1_000));
    for (const [order, index] of before) {
      const after = placeOf().get(order);
      if (index === 0) expect(after).not.toBe(0);
      else expect(after).toBe(index);
    }
  });

  it("gives what overflows one worker to the next, and holds nothing back", async () => {
    const { queue, workers } = await connectWorkers(STICKY, [{ capacity: 10 }, { capacity: 10 }, { capacity: 10 }]);
    await handOut(queue, workers, Array(30).fill("one-order"));
    expect(workers.map(({ tasks }) => tasks.length)).toEqual([10, 10, 10]);
  });
});
