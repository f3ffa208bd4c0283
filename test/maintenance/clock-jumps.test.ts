/** What a wall clock that is set does, and does not, while the server runs and over a restart. */

import { describe, expect, it } from "vitest";
import { TaskState } from "../../gen/sitq/v1/task_pb.js";
import { publish, report, watchEvents } from "../harness/calls/events.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, ms, present, read, span } from "../harness/calls/tasks.ts";
import { readWorkflow, start, step } from "../harness/calls/workflows.ts";
import { createFailingStore } from "../harness/failing-store.ts";
import { createFakeClock, type FakeClock } from "../harness/fake-clock.ts";
import { refusalOf } from "../harness/refusal.ts";
import { startServer, type TestServer } from "../harness/server.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const jumps = [-hourMs, hourMs, -10 * minuteMs, 40 * dayMs];

/** Lets time pass in small steps, each until what follows from it is stored. */
async function pass(server: TestServer, clock: FakeClock, forMs: number, stepMs = secondMs) {
  const { queue } = server;
  await server.timeSeen();
  for (let passedMs = 0; passedMs < forMs; passedMs += stepMs) {
    clock.advance(stepMs);
    await queue.listQueues({});
  }
}

const state = async (server: TestServer, task: { id: string }) => TaskState[(await read(server, task)).state];
const warnings = ({ log }: TestServer) => log.filter(({ level }) => level === "warn").map(({ message }) => message);

describe.each(jumps)("a jump of %d ms", (jumpMs) => {
  it("neither delays nor hastens what runs: a delay, a backoff, a time to live", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock, random: () => 0.5 });
    const delayed = await enqueue(server, { queue: "later", delay: span(20 * secondMs) });
    const expiring = await enqueue(server, { queue: "later", timeToLive: span(30 * secondMs) });
    const failing = await enqueue(server);
    const worker = await connectWorker(server);
    await worker.end(await worker.take(1), { case: "failed", value: { retryDelay: span(10 * secondMs) } });
    const states = () => Promise.all([failing, delayed, expiring].map((task) => state(server, task)));
    clock.jump(jumpMs);
    await pass(server, clock, 9 * secondMs);
    expect(await states()).toEqual(["SCHEDULED", "SCHEDULED", "PENDING"]);
    await pass(server, clock, secondMs);
    expect(await worker.take(1)).toMatchObject([{ id: failing.id, attempt: 2 }]);
    await pass(server, clock, 10 * secondMs);
    expect(await states()).toEqual(["RUNNING", "PENDING", "PENDING"]);
    worker.send({ case: "heartbeat", value: {} });
    await worker.heard();
    await pass(server, clock, 10 * secondMs);
    expect(await states()).toEqual(["RUNNING", "PENDING", "FAILED"]);
  });

  it("is followed after a minute, and the spans that run stay as long as they were", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const delayed = await enqueue(server, { delay: span(5 * minuteMs) });
    const expiring = await enqueue(server, { timeToLive: span(6 * minuteMs) });
    clock.jump(jumpMs);
    await pass(server, clock, 80 * secondMs, 10 * secondMs);
    expect(warnings(server)).toHaveLength(2);
    expect(warnings(server)[0]).toMatch(/^the (wall clock|clock of the database) jumped by -?\d+(\.\d)? (min|h|d): /);
    const newer = await enqueue(server, { queue: "newer" });
    expect(ms(newer.createTime)).toBe(clock.now());
    expect(ms((await read(server, delayed)).scheduleTime) - clock.now()).toBe(5 * minuteMs - 80 * secondMs);
    await pass(server, clock, 5 * minuteMs - 90 * secondMs, 10 * secondMs);
    expect(await state(server, delayed)).toBe("SCHEDULED");
    await pass(server, clock, 10 * secondMs);
    expect(await Promise.all([delayed, expiring].map((task) => state(server, task)))).toEqual(["PENDING", "PENDING"]);
    await pass(server, clock, minuteMs, 10 * secondMs);
    expect(await state(server, expiring)).toBe("FAILED");
  });

  it("leaves no trace if it is put right within a minute", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const beforeMs = clock.now();
    const chosen = { seconds: BigInt((beforeMs + 30 * minuteMs) / secondMs), nanos: 0 };
    const waiting = await enqueue(server, { queue: "later", scheduleTime: chosen });
    const expiring = await enqueue(server, { expireTime: chosen });
    clock.jump(jumpMs);
    await pass(server, clock, 30 * secondMs, 10 * secondMs);
    const during = await enqueue(server, { queue: "during" });
    expect(ms(during.createTime)).toBe(beforeMs + 30 * secondMs);
    clock.jump(-jumpMs);
    await pass(server, clock, 2 * minuteMs, 10 * secondMs);
    expect(await Promise.all([waiting, expiring].map((task) => state(server, task)))).toEqual(["SCHEDULED", "PENDING"]);
    expect(ms((await enqueue(server)).createTime)).toBe(clock.now());
    const back = /^the (wall clock|clock of the database) jumped back: nothing changed$/;
    expect(server.log.map(({ message }) => message)).toContainEqual(expect.stringMatching(back));
  });

  it("gives one create time, and ids that grow", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const tasks = await enqueueMany(server, 3);
    clock.jump(jumpMs);
    tasks.push(...(await enqueueMany(server, 3)));
    await pass(server, clock, 80 * secondMs, 10 * secondMs);
    tasks.push(...(await enqueueMany(server, 3)));
    const ids = tasks.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
    for (const task of tasks) expect((await read(server, task)).createTime).toEqual(task.createTime);
    const { event } = await publish(server, { id: "e" });
    expect((await report(server, "e")).event?.publishTime).toEqual(event?.publishTime);
    expect(ms(event?.publishTime)).toBe(clock.now());
  });

  it("makes no duration negative", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const worker = await connectWorker(server);
    const task = await enqueue(server);
    const workflow = await start(server, { steps: [{ stepId: "a", serviceName: "orders", action: "a" }] });
    const held = await worker.take(2);
    clock.jump(jumpMs);
    for (let tens = 0; tens < 8; tens++) {
      await pass(server, clock, 10 * secondMs, 10 * secondMs);
      worker.send({ case: "heartbeat", value: {} });
      await worker.heard();
    }
    await worker.complete(...held);
    const [attempt] = (await read(server, task)).attempts;
    expect(ms(attempt?.finishTime) - ms(attempt?.startTime)).toBe(80 * secondMs);
    const { duration, steps } = await readWorkflow(server, workflow);
    expect(ms(duration)).toBe(80 * secondMs);
    expect(ms(steps[0]?.finishTime) - ms(steps[0]?.startTime)).toBe(80 * secondMs);
  });
});

