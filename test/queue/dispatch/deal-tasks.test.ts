import { expect, it } from "vitest";
import { createBalancer, type DealingStrategy } from "../../../src/domain/balancing/balancing.ts";
import { dealTasks } from "../../../src/queue/dispatch/deal-tasks.ts";
import { fakeConsumer } from "./queue-parts.ts";

/** A consumer that holds `load` tasks, and for which `wanted` are to be claimed ahead. */
function consumer(id: string, capacity: number, load: number, wanted: number, weight = 0) {
  const made = fakeConsumer(id, capacity, { weight });
  made.reserve(load);
  return { ...made, load, ahead: { wanted, giveBack: () => undefined } };
}

function dealt(strategy: DealingStrategy, candidates: Parameters<typeof dealTasks>[2], n: number) {
  const counts: Record<string, number> = {};
  for (const { candidate, n: some } of dealTasks(
    createBalancer(() => 0.5),
    strategy,
    candidates,
    n,
  ))
    counts[candidate.id] = (counts[candidate.id] ?? 0) + some;
  return counts;
}

const strategies = ["least_loaded", "round_robin", "random", "weighted"] as const;

it.each(strategies)("deals to those who have room first, whatever is to be claimed ahead: %s", (strategy) => {
  expect(dealt(strategy, [consumer("fast", 4, 4, 8), consumer("idle", 6, 0, 0)], 6)).toEqual({ idle: 6 });
});

it.each(strategies)("deals what is left ahead, in the same shares: %s", (strategy) => {
  const two = [consumer("a", 4, 4, 8), consumer("b", 4, 2, 8), consumer("slow", 4, 4, 0)];
  expect(dealt(strategy, two, 100)).toEqual({ a: 8, b: 10 });
  const { a = 0, b = 0 } = dealt(strategy, two, 10);
  expect(a + b).toBe(10);
});

it("deals nothing ahead while others have room under another kind of lease", () => {
  const waiter = { ...consumer("waiter", 3, 0, 0), leaseMs: 30_000 };
  const fast = (load: number) => consumer("fast", 2, load, 8);
  expect(dealt("least_loaded", [fast(0), waiter], 20)).toEqual({ fast: 2, waiter: 3 });
  expect(dealt("least_loaded", [fast(2), waiter], 20)).toEqual({ waiter: 3, fast: 8 });
});

it.each(["round_robin", "weighted"] as const)("counts turns ahead, as they are taken back: %s", (strategy) => {
  const balancer = createBalancer(() => 0.5);
  const turns = () =>
    dealTasks(balancer, strategy, [consumer("fast", 9, 0, 0), consumer("b", 9, 0, 0)], 4).map(({ n }) => n);
  expect(turns()).toEqual([1, 1, 1, 1]);
  const fast = consumer("fast", 9, 9, 5);
  expect(dealTasks(balancer, strategy, [fast, consumer("b", 9, 9, 0)], 5)).toMatchObject([{ n: 5 }]);
  balancer.undeal(strategy, fast, 5);
  expect(turns()).toEqual([1, 1, 1, 1]);
});

it("deals nothing ahead to one that takes nothing now", () => {
  expect(dealt("least_loaded", [consumer("draining", 0, 3, 8)], 5)).toEqual({});
});

it("counts what was claimed ahead already", () => {
  expect(dealt("least_loaded", [consumer("fast", 4, 10, 8)], 5)).toEqual({ fast: 2 });
});
