import { describe, expect, it } from "vitest";
import { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import type { Store } from "../../../src/store/store.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany, present, read, readQueue, span, type TaskInit } from "../../harness/calls/tasks.ts";
import { createCondition } from "../../harness/condition.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { watch } from "../../harness/watch.ts";

const capacity = 2;

/** How many are claimed ahead for a worker that ends two tasks every ten milliseconds. */
const ahead = 10;

/**
 * Such a worker. `next` are the tasks that were claimed ahead for it, `behind` is in line after them.
 *
 * @param urgent how many tasks are enqueued after all others and come before them
 */
async function fastWorker(
  task: TaskInit = {},
  { queues = ["orders"], urgent = 0, wrapStore = (store: Store) => store } = {},
) {
  const clock = createFakeClock();
  const server = await startServer({ clock, wrapStore });
  const seen = await watch(server);
  const plain = await enqueueMany(server, 40, task);
  const all = [...(await enqueueMany(server, urgent, { ...task, priority: 1 })), ...plain];
  const worker = await connectWorker(server, { workerId: "fast", capacity, queues });
  let held = await worker.take(capacity);
  for (let round = 0; round < 4; round++) {
    clock.advance(10);
    await worker.complete(...held);
    held = await worker.take(capacity);
  }
  const [first, second, third, ...others] = all.slice(worker.tasks.length, worker.tasks.length + ahead);
  const behind = present(all[worker.tasks.length + ahead]);
  const next = [present(first), present(second), present(third), ...others] as const;
  for (const { id } of next) await seen.state(id, TaskState.RUNNING);
  return {
    clock,
    server,
    seen,
    worker,
    held,
    next,
    behind,
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

const running = async (server: Parameters<typeof readQueue>[0]) =>
  Number((await readQueue(server)).statistics?.running);

describe("tasks that are claimed ahead of a worker's room", () => {
  it("come as soon as it has room, before what it has ended is settled", async () => {
    await using fast = await fastWorker();
    const { server, worker, held, next } = fast;
    expect(await running(server)).toBe(capacity + ahead);
    expect((await server.worker.listWorkers({})).workers).toMatchObject([{ inFlight: capacity, capacity }]);
    const before = worker.messages.length;
    await worker.complete(...held);
    expect(worker.messages.slice(before, before + 2).map((message) => message.case)).toEqual(["tasks", "settled"]);
    expect(await worker.take(2)).toMatchObject(next.slice(0, 2).map(({ id }) => ({ id, attempt: 1 })));
  });

  it("go back with their place and their attempt where the worker has no room for them in time", async () => {
    await using fast = await fastWorker();
    const { clock, server, seen, next, behind } = fast;
    clock.advance(200);
    for (const { id } of next) await seen.state(id, TaskState.PENDING, 2);
    expect(await running(server)).toBe(capacity);
    const other = await connectWorker(server, { workerId: "other", capacity: ahead + 1 });
    expect(await other.take(ahead + 1)).toMatchObject([...next, behind].map(({ id }) => ({ id, attempt: 1 })));
  });

  it("are not handed out any more once their queue is paused", async () => {
    await using fast = await fastWorker();
    const { server, worker, held, next } = fast;
    const handed = worker.tasks.length;
    await server.queue.updateQueue({ queue: { name: "orders", paused: true }, updateMask: { paths: ["paused"] } });
    await worker.complete(...held);
    await worker.heard();
    expect(worker.tasks).toHaveLength(handed);
    for (const task of next) expect(await read(server, task)).toMatchObject({ state: TaskState.PENDING, attempt: 0 });
  });

  it("are not handed out after a pause either where their claim is answered behind it", async () => {
    const claims = createCondition();
    let held = false;
    let waiting = 0;
    const wrapStore = (store: Store): Store => ({
      ...store,
      async claim(plan, nowMs) {
        const answer = await store.claim(plan, nowMs);
        if (held && answer.tasks.length > 0) {
          waiting += answer.tasks.length;
          claims.changed();
          await claims.until(() => !held, "the answer may go");
        }
        return answer;
      },
    });
    await using fast = await fastWorker({}, { wrapStore });
    const { server, worker } = fast;
    held = true;
    await worker.complete(...fast.held);
    const now = await worker.take(2);
    await claims.until(() => waiting > 0, "tasks are claimed");
    await server.queue.updateQueue({ queue: { name: "orders", paused: true }, updateMask: { paths: ["paused"] } });
    held = false;
    claims.changed();
    await worker.heard();
    const handed = worker.tasks.length;
    await worker.complete(...now);
    await worker.heard();
    expect(worker.tasks).toHaveLength(handed);
    expect(await running(server)).toBe(0);
  });

  it.each(["drains", "leaves", "is cut off"])("go to others at once where the worker %s", async (how) => {
    await using fast = await fastWorker();
    const { server, seen, worker, next } = fast;
    if (how === "drains") await server.worker.drainWorker({ workerId: "fast" });
    if (how === "leaves") worker.close();
    if (how === "is cut off") worker.cut();
    for (const { id } of next) await seen.state(id, TaskState.PENDING, 2);
    const other = await connectWorker(server, { workerId: "other", capacity: ahead });
    expect(await other.take(ahead)).toMatchObject(next.map(({ id }) => ({ id, attempt: 1 })));
  });

  it("lose no attempt where the worker falls silent", async () => {
    await using fast = await fastWorker();
    const { clock, server, seen, held, next } = fast;
    for (let passed = 0; passed < 40_000; passed += 500) clock.advance(500);
    for (const { id } of held) await seen.state(id, TaskState.PENDING, 2);
    for (const task of next) expect(await read(server, task)).toMatchObject({ state: TaskState.PENDING, attempt: 0 });
  });

  it("are cancelled without a word to the worker, which never had them", async () => {
    await using fast = await fastWorker();
    const { server, worker, held, next } = fast;
    await server.queue.cancelTask({ taskId: next[0].id });
    await worker.complete(...held);
    expect((await worker.take(2)).map(({ id }) => id)).toEqual([next[1].id, next[2].id]);
    expect(worker.messages.filter((message) => message.case === "cancel")).toEqual([]);
  });

  it("are none of them handed out where many are cancelled at once", async () => {
    // The newest are cancelled first, which the worker has: it has room before the others are.
    await using fast = await fastWorker({}, { urgent: 10 });
    const { server, worker, held, next } = fast;
    const handed = worker.tasks.length;
    await server.queue.cancelTasks({ filter: { queue: "orders" } });
    await worker.heard();
    expect(worker.tasks).toHaveLength(handed);
    const stopped = worker.messages.flatMap(({ case: kind, value }) => (kind === "cancel" ? value.tasks : []));
    expect(stopped.map(({ taskId }) => taskId).sort()).toEqual(held.map(({ id }) => id).sort());
    for (const task of next) expect(await read(server, task)).toMatchObject({ state: TaskState.CANCELLED });
  });

  it("are not handed out once they have expired", async () => {
    await using fast = await fastWorker({ timeToLive: span(90) });
    const { clock, server, seen, worker, held, next } = fast;
    const handed = worker.tasks.length;
    clock.advance(60);
    await worker.complete(...held);
    for (const { id } of next) await seen.state(id, TaskState.FAILED);
    await worker.heard();
    expect(worker.tasks).toHaveLength(handed);
    expect(await read(server, next[0])).toMatchObject({ lastError: { type: "EXPIRED" }, attempts: [] });
  });

  it("are not what the worker has held for longest", async () => {
    await using fast = await fastWorker();
    const { clock, server, worker, held, next } = fast;
    clock.advance(30);
    await worker.complete(...held);
    await worker.take(2);
    expect((await server.worker.listWorkers({})).workers).toMatchObject([{ oldestTaskId: next[0].id }]);
  });

  it("leave the worker's room to tasks that stick to workers, in turn", async () => {
    await using fast = await fastWorker({}, { queues: ["orders", "sticky"] });
    const { clock, server, worker } = fast;
    const queue = { name: "sticky", strategy: BalancingStrategy.STICKY };
    await server.queue.updateQueue({ queue });
    const [sticky] = await enqueueMany(server, 1, { queue: "sticky" });
    let { held } = fast;
    for (let round = 0; round < 5; round++) {
      clock.advance(10);
      await worker.complete(...held);
      held = await worker.take(capacity);
    }
    expect(worker.tasks.map(({ id }) => id)).toContain(present(sticky).id);
  });

  it("have the time of their attempt from when they are handed out", async () => {
    await using fast = await fastWorker({ attemptTimeout: span(60) });
    const { clock, seen, worker, held, next } = fast;
    clock.advance(40);
    await worker.complete(...held);
    await worker.take(2);
    clock.advance(59);
    await worker.heard();
    expect(seen.statesOf(next[0].id).at(-1)).toBe("RUNNING");
    clock.advance(1);
    const { tasks } = await worker.next("cancel");
    expect(tasks.map(({ taskId }) => taskId)).toContain(next[0].id);
  });
});
