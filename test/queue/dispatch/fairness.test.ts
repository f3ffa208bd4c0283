/** The shares of workers over the wire. */

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
const { LEAST_LOADED, STICKY } = BalancingStrategy;

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
  expect(shares.reduce((sum, n) => sum + n)).toBe(expected.reduce((sum, n) => sum + n));
  const off = shares.filter((n, index) => Math.abs(n - (expected[index] ?? 0)) > tolerance);
  expect(off, `${shares} is within ${tolerance} of ${expected}`).toEqual([]);
}

// The other strategies, and workers of unequal speed, are asked in shares.test.ts, without a server.
it("least loaded: each worker has as large a share of its capacity, to the task", async () => {
  const capacities = [3_000, 5_000, 10_000];
  const { queue, workers } = await connectWorkers(
    LEAST_LOADED,
    capacities.map((capacity) => ({ capacity })),
  );
  for (let n = 0; n < 9_000; n += 1_000) await handOut(queue, workers, Array(1_000).fill(""));
  expectShares(workers, [1_500, 2_500, 5_000], 1);
});

describe("sticky", () => {
  const orders = Array.from({ length: 1_500 }, (_, index) => `order-${index % 500}`);

  it("keeps every order with one worker, and shares the orders evenly", async () => {
    const { queue, workers } = await connectWorkers(STICKY, [
      { capacity: 6_000 },
      { capacity: 8_000 },
      { capacity: 10_000 },
    ]);
    for (let n = 0; n < 1_500; n += 500) await handOut(queue, workers, orders.slice(n, n + 500));
    const kept = workers.map(({ tasks }) => new Set(tasks.map(({ correlationId }) => correlationId)));
    // Each order is counted once: it is with nobody else.
    expect(kept.reduce((sum, { size }) => sum + size, 0)).toBe(500);
    // Three tasks an order; four standard deviations of a fair draw of 500 orders: 4 · √(500 · 1/3 · 2/3) · 3.
    expectShares(workers, [500, 500, 500], 126);
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
