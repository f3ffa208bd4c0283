import { expect, it } from "vitest";
import type { EnqueueStreamResponse } from "../../../gen/sitq/v1/queue_service_pb.js";
import type { Store } from "../../../src/store/store.ts";
import { enqueue, present, readQueue } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalIn, refusalInStatus, refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { frame, openHttp2, rawCall } from "../rpc-harness.ts";

const shared = shareServer();

/** An open stream, and its answers one by one. */
function openStream({ queue }: TestServer) {
  const call = queue.enqueueStream();
  const responses = call.responses[Symbol.asyncIterator]();
  return {
    send: call.send,
    end: call.end,
    async next(): Promise<EnqueueStreamResponse> {
      return present((await responses.next()).value);
    },
    /** The end: `null` if it is a good one. */
    async ended(): Promise<unknown> {
      try {
        const { done } = await responses.next();
        return done ? null : "not ended";
      } catch (error) {
        return error;
      }
    },
  };
}

const request = (queue: string, requestId = "") => ({ task: { queue, type: "t" }, requestId });

it("answers each batch in order once it is stored, and names new and existing tasks", async () => {
  const queue = freshQueue();
  const key = { deduplicationKey: "k" };
  const stream = openStream(shared());
  stream.send({ requests: [{ task: { queue, type: "t", ...key }, requestId: `${queue}-a` }, request(queue)] });
  stream.send({
    requests: [
      { task: { queue, type: "t", ...key }, requestId: `${queue}-a` },
      request(""),
      { task: { queue, type: "t", ...key }, requestId: `${queue}-b` },
      request(queue),
    ],
  });
  const first = (await stream.next()).results;
  const created = { created: true, taskId: expect.stringMatching(/^\w{11}$/), requestId: "", error: undefined };
  expect(first).toMatchObject([created, created]);
  const [repeated, refused, matched, stored] = (await stream.next()).results;
  const existing = { taskId: first[0]?.taskId, created: false, requestId: `${queue}-a` };
  expect([repeated, matched]).toMatchObject([existing, existing]);
  expect(refused?.taskId).toBe("");
  expect(refusalInStatus(refused?.error)).toMatchObject({ reason: "INVALID_FIELD", field: "requests[1].task.queue" });
  expect(stored).toMatchObject(created);
  stream.end();
  expect(await stream.ended()).toBeNull();
  expect((await readQueue(shared(), queue)).statistics).toMatchObject({ pending: 3n });
});

it("answers a request that is refused as a whole with its error, and goes on", async () => {
  const queue = freshQueue();
  const stream = openStream(shared());
  stream.send({});
  stream.send({ requests: Array.from({ length: 1_001 }, () => request(queue)) });
  stream.send({ requests: [request(queue), request("")], atomic: true });
  stream.send({ requests: [request(queue)] });
  const responses = [await stream.next(), await stream.next()];
  expect(responses.map(({ results, error }) => [results, refusalInStatus(error)])).toMatchObject([
    [[], { code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field: "requests" }],
    [[], { code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field: "requests" }],
  ]);
  expect((await stream.next()).results.map(({ error }) => refusalInStatus(error).reason)).toEqual([
    "BATCH_REFUSED",
    "INVALID_FIELD",
  ]);
  expect((await stream.next()).results).toMatchObject([{ created: true }]);
  stream.end();
  expect(await stream.ended()).toBeNull();
});

it("answers OVERLOADED with the time to wait, and stores the next request", async () => {
  const read = Promise.withResolvers<void>();
  await using server = await startServer({
    config: { maxWaitingCalls: 1 },
    wrapStore: (store) => ({
      ...store,
      enqueue: (...args) => read.promise.then(() => store.enqueue(...args)),
    }),
  });
  const stream = openStream(server);
  stream.send({ requests: [request("q")] });
  stream.send({ requests: [request("q")] });
  // Over the same connection: what was sent before has been read when it is answered.
  await server.queue.listQueues({});
  read.resolve();
  expect(await stream.next()).toMatchObject({ results: [{ created: true }] });
  expect(refusalInStatus((await stream.next()).error)).toMatchObject({
    code: "RESOURCE_EXHAUSTED",
    reason: "OVERLOADED",
    retryAfterMs: 1_000,
  });
  stream.send({ requests: [request("q")] });
  expect(await stream.next()).toMatchObject({ results: [{ created: true }] });
});