it("follows by the whole jump though the disk is full when it is to be followed", async () => {
  const clock = createFakeClock();
  const faults = createFailingStore();
  await using server = await startServer({ clock, random: () => 0.5, mayLogErrors: true, wrapStore: faults.wrap });
  const delayed = await enqueue(server, { delay: span(5 * minuteMs) });
  const fault = faults.fail("shiftTimes");
  clock.jump(hourMs);
  await pass(server, clock, 80 * secondMs, 10 * secondMs);
  await fault.struck;
  await pass(server, clock, 10 * secondMs);
  await fault.triedAgain;
  expect(ms((await read(server, delayed)).scheduleTime) - clock.now()).toBe(5 * minuteMs - 90 * secondMs);
});

it("deletes nothing that a passing error makes old, and goes on an hour after it", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const task = await enqueue(server);
  await server.queue.cancelTask({ taskId: task.id });
  await publish(server, { id: "e" });
  clock.jump(40 * dayMs);
  await pass(server, clock, 3 * minuteMs, 10 * secondMs);
  await pass(server, clock, 50 * minuteMs, minuteMs);
  clock.jump(-40 * dayMs);
  await pass(server, clock, 3 * minuteMs, 10 * secondMs);
  expect(await state(server, task)).toBe("CANCELLED");
  expect((await report(server, "e")).event?.id).toBe("e");
  clock.jump(40 * dayMs);
  await pass(server, clock, 3 * hourMs, minuteMs);
  expect(await refusalOf(read(server, task))).toMatchObject({ reason: "TASK_NOT_FOUND" });
});

it("undoes by dependencies though the clock was set back between the steps", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const worker = await connectWorker(server, { capacity: 1 });
  const action = (stepId: string, dependsOn: string[]) => ({
    stepId,
    serviceName: "orders",
    action: stepId,
    dependsOn,
    compensateWith: `undo-${stepId}`,
  });
  const workflow = await start(server, { steps: [action("a", []), action("b", ["a"]), action("x", ["b"])] });
  await worker.complete(...(await worker.take(1)));
  clock.jump(-2 * secondMs);
  await server.restart();
  const back = await connectWorker(server, { capacity: 1 });
  await back.complete(...(await back.take(1)));
  await back.end(await back.take(1), { case: "failed", value: { terminal: true } });
  const undone: string[] = [];
  for (let times = 0; times < 2; times++) {
    const [task] = await back.take(1);
    undone.push(present(task).type);
    await back.complete(present(task));
  }
  expect(undone).toEqual(["undo-b", "undo-a"]);
  const done = await readWorkflow(server, workflow);
  expect(ms(step(done, "b").finishTime)).toBeLessThan(ms(step(done, "a").finishTime));
});

