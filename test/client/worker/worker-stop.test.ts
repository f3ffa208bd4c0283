import { status as statusCode } from "@grpc/grpc-js";
import { expect, test, vi } from "vitest";
import { connect, createWorker } from "../../../src/client/index.ts";
import { shortly, startFakeServer, taskOf } from "../fake-server.ts";
import { createMailbox } from "../mailbox.ts";
import { startWorker, unavailable, waitingHandlers } from "./worker-harness.ts";

test("takes nothing more, waits for what runs, has it settled, and ends the stream in order", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish, signal } = waitingHandlers();
  const { worker } = startWorker(server, { fallback: handler });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a"));
  await begun.next();

  const stopped = worker.stop();
  expect(worker.state).toBe("stopping");
  expect(await stream.next("capacity")).toMatchObject({ n: 0 });
  // Under way when the server heard it.
  stream.tasks(taskOf("b"));
  const released = await stream.nextOutcomes();
  expect(released.map(shortly)).toEqual(["b/1 released"]);
  expect(signal("a/1").aborted).toBe(false);
  finish("a/1");
  const completed = await stream.nextOutcomes();
  expect(completed.map(shortly)).toEqual(["a/1 completed"]);
  stream.settle([...released, ...completed]);
  expect(await stream.over).toBe("ended");
  await stopped;
  expect(worker.state).toBe("stopped");
  expect(begun.all).toEqual(["a/1"]);
  expect(server.streams.all).toHaveLength(1);
});

test("after the grace tells handlers to stop; what they throw then, and what goes on, is given back, and what they finish counts", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish, fail, signal } = waitingHandlers();
  const { worker } = startWorker(server, { fallback: handler });
  const stream = await server.nextStream();
  stream.tasks(taskOf("throws"), taskOf("finishes"), taskOf("goes-on"));
  for (let n = 0; n < 3; n++) await begun.next();
  const aborted = new Promise((resolve) => signal("throws/1").addEventListener("abort", resolve));
  const stopped = worker.stop({ graceMs: 10 });
  await aborted;
  expect(signal("throws/1").reason).toMatchObject({ why: "WORKER_STOPPING" });
  fail("throws/1", signal("throws/1").reason);
  finish("finishes/1");
  server.runByItself();
  await stopped;
  const outcomes = stream.said.all.flatMap((message) => (message.case === "outcomes" ? message.value.outcomes : []));
  expect(outcomes.map(shortly)).toEqual(["throws/1 released", "finishes/1 completed", "goes-on/1 released"]);
  // It returns at last, and nobody hears of it.
  finish("goes-on/1");
});

test("gives back tasks that wait for a slot without beginning them", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish } = waitingHandlers();
  const { worker } = startWorker(server, { fallback: handler, capacity: 1 });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a"));
  await begun.next();
  stream.say({ case: "cancel", value: { tasks: [{ taskId: "a", attempt: 1 }] } });
  stream.tasks(taskOf("b"));
  await stream.next("capacity");
  const stopped = worker.stop();
  const released = await stream.nextOutcomes();
  expect(released.map(shortly)).toEqual(["b/1 released"]);
  stream.settle(released);
  finish("a/1");
  await stopped;
  expect(begun.all).toEqual(["a/1"]);
});

test("a second stop with a shorter grace hurries the first, and both end", async () => {
  const server = await startFakeServer();
  const { handler, begun, signal, fail } = waitingHandlers();
  const { worker } = startWorker(server, { fallback: handler });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a"));
  await begun.next();
  const aborted = new Promise((resolve) => signal("a/1").addEventListener("abort", resolve));
  const first = worker.stop({ graceMs: 60_000 });
  await stream.next("capacity");
  expect(signal("a/1").aborted).toBe(false);
  const second = worker.stop({ graceMs: 0 });
  await aborted;
  fail("a/1", new Error("interrupted"));
  server.runByItself();
  await Promise.all([first, second]);
});

test("outcomes are settled over a new stream when the old one breaks while it stops", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish } = waitingHandlers();
  const { worker } = startWorker(server, { fallback: handler });
  const first = await server.nextStream();
  first.tasks(taskOf("a"));
  await begun.next();
  const stopped = worker.stop();
  await first.next("capacity");
  finish("a/1");
  await first.nextOutcomes();
  first.end(unavailable());
  const second = await server.nextStream();
  expect(second.hello).toMatchObject({ capacity: 0, held: [{ taskId: "a", attempt: 1 }] });
  second.settle(await second.nextOutcomes());
  await stopped;
});

test("can be stopped before it is started, while it connects, and again", async () => {
  const server = await startFakeServer();
  const never = createWorker(server.client, { queues: ["q"], handlers: { t: () => null } });
  await never.stop();
  expect(never.state).toBe("stopped");
  await expect(never.start()).rejects.toThrow("was stopped before");

  const { worker, started } = startWorker(server);
  const refused = expect(started).rejects.toMatchObject({ code: statusCode.CANCELLED });
  // Its hello stays without a welcome.
  await server.streams.next();
  await worker.stop();
  await refused;
  await worker.stop();
  expect(worker.state).toBe("stopped");
});

test("can be stopped while the server is away", async () => {
  const delays = createMailbox<number | null>("delay");
  // Nobody listens there.
  const client = connect({ address: "127.0.0.1:1" });
  const events = { onDisconnect: (_error: unknown, delayMs: number | null) => delays.put(delayMs) };
  const worker = createWorker(client, { queues: ["q"], handlers: { t: () => null }, events });
  const refused = expect(worker.start()).rejects.toMatchObject({ code: statusCode.CANCELLED });
  await delays.next();
  expect(worker.state).toBe("connecting");
  await worker.stop();
  await refused;
  client.close();
});

test("cannot be started twice", async () => {
  const server = await startFakeServer();
  const { worker, started } = startWorker(server);
  await server.nextStream();
  await started;
  await expect(worker.start()).rejects.toThrow("was started before");
});

test("what a listener throws changes nothing", async () => {
  const server = await startFakeServer();
  const thrown = () => {
    throw new Error("listener");
  };
  const errors = vi.fn();
  const quiet = () => undefined;
  const { started } = startWorker(server, {
    fallback: () => "done",
    log: { debug: quiet, info: quiet, warn: quiet, error: errors },
    events: { onConnect: thrown, onTaskStart: thrown, onTaskEnd: thrown },
  });
  const stream = await server.nextStream();
  await started;
  stream.tasks(taskOf("a"));
  expect((await stream.nextOutcomes()).map(shortly)).toEqual(["a/1 completed"]);
  expect(errors).toHaveBeenCalledTimes(3);
});

test.each([0, 1.5, 10_001, Number.NaN])("refuses a capacity of %d", (capacity) => {
  const client = connect({ address: "127.0.0.1:1" });
  expect(() => createWorker(client, { queues: ["q"], handlers: { t: () => null }, capacity })).toThrow(RangeError);
  client.close();
});
