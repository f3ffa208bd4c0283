/** Runs commands on a store and on the model side by side, and compares. */

import { expect } from "vitest";
import type { Lease } from "../../src/domain/lease.ts";
import { type NewTask, type TaskChange, taskStates } from "../../src/domain/tasks/task.ts";
import type { Store } from "../../src/store/store.ts";
import { taskError, taskFilter } from "../harness/calls/builders.ts";
import { type Expected, Model, type ModelTask } from "./model.ts";
import { type Command, type LeaseChoice, modelQueues } from "./model-commands.ts";
import { advanceAll, listAll, listAllFailures } from "./read-all.ts";
import { expectCounted } from "./soundness.ts";
import { type Watcher, watch } from "./watcher.ts";

/** A store that many runs share, each after the other has cleaned up: opening one takes longer than a run. */
export interface SharedStore {
  store: Store;
  reopen(): Promise<Store>;
  crash(): Promise<Store>;
  /** The time, which goes on from run to run. Even. */
  now: number;
  runs: number;
}

const why = taskError("called off");

/** One sequence under way. */
interface Run {
  readonly shared: SharedStore;
  readonly model: Model;
  /** Every lease that was ever handed out. */
  readonly leases: Lease[];
  /** `null`: nobody watches, so that leases are written behind. */
  watcher: Watcher | null;
  /** The tasks whose leases need not be on the disk yet. */
  readonly unwritten: Set<ModelTask>;
  /** What earlier watchers were told, before the store was opened anew. */
  readonly told: TaskChange[];
}

/** Runs one sequence, compares each answer, and everything at the end. */
export async function runCommands(shared: SharedStore, list: readonly Command[], isWatched: boolean): Promise<void> {
  shared.runs++;
  const watcher = isWatched ? watch(shared.store) : null;
  const run: Run = { shared, model: new Model(), leases: [], watcher, unwritten: new Set(), told: [] };
  for (const command of list) {
    shared.now += 2;
    await step(run, command);
  }
  run.told.push(...((await run.watcher?.all(shared.now)) ?? []));
  await compare(shared.store, run.model, isWatched ? run.told : null);
}

/** Removes what a run left, whether it went well or not. */
export async function cleanUp({ store, now }: SharedStore): Promise<void> {
  const ids = (await listAll(store)).map(({ id }) => id);
  await store.cancel(ids, why, now);
  await store.delete(ids, now);
  for (const queue of modelQueues) await store.updateQueue(queue, { paused: false }, false, now);
}

async function step(run: Run, command: Command): Promise<void> {
  const { shared, model, leases } = run;
  const { store } = shared;
  if (!writesBehind.has(command.kind)) run.unwritten.clear();
  switch (command.kind) {
    case "enqueue":
      return enqueue(store, model, command.tasks, shared.now);

    case "claim":
      return claim(run, command, shared.now);

    case "settle": {
      const settlements = command.items.flatMap(({ lease, outcome }) => {
        const chosen = choose(model, leases, lease);
        return chosen === null ? [] : [{ ...chosen, outcome }];
      });
      const expected = settlements.map((settlement) => model.settle(settlement, shared.now));
      const answers = await store.settle(settlements, shared.now);
      expect(answers).toHaveLength(expected.length);
      for (const [index, answer] of answers.entries()) expectOneOf(answer, expected[index] ?? []);
      return;
    }

    case "update_leases": {
      const chosen = command.leases.flatMap((lease) => choose(model, leases, lease) ?? []);
      const updates = chosen.map((lease) => ({ ...lease, leaseUntilMs: null, progress: null }));
      expect(await store.updateLeases(updates, shared.now)).toEqual(chosen.map((lease) => model.updateLease(lease)));
      return;
    }

    case "take_up": {
      const chosen = command.leases.flatMap((lease) => choose(model, leases, lease) ?? []);
      const expected = chosen.flatMap((lease) => model.takeUp(lease, shared.now) ?? []);
      const taken = await store.takeUp(chosen, shared.now);
      expect(
        taken.map(({ taskId, attempt, workerId, leaseKind }) => ({ taskId, attempt, workerId, leaseKind })),
      ).toEqual(expected);
      leases.push(...expected);
      return;
    }

    case "cancel": {
      const ids = pickTasks(model, command.picks);
      const expected = ids.map((id) => model.cancel(id, why.type, shared.now));
      expect(await store.cancel(ids, why, shared.now)).toMatchObject(expected);
      return;
    }

    case "retry": {
      const ids = pickTasks(model, command.picks);
      const expected = ids.map((id) => model.retry(id, shared.now));
      expect(await store.retry(ids, shared.now)).toMatchObject(expected);
      return;
    }

    case "bulk": {
      const { change, queue } = command;
      const count = model.changeAll(change, queue, why.type, shared.now);
      const asked = change === "cancel" ? { kind: change, error: why } : { kind: change };
      const batch = await store.changeMatching(asked, taskFilter({ queue }), null, false, shared.now);
      expect(batch).toMatchObject({ count, nextId: null });
      return;
    }

    case "delete": {
      const ids = pickTasks(model, command.picks);
      const expected = ids.map((id) => model.delete(id));
      expect(await store.delete(ids, shared.now)).toEqual(expected);
      return;
    }

    case "advance":
      expect(await advanceAll(store, shared.now)).toEqual(model.advance(shared.now));
      return;

    case "pass":
      shared.now += command.ms;
      return;

    case "pause":
      if (command.paused) model.paused.add(command.queue);
      else model.paused.delete(command.queue);
      await store.updateQueue(command.queue, { paused: command.paused }, true, shared.now);
      return;

    case "reopen":
    case "crash":
      run.told.push(...((await run.watcher?.all(shared.now)) ?? []));
      shared.store = await shared[command.kind]();
      await forgetUnwritten(run);
      if (run.watcher !== null) run.watcher = watch(shared.store);
      return;
  }
}

