import { expect } from "vitest";
import type { FailureGroup } from "../../src/domain/operators/failure-group.ts";
import { isFinished, type Task, type TaskState, taskStates } from "../../src/domain/tasks/task.ts";
import type { Store } from "../../src/store/store.ts";
import { taskFilter } from "../harness/calls/builders.ts";
import { listAll, listAllFailures, listAllQueues } from "./read-all.ts";

/**
 * Checks what holds of every store at every moment between two verbs: its different views tell the same story.
 *
 * @param servers all stores that share what is stored, this one included. Default: this one alone
 */
export async function expectSound(store: Store, servers: readonly Store[] = [store]): Promise<void> {
  const tasks = await listAll(store);
  const queues = await listAllQueues(store);

  for (const task of tasks) {
    expect(task.finishMs !== null, `${task.id} is ${task.state}, finished at ${task.finishMs}`).toBe(
      isFinished(task.state),
    );
    expect(task.attempt, `attempts of ${task.id}`).toBeLessThanOrEqual(task.maxAttempts);
    if (task.state === "running") expect(task.workerId, `worker of ${task.id}`).not.toBeNull();
    if (task.state === "scheduled") expect(task.scheduleMs, `schedule of ${task.id}`).not.toBeNull();
  }

  for (const queue of queues) {
    const found = Object.fromEntries(taskStates.map((state) => [state, 0])) as Record<TaskState, number>;
    for (const task of tasks) if (task.queue === queue.name) found[task.state]++;
    expect(queue.counts, `counts of ${queue.name}`).toEqual(found);
    expect(queue.nextPendingMs === null, `oldest pending of ${queue.name}`).toBe(found.pending === 0);
  }
  for (const subscription of await store.listSubscriptions(null, 1_000)) {
    const theirs = tasks.filter(
      ({ origin, queue }) =>
        queue === subscription.queue && origin?.kind === "delivery" && origin.subscription === subscription.name,
    );
    const count = (...states: readonly TaskState[]) => theirs.filter(({ state }) => states.includes(state)).length;
    expect(
      { waiting: subscription.waiting, running: subscription.running, failed: subscription.failed },
      `counts of ${subscription.name}`,
    ).toEqual({
      waiting: count("blocked", "scheduled", "pending"),
      running: count("running"),
      failed: count("failed"),
    });
  }
  expectCounted(await listAllFailures(store), tasks);
  const names = new Set(queues.map(({ name }) => name));
  expect(tasks.filter(({ queue }) => !names.has(queue))).toEqual([]);

  const watched = (await Promise.all(servers.map((server) => server.leases()))).flat();
  const leases = watched.map(({ taskId: id, workerId, attempt }) => ({ id, workerId, attempt }));
  const running = (await listAll(store, taskFilter({ states: ["running"] }))).map(({ id, workerId, attempt }) => ({
    id,
    workerId,
    attempt,
  }));
  expect(leases.toSorted((a, b) => (a.id < b.id ? 1 : -1))).toEqual(running);

  const unfinishedKeys = tasks
    .filter(({ state, deduplicationKey }) => !isFinished(state) && deduplicationKey !== null)
    .map(({ queue, deduplicationKey }) => JSON.stringify([queue, deduplicationKey]));
  expect(new Set(unfinishedKeys).size, "unfinished tasks with one key").toBe(unfinishedKeys.length);
}

/** The counters of failures tell what a look at all tasks tells. */
export function expectCounted(groups: readonly FailureGroup[], tasks: readonly Task[]): void {
  const kindOf = (queue: string, type: string, errorType: string) => JSON.stringify([queue, type, errorType]);
  const found = new Map<string, Task[]>();
  for (const task of tasks) {
    if (task.state !== "failed") continue;
    const kind = kindOf(task.queue, task.type, task.error?.type ?? "");
    found.set(kind, [...(found.get(kind) ?? []), task]);
  }
  const counted = groups.map(({ queue, type, errorType, count }) => [kindOf(queue, type, errorType), count] as const);
  expect(new Map(counted)).toEqual(new Map([...found].map(([kind, ofKind]) => [kind, ofKind.length])));
  expect(groups.map(({ count }) => count)).toEqual(groups.map(({ count }) => count).toSorted((a, b) => b - a));
  for (const { queue, type, errorType, sampleId, sampleMessage } of groups) {
    const ofKind = found.get(kindOf(queue, type, errorType)) ?? [];
    const sample = ofKind.find(({ id }) => id === sampleId);
    if (tasks.length < 200) expect(sample, `the sample of ${queue} ${type} ${errorType}`).toBeDefined();
    expect(sampleMessage).toBe(sampleId === null ? null : (sample?.error?.message ?? null));
  }
}