it("answers what came before a malformed request, which ends the stream", async () => {
  const queue = freshQueue();
  const { stream, status } = rawCall(openHttp2(shared().address), "/sitq.v1.QueueService/EnqueueStream");
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  // `requests` with a task of this queue and type.
  const task = Buffer.concat([Buffer.from([0x12, queue.length]), Buffer.from(queue), Buffer.from([0x1a, 1, 0x74])]);
  const item = Buffer.concat([Buffer.from([0x0a, task.length]), task]);
  stream.write(frame(Buffer.concat([Buffer.from([0x0a, item.length]), item])));
  stream.write(frame(Buffer.from([0xff])));
  expect(await status).toMatchObject({ codeName: "INVALID_ARGUMENT", reason: "MALFORMED_MESSAGE" });
  expect(Buffer.concat(chunks).length).toBeGreaterThan(5);
  expect((await readQueue(shared(), queue)).statistics).toMatchObject({ pending: 1n });
});

it("is ended by a request that is larger than the server takes", async () => {
  await using server = await startServer({ config: { maxReceiveBytes: 131_072, maxPayloadBytes: 65_536 } });
  const stream = openStream(server);
  stream.send({ requests: [{ task: { queue: "q", type: "t", headers: { x: "x".repeat(131_072) } } }] });
  expect(refusalIn(await stream.ended())).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "MESSAGE_TOO_LARGE" });
});

it("stays open without requests", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const stream = openStream(server);
  stream.send({ requests: [request("q")] });
  await stream.next();
  clock.advance(86_400_000);
  stream.send({ requests: [request("q")] });
  expect(await stream.next()).toMatchObject({ results: [{ created: true }] });
});

it("is not waited for by a server that stops, and ends with DRAINING", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const stream = openStream(server);
  stream.send({ requests: [request("q")] });
  await stream.next();
  await server.app.close();
  expect(refusalIn(await stream.ended())).toMatchObject({ code: "UNAVAILABLE", reason: "DRAINING" });
  expect(clock.monotonic()).toBe(0);
});

it("has what was read answered, in order, before DRAINING", async () => {
  const reached = Promise.withResolvers<void>();
  const mayStore = Promise.withResolvers<void>();
  const wrapStore = (store: Store): Store => ({
    ...store,
    async enqueue(...call) {
      reached.resolve();
      await mayStore.promise;
      return store.enqueue(...call);
    },
  });
  await using server = await startServer({ clock: createFakeClock(), wrapStore });
  const stream = openStream(server);
  stream.send({ requests: [request("q")] });
  stream.send({ requests: [request("q"), request("q")] });
  await reached.promise;
  const health = server.health.watch({ service: "" })[Symbol.asyncIterator]();
  await health.next();
  const closed = server.app.close();
  await health.next();
  // It ends when the streams are told to.
  expect(await refusalOf(health.next())).toMatchObject({ reason: "DRAINING" });
  mayStore.resolve();
  expect((await stream.next()).results).toHaveLength(1);
  expect((await stream.next()).results).toHaveLength(2);
  expect(refusalIn(await stream.ended())).toMatchObject({ reason: "DRAINING" });
  await closed;
  await server.restart();
  expect((await readQueue(server, "q")).statistics).toMatchObject({ pending: 3n });
});

it("gives a task to an idle worker as Enqueue does", async () => {
  const queue = freshQueue();
  const claimed = shared().worker.claimTasks({ workerId: "w", queues: [queue], wait: { seconds: 60n } });
  await enqueue(shared(), { queue: freshQueue() });
  const stream = openStream(shared());
  stream.send({ requests: [request(queue)] });
  const { results } = await stream.next();
  expect((await claimed).tasks).toMatchObject([{ id: results[0]?.taskId }]);
  stream.end();
  expect(await stream.ended()).toBeNull();
});

it("refuses in the words of EnqueueBatch", async () => {
  const refused = refusalOf(shared().queue.enqueueBatch({}));
  const stream = openStream(shared());
  stream.send({});
  expect(refusalInStatus((await stream.next()).error)).toEqual(await refused);
});
