/** Follows what comes in steps to its end, and checks on the way that each step keeps its promise. */

import { expect } from "vitest";
import type { FailureGroup } from "../../src/domain/operators/failure-group.ts";
import type { TaskFilter, TaskOrder } from "../../src/domain/operators/task-filter.ts";
import type { Queue } from "../../src/domain/tasks/queue.ts";
import type { Task } from "../../src/domain/tasks/task.ts";
import type { Store } from "../../src/store/store.ts";
import type { Batch } from "../../src/store/task-store.ts";
import { taskFilter } from "../harness/calls/builders.ts";

/** How a listing is read, where it matters. */
export interface ReadOptions {
  readonly limit?: number;
  readonly full?: boolean;
  readonly maxBytes?: number;
  readonly order?: TaskOrder;
  /** Runs after each page. */
  readonly between?: () => Promise<void>;
}

/** Enough for every test, and few enough that one that goes round in circles ends. */
const mostBatches = 10_000;

/** Reads every task that matches, page by page, by default newest first. A page may hold fewer than asked for and still have a next one. */
export async function listAll(
  store: Store,
  filter: TaskFilter = taskFilter(),
  { limit = 500, full = false, maxBytes = 1_048_576, order = "newest_first", between }: ReadOptions = {},
): Promise<Task[]> {
  const tasks: Task[] = [];
  let cursor: string | null = null;
  for (let step = 0; step < mostBatches; step++) {
    const page = await store.list({ filter, order, cursor, limit, full, maxBytes });
    expect(page.tasks.length).toBeLessThanOrEqual(limit);
    tasks.push(...page.tasks);
    await between?.();
    if (page.nextCursor === null) {
      const ids = tasks.map(({ id }) => id);
      expectDescending(order === "newest_first" ? ids : ids.reverse());
      return tasks;
    }
    if (order === "newest_first") expectBelow(page.nextCursor, cursor);
    cursor = page.nextCursor;
  }
  throw new Error("the listing does not end");
}

/** The ids of every task that matches, newest first. */
export async function listIds(store: Store, filter?: Partial<TaskFilter>): Promise<string[]> {
  return (await listAll(store, taskFilter(filter))).map(({ id }) => id);
}

/** Reads every queue, page by page. */
export async function listAllQueues(store: Store, limit = 100): Promise<Queue[]> {
  const queues: Queue[] = [];
  for (let step = 0; step < mostBatches; step++) {
    const page: Queue[] = await store.listQueues(queues.at(-1)?.name ?? null, limit);
    expect(page.length).toBeLessThanOrEqual(limit);
    queues.push(...page);
    if (page.length === 0) return queues;
  }
  throw new Error("the listing does not end");
}

/** Reads every kind of failures, page by page. */
export async function listAllFailures(store: Store, limit = 100): Promise<FailureGroup[]> {
  const groups: FailureGroup[] = [];
  let cursor: string | null = null;
  for (let step = 0; step < mostBatches; step++) {
    const page = await store.listFailures({ queue: null, type: null, cursor, limit });
    expect(page.groups.length).toBeLessThanOrEqual(limit);
    groups.push(...page.groups);
    if (page.nextCursor === null) return groups;
    cursor = page.nextCursor;
  }
  throw new Error("the listing does not end");
}

/** Runs batches to the end; answers the sum, and every sample that came. */
export async function runBatches(run: (behindId: string | null) => Promise<Batch>) {
  const sum = { count: 0, sampleIds: [] as string[] };
  const behindIds = new Set<string>();
  let behindId: string | null = null;
  for (let taken = 0; taken < mostBatches; taken++) {
    const { count, sampleIds, nextId }: Batch = await run(behindId);
    expect(sampleIds.length).toBeLessThanOrEqual(10);
    expect(sampleIds.length).toBeLessThanOrEqual(count);
    sum.count += count;
    sum.sampleIds.push(...sampleIds);
    if (nextId === null) return sum;
    expect(behindIds.has(nextId)).toBe(false);
    behindIds.add(nextId);
    behindId = nextId;
  }
  throw new Error("the batches do not end");
}

/** Advances one step; answers the queues that got tasks, sorted, and when something is due next. */
export async function advanceOnce(store: Store, nowMs: number) {
  const ready = new Set<string>();
  const forget = store.onReady((queue) => ready.add(queue));
  const { nextMs } = await store.advance(nowMs);
  forget();
  return { readyQueues: [...ready].sort(), nextMs };
}

/** Advances until nothing more is due; answers the queues that got tasks, sorted, and when something is due next. */
export async function advanceAll(store: Store, nowMs: number) {
  const ready = new Set<string>();
  for (let taken = 0; taken < mostBatches; taken++) {
    const { readyQueues, nextMs } = await advanceOnce(store, nowMs);
    for (const queue of readyQueues) ready.add(queue);
    if (nextMs === null || nextMs > nowMs) return { readyQueues: [...ready].sort(), nextMs };
  }
  throw new Error("the batches do not end");
}

/** Sweeps one round; answers how many tasks it deleted, and in how many steps. */
export async function sweepRound(store: Store, nowMs: number, cursor: string | null = null) {
  let deleted = 0;
  for (let steps = 1; steps < mostBatches; steps++) {
    const step = await store.sweep(cursor, nowMs);
    deleted += step.deleted;
    if (step.nextCursor === null) return { deleted, steps };
    if (cursor !== null) expectBelow(cursor, step.nextCursor);
    cursor = step.nextCursor;
  }
  throw new Error("the round does not end");
}

function expectBelow(id: string, bound: string | null): void {
  if (bound !== null) expect(id < bound, `${id} goes on below ${bound}`).toBe(true);
}

function expectDescending(ids: readonly string[]): void {
  ids.forEach((id, index) => {
    const before = ids[index - 1];
    if (before !== undefined) expectBelow(id, before);
  });
}