/** The commands before which leases need not be written. */
const writesBehind: ReadonlySet<Command["kind"]> = new Set(["enqueue", "claim", "settle", "pass", "crash"]);

/** Sees which hand-outs the store has forgotten. */
async function forgetUnwritten({ shared, model, unwritten }: Run): Promise<void> {
  const tasks = [...unwritten].filter(({ lease }) => lease !== null);
  const found = await shared.store.get(tasks.map(({ id }) => id));
  tasks.forEach((task, index) => {
    if (found[index]?.task.state === "pending") model.forget(task);
  });
  unwritten.clear();
}

async function enqueue(store: Store, model: Model, tasks: readonly NewTask[], nowMs: number): Promise<void> {
  const answers = await store.enqueue(tasks, nowMs);
  expect(answers).toHaveLength(tasks.length);
  // Each item is judged after the ones before it have taken effect.
  tasks.forEach((task, index) => {
    const { answer: expected, replaces } = model.judge(task);
    const answer = answers[index];
    expect(answer).toMatchObject(expected);
    if (replaces !== null) model.cancel(replaces.id, "REPLACED", nowMs);
    if (answer?.status !== "created") return;
    expect([...model.tasks.keys()].every((id) => id < answer.task.id)).toBe(true);
    const added = model.add(task, answer.task.id, nowMs);
    expect(answer.task).toEqual({
      id: added.id,
      state: added.state,
      maxAttempts: model.maxAttempts(added),
      scheduleMs: added.scheduleMs,
      expireMs: added.expireMs,
      createMs: nowMs,
    });
  });
}

async function claim(
  { shared: { store }, model, leases, watcher, unwritten }: Run,
  { queue, slots, unary }: Extract<Command, { kind: "claim" }>,
  nowMs: number,
): Promise<void> {
  const workers = slots.flatMap(({ workerId, n }) => Array.from({ length: n }, () => workerId));
  const { tasks, short } = await store.claim({ queue, slots, leaseUntilMs: unary ? nowMs + 10_000 : null }, nowMs);
  if (model.paused.has(queue)) {
    expect({ tasks, short }).toEqual({ tasks: [], short: "paused" });
    return;
  }
  expect(tasks).toHaveLength(Math.min(workers.length, model.ready(queue, nowMs).length));
  expect(short).toBe(tasks.length < workers.length ? "empty" : null);
  for (const [index, task] of tasks.entries()) {
    const taken = model.tasks.get(task.id);
    if (taken === undefined) throw new Error(`claimed ${task.id}, which is not there`);
    expect(taken.state).toBe("pending");
    expect(model.isLate(taken, nowMs)).toBe(false);
    const passedOver = model.ready(queue, nowMs).filter((other) => model.goesBefore(other, taken));
    expect(passedOver.map(({ id }) => id)).toEqual([]);
    const lease = model.handOut(taken, workers[index] ?? "", unary ? "unary" : "stream", nowMs);
    leases.push(lease);
    if (watcher === null) unwritten.add(taken);
    expect(task).toMatchObject({
      attempt: lease.attempt,
      workerId: lease.workerId,
      maxAttempts: model.maxAttempts(taken),
      queue,
      type: taken.asked.type,
    });
  }
  // A claim may also fail expired tasks that stand further behind.
  const late = model.pending(queue).filter((task) => model.isLate(task, nowMs));
  if (late.length === 0) return;
  unwritten.clear();
  const found = await store.get(late.map(({ id }) => id));
  for (const [index, task] of late.entries()) if (found[index]?.task.state === "failed") model.expire(task, nowMs);
}

