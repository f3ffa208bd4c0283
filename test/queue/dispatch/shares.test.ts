/** 10,000 tasks over workers of unequal capacity and speed: the shares are what each strategy promises. */

import { describe, expect, it } from "vitest";
import type { DealingStrategy } from "../../../src/domain/balancing/balancing.ts";
import { createWaitGroup } from "../../../src/domain/wait-group.ts";
import { Dispatcher } from "../../../src/queue/dispatch/dispatcher.ts";
import { KnownLanes } from "../../../src/queue/dispatch/known-lanes.ts";
import { createQueueTurns } from "../../../src/queue/dispatch/queue-turns.ts";
import type { Claimed } from "../../../src/queue/dispatch/task-claimer.ts";
import type { ClaimPlan } from "../../../src/store/claim-plan.ts";
import { createCondition } from "../../harness/condition.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { createTestRetries } from "../../harness/retries.ts";
import { createSeededRandom } from "../../harness/seeded-random.ts";
import { claimedTask, fakeConsumer } from "./queue-parts.ts";

const taskCount = 10_000;

/** Creates a dispatcher over a queue in memory, with workers of these capacities and weights. */
function dispatchTo(strategy: DealingStrategy, capacities: readonly number[], weights: readonly number[]) {
  const clock = createFakeClock();
  const condition = createCondition();
  let waiting = 0;
  let enqueued = 0;

  /** Fills the slots in their order, as a store does. */
  async function claim({ slots }: ClaimPlan): Promise<Claimed> {
    const workers = slots.flatMap(({ workerId, n }) => Array<string>(n).fill(workerId));
    const found = workers.slice(0, waiting);
    waiting -= found.length;
    const tasks = found.map((workerId) => claimedTask({ workerId }));
    return { tasks, late: [], short: found.length < workers.length ? "empty" : null };
  }

  const dispatcher = new Dispatcher({
    store: { updateQueue: () => Promise.resolve(null) },
    claimer: { claim },
    clock,
    random: createSeededRandom(11).next,
    turns: createQueueTurns(),
    lanes: new KnownLanes(),
    pending: createWaitGroup(),
    retries: createTestRetries(clock),
  });
  const finished = capacities.map(() => 0);
  const workers = capacities.map((capacity, index) => {
    const worker = fakeConsumer(`worker-${index}`, capacity, { weight: weights[index] ?? 0 });
    const { deliver } = worker;
    worker.deliver = (tasks, reserved) => {
      deliver(tasks, reserved);
      expect(worker.load).toBeLessThanOrEqual(capacity);
      condition.changed();
    };
    return worker;
  });
  for (const worker of workers) dispatcher.add(worker);
  dispatcher.settingsChanged("orders", strategy);

  const given = () => workers.map(({ ids }, index) => ids.length + (finished[index] ?? 0));
  return {
    given,
    /** Enqueues `n` tasks, and waits until each of them is with a worker. */
    async handOut(n: number): Promise<void> {
      waiting += n;
      enqueued += n;
      dispatcher.wake("orders", n);
      await condition.until(() => given().reduce((sum, each) => sum + each) === enqueued, "all was handed out");
    },
    /** Lets each worker finish at most so many of its tasks. */
    finish(most: readonly number[]): void {
      for (const [index, worker] of workers.entries()) {
        finished[index] = (finished[index] ?? 0) + worker.ids.splice(0, most[index]).length;
        dispatcher.freed(worker);
      }
    },
  };
}

function expectShares(shares: readonly number[], expected: readonly number[], tolerance: number): void {
  const off = shares.filter((n, index) => Math.abs(n - (expected[index] ?? 0)) > tolerance);
  expect(off, `${shares} is within ${tolerance} of ${expected}`).toEqual([]);
}

describe("workers that keep what they are given", () => {
  const capacities = [3_000, 5_000, 10_000];
  const total = 18_000;

  it.each([
    // Each has as large a share of its capacity, to the task.
    ["least loaded", "least_loaded", capacities.map((capacity) => (taskCount * capacity) / total), 1],
    // As many to each, until the first is full.
    ["round robin", "round_robin", [3_000, 3_500, 3_500], 1],
    // Four standard deviations of drawing 10,000 of 18,000 places without putting back: 4 · √(n · p · q · (N - n) / (N - 1)).
    ["random", "random", capacities.map((capacity) => (taskCount * capacity) / total), 133],
    // 1 : 4 : 5, and none is full.
    ["weighted", "weighted", [1_000, 4_000, 5_000], 50],
  ] as const)("%s", async (_name, strategy, expected, tolerance) => {
    const { handOut, given } = dispatchTo(strategy, capacities, [1, 4, 5]);
    for (let n = 0; n < taskCount; n += 1_000) await handOut(1_000);
    expectShares(given(), expected, tolerance);
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
      "least_loaded",
      [0, 0, 0],
      [1_000, 3_000, 6_000],
      100,
    ],
    // 67 each is more than the first two finish: they stay full, and are passed over.
    [
      "round robin: a slow one takes what it can, the others go on",
      "round_robin",
      [0, 0, 0],
      [1_000, 3_000, 6_000],
      100,
    ],
    // None is given more than it finishes, so that the weights alone decide.
    ["weighted: the weights decide as long as none is full", "weighted", [1, 2, 7], [1_000, 2_000, 7_000], 50],
    // The first would get 133 of 200 and finishes 20; the others share the rest 1 : 2, and the second is not full by that.
    ["weighted: one that is full is passed over", "weighted", [6, 1, 2], [1_000, 3_000, 6_000], 100],
    ["random: none is given more than it has room for", "random", [0, 0, 0], [1_000, 3_000, 6_000], 300],
  ] as const)("%s", async (_name, strategy, weights, expected, tolerance) => {
    const { handOut, finish, given } = dispatchTo(strategy, capacities, weights);
    for (let n = 0; n < taskCount; n += 200) {
      await handOut(200);
      finish(speeds);
    }
    expectShares(given(), expected, tolerance);
  });
});
