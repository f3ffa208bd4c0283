import { expect, test } from "vitest";
import { shortly, startFakeServer, taskOf, work } from "../fake-server.ts";
import { startWorker, unavailable, waitingHandlers } from "./worker-harness.ts";

test("a cancelled handler hears why, and nothing is told of its outcome", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish, fail, signal } = waitingHandlers();
  startWorker(server, { fallback: handler });
  const stream = await server.nextStream();
  const reasons = { a: "the customer changed her mind", b: "ATTEMPT_TIMEOUT", c: "LEASE_LOST", d: "" };
  const ids = Object.keys(reasons);
  stream.tasks(...ids.map((id) => taskOf(id)), taskOf("other"));
  for (let n = 0; n < 5; n++) await begun.next();
  const told = ids.map((id) => new Promise((resolve) => signal(`${id}/1`).addEventListener("abort", resolve)));
  const tasks = Object.entries(reasons).map(([taskId, reason]) => ({ taskId, attempt: 1, reason }));
  stream.say({ case: "cancel", value: { tasks } });
  await Promise.all(told);
  expect(ids.map((id) => signal(`${id}/1`).reason)).toMatchObject([
    { why: "CANCELLED", message: "the customer changed her mind" },
    { why: "ATTEMPT_TIMEOUT" },
    { why: "LEASE_LOST" },
    { why: "CANCELLED", message: "The task was cancelled." },
  ]);
  expect(signal("other/1").aborted).toBe(false);
  finish("a/1", "too late");
  fail("b/1", new Error("aborted"));
  finish("other/1");
  const outcomes: string[] = [];
  while (outcomes.length === 0) {
    const message = await stream.said.next();
    if (message.case === "outcomes") outcomes.push(...message.value.outcomes.map(shortly));
  }
  expect(outcomes).toEqual(["other/1 completed"]);
});

test("passes over the cancellation of an attempt that it does not hold", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish, signal } = waitingHandlers();
  startWorker(server, { fallback: handler });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a", { attempt: 2 }));
  await begun.next();
  stream.say({
    case: "cancel",
    value: {
      tasks: [
        { taskId: "a", attempt: 1 },
        { taskId: "b", attempt: 2 },
      ],
    },
  });
  stream.tasks(taskOf("c"));
  await begun.next();
  expect(signal("a/2").aborted).toBe(false);
  finish("a/2");
  expect((await stream.nextOutcomes()).map(shortly)).toEqual(["a/2 completed"]);
});

test("never runs more handlers than its capacity: what comes for a cancelled one's slot waits until that one returns", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish } = waitingHandlers();
  const { worker } = startWorker(server, { fallback: handler, capacity: 2 });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a"), taskOf("b"));
  await begun.next();
  await begun.next();
  stream.say({ case: "cancel", value: { tasks: [{ taskId: "a", attempt: 1, reason: "stop" }] } });
  // The server counts the slot as free, until it hears otherwise.
  stream.tasks(taskOf("c"));
  expect(await stream.next("capacity")).toMatchObject({ n: 1 });
  expect(begun.all).toEqual(["a/1", "b/1"]);
  expect(worker.running).toBe(2);
  finish("a/1");
  expect(await begun.next()).toBe("c/1");
  expect(await stream.next("capacity")).toMatchObject({ n: 2 });
  expect(worker.running).toBe(2);
});

test("a task that waits for a slot is held: it is named after a reconnect, and dropped when it is cancelled", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish } = waitingHandlers();
  startWorker(server, { fallback: handler, capacity: 1 });
  const first = await server.nextStream();
  first.tasks(taskOf("a"));
  await begun.next();
  first.say({ case: "cancel", value: { tasks: [{ taskId: "a", attempt: 1 }] } });
  first.tasks(taskOf("b"), taskOf("c"));
  await first.next("capacity");
  first.end(unavailable());
  const second = await server.nextStream();
  expect(second.hello.capacity).toBe(0);
  expect(second.hello.held.map(({ taskId }) => taskId).sort()).toEqual(["b", "c"]);
  second.say({ case: "cancel", value: { tasks: [{ taskId: "b", attempt: 1 }] } });
  second.end(unavailable());
  const third = await server.nextStream();
  expect(third.hello.held).toMatchObject([{ taskId: "c" }]);
  finish("a/1");
  expect(await begun.next()).toBe("c/1");
  expect(begun.all).toEqual(["a/1", "c/1"]);
});

