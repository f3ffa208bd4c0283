import { create } from "@bufbuild/protobuf";
import { status as statusCode } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { SettledOutcomeSchema, SettleStatus } from "../../../gen/sitq/v1/worker_service_pb.js";
import { AttemptAborted } from "../../../src/client/index.ts";
import { makeStatus } from "../../../src/grpc/status-details.ts";
import { shortly, startFakeServer, taskOf, work } from "../fake-server.ts";
import { startWorker, unavailable, waitingHandlers } from "./worker-harness.ts";

test("says who it is, what it wants and what it holds", async () => {
  const server = await startFakeServer();
  const { worker, started } = startWorker(server, {
    queues: ["a", "b"],
    capacity: 7,
    address: "http://10.0.0.1:80",
    metadata: { zone: "z1" },
  });
  const { hello, welcome } = await server.streams.next();
  expect(hello).toMatchObject({
    workerId: "w",
    service: "test",
    queues: ["a", "b"],
    capacity: 7,
    address: "http://10.0.0.1:80",
    metadata: { zone: "z1" },
    held: [],
  });
  expect(worker.state).toBe("connecting");
  welcome();
  await started;
  expect(worker.state).toBe("connected");
});

test("tells the outcomes of one turn in one message, and sends nothing twice over one stream", async () => {
  const server = await startFakeServer();
  const { started } = startWorker(server, { fallback: () => undefined });
  const stream = await server.nextStream();
  await started;
  stream.tasks(taskOf("a"), taskOf("b"), taskOf("c"));
  expect((await stream.nextOutcomes()).map(shortly)).toEqual(["a/1 completed", "b/1 completed", "c/1 completed"]);
  stream.tasks(taskOf("d"));
  expect((await stream.nextOutcomes()).map(shortly)).toEqual(["d/1 completed"]);
});

test("tells half of what it takes without waiting for the other half, so that the server is never without work", async () => {
  const server = await startFakeServer();
  const { started } = startWorker(server, { capacity: 64, fallback: () => undefined });
  const stream = await server.nextStream();
  await started;
  stream.tasks(...Array.from({ length: 64 }, (_, index) => taskOf(`t${index}`)));
  expect(await stream.nextOutcomes()).toHaveLength(32);
  expect(await stream.nextOutcomes()).toHaveLength(32);
});

test("tells async outcomes of one turn in one message too", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish } = waitingHandlers();
  startWorker(server, { fallback: handler });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a"), taskOf("b"));
  await begun.next();
  await begun.next();
  finish("a/1", 1);
  finish("b/1", 2);
  expect((await stream.nextOutcomes()).map(shortly)).toEqual(["a/1 completed", "b/1 completed"]);
});

test("sends outcomes that are not settled again over the next stream, before anything else, and names them as held", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish } = waitingHandlers();
  startWorker(server, { fallback: handler });
  const first = await server.nextStream();
  first.tasks(taskOf("settled"), taskOf("unsettled", { attempt: 3 }), taskOf("running"));
  for (let n = 0; n < 3; n++) await begun.next();
  finish("settled/1");
  finish("unsettled/3", "result");
  const outcomes = await first.nextOutcomes();
  first.settle(outcomes.slice(0, 1));
  // So that what was settled is read before the end.
  first.tasks(taskOf("last"));
  await begun.next();
  first.end(unavailable());

  const second = await server.streams.next();
  expect(second.hello.held.map(({ taskId, attempt }) => `${taskId}/${attempt}`)).toEqual([
    "unsettled/3",
    "running/1",
    "last/1",
  ]);
  second.welcome();
  const again = await second.nextOutcomes();
  expect(again.map(shortly)).toEqual(["unsettled/3 completed"]);
  expect(again[0]?.outcome).toEqual(outcomes[1]?.outcome);
  second.settle(again);
  finish("running/1");
  expect((await second.nextOutcomes()).map(shortly)).toEqual(["running/1 completed"]);
});