describe("a file from the future", () => {
  /** A server that was started once 400 days ahead, and now by the right clock. */
  async function startOnFutureFile() {
    const clock = createFakeClock();
    clock.jump(400 * dayMs);
    const server = await startServer({ clock });
    const future = await enqueue(server);
    await publish(server, { id: "future" });
    clock.jump(-400 * dayMs);
    await server.restart();
    return { clock, server, future };
  }

  it("is said loudly at the start, once nothing newer is in it", async () => {
    const { server } = await startOnFutureFile();
    await using _ = server;
    const loud = /^the file was last written at 2027-08-05T12:00:00.000Z, 400 d ahead of this machine's clock/;
    expect(warnings(server)).toEqual([expect.stringMatching(loud)]);
    expect(server.app.notices).toEqual([expect.stringMatching(loud)]);
    await enqueue(server);
    await server.restart();
    expect(server.app.notices).toEqual([]);
  });

  it("gets times of the clock, and ids that are unique and grow", async () => {
    const { server, clock, future } = await startOnFutureFile();
    await using _ = server;
    const tasks = await enqueueMany(server, 20);
    const ids = [future, ...tasks].map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
    for (const task of tasks) {
      expect(ms(task.createTime)).toBe(clock.now());
      expect((await read(server, task)).createTime).toEqual(task.createTime);
    }
  });

  it("finds what was created within a time, and begins a watch at one", async () => {
    const { server, clock, future } = await startOnFutureFile();
    await using _ = server;
    const workflows = [await start(server, { steps: [{ stepId: "a", serviceName: "shop", action: "a" }] })];
    const early = await enqueue(server);
    await publish(server, { id: "early" });
    clock.advance(hourMs);
    const [middleS, late] = [BigInt(clock.now() / secondMs), await enqueue(server)];
    await publish(server, { id: "late" });
    workflows.push(await start(server, { steps: [{ stepId: "a", serviceName: "shop", action: "a" }] }));
    const middle = { seconds: middleS, nanos: 0 };
    const listed = async (bounds: object) => {
      const { tasks } = await server.queue.listTasks({ filter: { queue: "orders", ...bounds } });
      return tasks.map(({ id }) => id);
    };
    expect(await listed({ createdBefore: middle })).toEqual([early.id]);
    expect(await listed({ createdAfter: middle })).toEqual([late.id, future.id]);
    const started = async (bounds: object) => {
      const answer = await server.workflow.listWorkflows({ filter: bounds });
      return answer.workflows.map(({ id }) => id);
    };
    expect(await started({ createdBefore: middle })).toEqual([workflows[0]?.id]);
    expect(await started({ createdAfter: middle })).toEqual([workflows[1]?.id]);
    const seen = await watchEvents(server, { start: { case: "time", value: middle as never } });
    expect(await seen.ids(1)).toEqual(["late"]);
  });

  it("keeps finished tasks and events as long as their retention says", async () => {
    const { server, clock, future } = await startOnFutureFile();
    await using _ = server;
    const tasks = [future, ...(await enqueueMany(server, 20))];
    for (const { id } of tasks) await server.queue.cancelTask({ taskId: id });
    await publish(server, { id: "now" });
    // Over the hour for which nothing is deleted after such a start.
    await pass(server, clock, 2 * hourMs, 10 * minuteMs);
    expect((await server.queue.listTasks({ filter: { queue: "orders" } })).tasks).toHaveLength(21);
    clock.advance(31 * dayMs);
    // A round takes its time, which the clock of the test does not know.
    const left = async () => {
      await pass(server, clock, 2 * hourMs, 10 * minuteMs);
      return (await server.queue.listTasks({ filter: { queue: "orders" } })).tasks.length;
    };
    await expect.poll(left, { timeout: 20_000 }).toBe(0);
    expect(await refusalOf(report(server, "now"))).toMatchObject({ reason: "EVENT_NOT_FOUND" });
  });

  it("hands out a task that was delayed in its turn, not before all that was enqueued before", async () => {
    const { server, clock } = await startOnFutureFile();
    await using _ = server;
    const delayed = await enqueue(server, { queue: "line", delay: span(10 * secondMs) });
    const first = await enqueue(server, { queue: "line" });
    await pass(server, clock, 10 * secondMs);
    const last = await enqueue(server, { queue: "line" });
    const worker = await connectWorker(server, { queues: ["line"] });
    expect((await worker.take(3)).map(({ id }) => id)).toEqual([first.id, delayed.id, last.id]);
  });
});