/** Turns a choice into a lease; `null` if there is none to choose from. */
function choose(model: Model, leases: readonly Lease[], choice: LeaseChoice): Lease | null {
  const running = [...model.tasks.values()].flatMap(({ lease }) => lease ?? []);
  const from = choice.of === "running" ? running : leases;
  const lease = from[choice.pick % Math.max(from.length, 1)];
  if (lease === undefined) return null;
  switch (choice.wrong) {
    case "attempt":
      return { ...lease, attempt: lease.attempt + 1 };
    case "worker":
      return { ...lease, workerId: "nobody" };
    case "kind":
      return { ...lease, leaseKind: lease.leaseKind === "unary" ? "stream" : "unary" };
    case "id":
      return { ...lease, taskId: "no id" };
    case null:
      return lease;
  }
}

function pickTasks(model: Model, picks: readonly number[]): string[] {
  const ids = [...model.tasks.keys(), ...model.deleted.map(({ id }) => id)];
  return ids.length === 0 ? [] : picks.map((pick) => ids[pick % ids.length] ?? "");
}

function expectOneOf(answer: object, expected: Expected): void {
  const [first, ...others] = expected;
  if (others.length === 0) expect(answer).toEqual(first);
  else expect(expected).toContainEqual(answer);
}

/** Compares everything that can be read with what the model says. @param told `null`: nobody watched */
async function compare(store: Store, model: Model, told: readonly TaskChange[] | null): Promise<void> {
  const tasks = [...model.tasks.values()];
  const found = await store.get(tasks.map(({ id }) => id));
  found.forEach((entry, index) => {
    const task = tasks[index];
    if (task === undefined) throw new Error("more answers than ids");
    expect(entry).toMatchObject({ task: viewOf(model, task) });
    expect(entry?.attempts.map(({ error: _, ...attempt }) => attempt)).toEqual(attemptsOf(task));
  });
  expect(await store.get(model.deleted.map(({ id }) => id))).toEqual(model.deleted.map(() => null));

  for (const queue of modelQueues) {
    const ofQueue = tasks.filter(({ asked }) => asked.queue === queue);
    const listed = await listAll(store, taskFilter({ queue }), { limit: 7 });
    expect(listed.map(({ id }) => id)).toEqual(ofQueue.map(({ id }) => id).toReversed());
    for (const state of taskStates) {
      const inState = await listAll(store, taskFilter({ queue, states: [state] }));
      expect(inState.map(({ id }) => id)).toEqual(
        ofQueue
          .filter((task) => task.state === state)
          .map(({ id }) => id)
          .toReversed(),
      );
    }
    const stored = await store.getQueue(queue);
    if (stored === null) expect(ofQueue).toEqual([]);
    else expect(stored).toMatchObject({ counts: model.counts(queue), nextPendingMs: oldestOf(model, queue) });
  }

  expectCounted(await listAllFailures(store), await listAll(store));
  const held = tasks.flatMap(({ lease }) => lease ?? []);
  const stored = await store.leases();
  expect(new Set(stored.map(({ taskId, attempt, workerId }) => `${taskId} ${attempt} ${workerId}`))).toEqual(
    new Set(held.map(({ taskId, attempt, workerId }) => `${taskId} ${attempt} ${workerId}`)),
  );

  if (told === null) return;
  for (const { id, states } of [...tasks, ...model.deleted]) {
    expect(
      told.filter((change) => change.id === id).map((change) => change.state),
      `changes of ${id}`,
    ).toEqual(states);
  }
}

function viewOf(model: Model, task: ModelTask): object {
  return {
    id: task.id,
    queue: task.asked.queue,
    type: task.asked.type,
    priority: task.asked.priority,
    state: task.state,
    attempt: task.attempt,
    maxAttempts: model.maxAttempts(task),
    finishMs: task.finishMs,
    expireMs: task.expireMs,
    ...(task.state === "scheduled" ? { scheduleMs: task.scheduleMs } : {}),
    ...(task.lease === null ? {} : { workerId: task.lease.workerId, startMs: task.startMs }),
    error: task.errorType === null ? null : expect.objectContaining({ type: task.errorType }),
  };
}

function attemptsOf(task: ModelTask): object[] {
  if (task.lease === null) return task.history;
  const { attempt, workerId } = task.lease;
  return [...task.history, { attempt, workerId, startMs: task.startMs, finishMs: null, outcome: null }];
}

function oldestOf(model: Model, queue: string): number | null {
  const [first, ...others] = model.pending(queue);
  if (first === undefined) return null;
  return others.reduce((next, task) => (model.goesBefore(task, next) ? task : next), first).readyMs;
}