test("an outcome that came while there was no stream is sent with the next welcome", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish } = waitingHandlers();
  const gone = work();
  startWorker(server, { fallback: handler, events: { onDisconnect: () => gone.resolve() } });
  const first = await server.nextStream();
  first.tasks(taskOf("a"));
  await begun.next();
  first.end(unavailable());
  await gone.promise;
  finish("a/1");
  const second = await server.nextStream();
  expect((await second.nextOutcomes()).map(shortly)).toEqual(["a/1 completed"]);
});

test.each([SettleStatus.SETTLED, SettleStatus.STALE, SettleStatus.NOT_FOUND])(
  "forgets an outcome that is answered with status %i",
  async (status) => {
    const server = await startFakeServer();
    startWorker(server, { fallback: () => undefined });
    const first = await server.nextStream();
    first.tasks(taskOf("a"));
    first.settle(await first.nextOutcomes(), status);
    first.tasks(taskOf("b"));
    await first.nextOutcomes();
    first.end(unavailable());
    const second = await server.streams.next();
    expect(second.hello.held.map(({ taskId }) => taskId)).toEqual(["b"]);
  },
);

test("replaces a rejected outcome by a terminal failure that says why, once", async () => {
  const server = await startFakeServer();
  startWorker(server, { fallback: () => "far too large" });
  const stream = await server.nextStream();
  stream.tasks(taskOf("a"));
  const reject = (text: string) => {
    const error = makeStatus(statusCode.INVALID_ARGUMENT, text, { reason: "PAYLOAD_TOO_LARGE" });
    const outcome = create(SettledOutcomeSchema, { taskId: "a", attempt: 1, status: SettleStatus.REJECTED, error });
    stream.say({ case: "settled", value: { outcomes: [outcome] } });
  };
  expect((await stream.nextOutcomes()).map(shortly)).toEqual(["a/1 completed"]);
  reject("completed.result: has 9 bytes");
  const [replacement] = await stream.nextOutcomes();
  expect(replacement?.outcome).toMatchObject({
    case: "failed",
    value: { terminal: true, error: { type: "PAYLOAD_TOO_LARGE", message: expect.stringContaining("has 9 bytes") } },
  });
  reject("that neither");
  stream.tasks(taskOf("b"));
  expect((await stream.nextOutcomes()).map(shortly)).toEqual(["b/1 completed"]);
});

test("aborts the handlers of lost attempts, and sends their outcomes no more; those that wait for an answer are still sent", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish, signal } = waitingHandlers();
  startWorker(server, { fallback: handler });
  const first = await server.nextStream();
  first.tasks(taskOf("lost"), taskOf("kept"), taskOf("done"));
  for (let n = 0; n < 3; n++) await begun.next();
  finish("done/1");
  await first.nextOutcomes();
  first.end(unavailable());

  const second = await server.streams.next();
  second.welcome({
    lost: [
      { taskId: "lost", attempt: 1 },
      { taskId: "done", attempt: 1 },
    ],
  });
  // The lost one's slot is not the server's to give before its handler returns.
  expect(await second.next("capacity")).toMatchObject({ n: 9 });
  expect((await second.nextOutcomes()).map(shortly)).toEqual(["done/1 completed"]);
  expect(signal("lost/1").reason).toMatchObject({ why: "LEASE_LOST" });
  expect(signal("lost/1").reason).toBeInstanceOf(AttemptAborted);
  expect(signal("kept/1").aborted).toBe(false);
  finish("lost/1");
  finish("kept/1");
  expect(await second.next("capacity")).toMatchObject({ n: 10 });
  await second.nextOutcomes();
  expect(second.said.all.flatMap((m) => (m.case === "outcomes" ? m.value.outcomes.map(shortly) : []))).toEqual([
    "done/1 completed",
    "kept/1 completed",
  ]);
});