test("a newer attempt of a task that it still works on ends the older one", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish, signal } = waitingHandlers();
  startWorker(server, { fallback: handler });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a"));
  await begun.next();
  stream.tasks(taskOf("a", { attempt: 2 }));
  expect(await begun.next()).toBe("a/2");
  expect(signal("a/1").reason).toMatchObject({ why: "LEASE_LOST" });
  finish("a/1");
  finish("a/2");
  expect((await stream.nextOutcomes()).map(shortly)).toEqual(["a/2 completed"]);
});

test("an attempt that comes twice runs once", async () => {
  const server = await startFakeServer();
  const { handler, begun } = waitingHandlers();
  startWorker(server, { fallback: handler });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a"));
  stream.tasks(taskOf("a"));
  stream.tasks(taskOf("b"));
  await begun.next();
  await begun.next();
  expect(begun.all).toEqual(["a/1", "b/1"]);
});

test("a released attempt that comes again with the same number runs again", async () => {
  const server = await startFakeServer();
  let runs = 0;
  startWorker(server, {
    fallback: (_payload, context) => {
      runs++;
      if (runs === 1) context.release();
    },
  });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a"));
  const released = await stream.nextOutcomes();
  expect(released.map(shortly)).toEqual(["a/1 released"]);
  // The server may hand it out in the commit that releases it, before it says so.
  stream.tasks(taskOf("a"));
  stream.settle(released);
  expect((await stream.nextOutcomes()).map(shortly)).toEqual(["a/1 completed"]);
});

test("runs handlers that answer at once one after the other, however many come", async () => {
  const server = await startFakeServer();
  let deepest = 0;
  let depth = 0;
  startWorker(server, {
    capacity: 1,
    fallback: () => {
      depth++;
      deepest = Math.max(deepest, depth);
      depth--;
    },
  });
  const stream = await server.nextStream();
  stream.tasks(...Array.from({ length: 2_500 }, (_, n) => taskOf(`t${n}`)));
  let outcomes = 0;
  while (outcomes < 2_500) outcomes += (await stream.nextOutcomes()).length;
  expect(outcomes).toBe(2_500);
  expect(deepest).toBe(1);
});

test("says which types it handles, and gives back another, with the reason, and says so once", async () => {
  const server = await startFakeServer();
  const warnings: string[] = [];
  const log = { debug: () => undefined, info: () => undefined, error: () => undefined };
  startWorker(server, {
    handlers: { known: () => undefined },
    log: { ...log, warn: (_facts, message) => void warnings.push(message) },
  });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a"), taskOf("b"), taskOf("c", { type: "known" }));
  const outcomes = await stream.nextOutcomes();
  expect(outcomes.map(shortly)).toEqual(["a/1 released", "b/1 released", "c/1 completed"]);
  expect(stream.hello.types).toEqual(["known"]);
  for (const { outcome } of outcomes.slice(0, 2)) expect(outcome.value).toMatchObject({ reason: "NO_HANDLER" });
  expect(warnings).toHaveLength(1);
});

test("asks for all types where it has a fallback", async () => {
  const server = await startFakeServer();
  const { started } = startWorker(server, { handlers: { known: () => undefined }, fallback: () => undefined });
  expect((await server.nextStream()).hello.types).toEqual([]);
  await started;
});

test("outcomes are told in messages of at most 3 MiB", async () => {
  const server = await startFakeServer();
  const megabyte = new Uint8Array(1_048_000);
  const gate = work();
  startWorker(server, { fallback: () => gate.promise.then(() => megabyte) });
  const stream = await server.nextStream();
  stream.tasks(...["a", "b", "c", "d"].map((id) => taskOf(id)));
  gate.resolve();
  expect((await stream.nextOutcomes()).map(shortly)).toEqual(["a/1 completed", "b/1 completed", "c/1 completed"]);
  expect((await stream.nextOutcomes()).map(shortly)).toEqual(["d/1 completed"]);
});

test("a result that no message can carry is a terminal failure", async () => {
  const server = await startFakeServer();
  startWorker(server, { handlers: { large: () => new Uint8Array(4_000_000), odd: () => ({ n: Number.NaN }) } });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a", { type: "large" }), taskOf("b", { type: "odd" }));
  expect((await stream.nextOutcomes()).map(({ outcome }) => outcome)).toMatchObject([
    { case: "failed", value: { terminal: true, error: { type: "PAYLOAD_TOO_LARGE" } } },
    {
      case: "failed",
      value: { terminal: true, error: { type: "INVALID_RESULT", message: expect.stringContaining("$.n") } },
    },
  ]);
});
