import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { status as statusCode } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type EnqueueBatchRequest,
  EnqueueBatchResponseSchema,
  EnqueueRequestSchema,
  type EnqueueStreamRequest,
  EnqueueStreamRequestSchema,
  type EnqueueStreamResponse,
  EnqueueStreamResponseSchema,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { encodeItem } from "../../../src/client/connection/encoded-items.ts";
import { EnqueueStream, type TaskBatch } from "../../../src/client/connection/enqueue-stream.ts";
import { CallError, connect, createProducer } from "../../../src/client/index.ts";
import { ServerChoice } from "../../../src/client/servers/server-choice.ts";
import { codecOf } from "../../../src/grpc/message-codec.ts";
import { makeStatus } from "../../../src/grpc/status-details.ts";
import { readQueue } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";

/** One stream, in the hands of a test that plays the server. */
class FakeCall {
  readonly sent: EnqueueStreamRequest[] = [];
  /** What the client does beside sending, in order. */
  readonly acts: string[] = [];
  readonly #responses: (EnqueueStreamResponse | CallError | null)[] = [];
  #arrived: () => void = () => undefined;

  send(request: EnqueueStreamRequest): boolean {
    this.sent.push(request);
    return true;
  }
  readonly drained = () => Promise.resolve();
  readonly end = () => void this.acts.push("end");
  readonly cancel = () => void this.acts.push("cancel");
  readonly ref = () => void this.acts.push("ref");
  readonly unref = () => void this.acts.push("unref");

  /** Answers the next request with tasks of these ids, or with an error; or ends the stream, `null`: well. */
  async say(...responses: (MessageInitShape<typeof EnqueueStreamResponseSchema> | CallError | null)[]): Promise<void> {
    for (const each of responses) {
      const isEnd = each === null || each instanceof CallError;
      this.#responses.push(isEnd ? each : create(EnqueueStreamResponseSchema, each));
    }
    this.#arrived();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }

  get responses(): AsyncIterable<EnqueueStreamResponse> {
    return this.#read();
  }

  async *#read(): AsyncGenerator<EnqueueStreamResponse> {
    for (;;) {
      const next = this.#responses.shift();
      if (next === null) return;
      if (next instanceof CallError) throw next;
      if (next !== undefined) yield next;
      else await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }
}

/** A stream whose calls a test answers. */
function start() {
  const streams: FakeCall[] = [];
  const batches: EnqueueBatchRequest[] = [];
  const stream = new EnqueueStream(
    {
      enqueueStream() {
        const call = new FakeCall();
        streams.push(call);
        return call as never;
      },
      async enqueueBatch(request) {
        batches.push(request as EnqueueBatchRequest);
        return create(EnqueueBatchResponseSchema, { results: [{ created: true, task: { id: "apart" } }] });
      },
    },
    new ServerChoice({ addresses: ["here:1"] }),
  );
  return { stream, streams, batches };
}

const timeoutMs = 1_000;

function batchOf(type = "t", more: Partial<TaskBatch> = {}): TaskBatch {
  const items = [encodeItem(EnqueueRequestSchema, create(EnqueueRequestSchema, { task: { queue: "q", type } }))];
  return { items, atomic: false, timeoutMs, ...more };
}

const stored = (id: string) => ({ results: [{ created: true, taskId: id }] });
const settled = (promise: Promise<unknown>) =>
  promise.then(
    () => "answered",
    (error: unknown) => error,
  );

it("sends batches over one stream, before earlier ones are answered, and gives each its answer", async () => {
  const { stream, streams, batches } = start();
  const sent = [stream.send(batchOf("a")), stream.send(batchOf("b", { atomic: true }))];
  expect(streams).toHaveLength(1);
  const { decode, encode } = codecOf(EnqueueStreamRequestSchema);
  expect(streams[0]?.sent.map((request) => decode(encode(request)))).toMatchObject([
    { requests: [{ task: { type: "a" } }], atomic: false },
    { requests: [{ task: { type: "b" } }], atomic: true },
  ]);
  await streams[0]?.say(stored("1"), stored("2"));
  expect(await Promise.all(sent)).toMatchObject([[{ taskId: "1" }], [{ taskId: "2" }]]);
  expect(batches).toEqual([]);
});

it("rejects a batch that was refused as a whole as EnqueueBatch would, and goes on", async () => {
  const { stream, streams } = start();
  const [refused, taken] = [settled(stream.send(batchOf())), stream.send(batchOf())];
  const error = makeStatus(statusCode.RESOURCE_EXHAUSTED, "busy", { reason: "OVERLOADED", retryAfterMs: 1_000 });
  await streams[0]?.say({ error }, stored("1"));
  expect(await refused).toMatchObject({
    code: statusCode.RESOURCE_EXHAUSTED,
    reason: "OVERLOADED",
    retryAfterMs: 1_000,
  });
  expect(await taken).toMatchObject([{ taskId: "1" }]);
});

describe("a stream that ends", () => {
  const lost = { code: statusCode.UNAVAILABLE, message: "cannot reach here:1: the stream has ended" };
  it.each([
    ["well", null, lost],
    ["by a proxy that cancels it", new CallError("cancelled", { code: statusCode.CANCELLED }), lost],
    ["with an error", new CallError("gone", { code: statusCode.UNAVAILABLE }), { message: "gone" }],
  ])("%s: rejects what was not answered, and the next batch opens another", async (_how, end, expected) => {
    const { stream, streams } = start();
    const sent = [stream.send(batchOf()), settled(stream.send(batchOf())), settled(stream.send(batchOf()))];
    await streams[0]?.say(stored("1"), end);
    expect(await Promise.all(sent)).toMatchObject([[{ taskId: "1" }], expected, expected]);
    const again = stream.send(batchOf());
    expect(streams).toHaveLength(2);
    await streams[1]?.say(stored("2"));
    expect(await again).toMatchObject([{ taskId: "2" }]);
  });
});

it("sends by EnqueueBatch from then on if the server does not know the stream", async () => {
  const { stream, streams, batches } = start();
  const sent = [stream.send(batchOf("a", { atomic: true })), stream.send(batchOf("b"))];
  await streams[0]?.say(new CallError("no such method", { code: statusCode.UNIMPLEMENTED }));
  expect(await Promise.all(sent)).toMatchObject(Array(2).fill([{ taskId: "apart" }]));
  expect(await stream.send(batchOf())).toMatchObject([{ taskId: "apart" }]);
  expect(batches.map(({ atomic }) => atomic)).toEqual([true, false, false]);
  expect(streams).toHaveLength(1);
});

it("sends a batch by EnqueueBatch that is larger than every server takes", async () => {
  const { stream, streams, batches } = start();
  const items = Array.from({ length: 2 }, () => new Uint8Array(32_769));
  expect(await stream.send({ items, atomic: true, timeoutMs })).toMatchObject([{ taskId: "apart" }]);
  expect(batches).toMatchObject([{ atomic: true }]);
  expect(streams).toEqual([]);
});

describe("in time", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  /** Lets time pass, and what is judged only after the next poll phase be judged. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) {
      vi.advanceTimersByTime(Math.min(1_000, ms - passed));
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  const silent = {
    code: statusCode.DEADLINE_EXCEEDED,
    message: "cannot reach here:1: it does not answer",
    unreached: { why: "it does not answer", maybeSent: true },
  };

  it("cuts a stream on which nothing is answered for the timeout of its oldest batch", async () => {
    const { stream, streams } = start();
    const first = stream.send(batchOf());
    await pass(timeoutMs - 1);
    const others = [settled(stream.send(batchOf())), settled(stream.send(batchOf()))];
    await streams[0]?.say(stored("1"));
    await first;
    // It was heard of, so the time begins anew.
    await pass(timeoutMs - 1);
    expect(streams[0]?.acts).not.toContain("cancel");
    await pass(2);
    expect(await Promise.all(others)).toMatchObject([silent, silent]);
    expect(streams[0]?.acts.at(-1)).toBe("cancel");
    void stream.send(batchOf());
    expect(streams).toHaveLength(2);
  });

  it("heeds a timeout that is shorter than the idle time of the stream", async () => {
    const { stream, streams } = start();
    const first = stream.send(batchOf());
    await streams[0]?.say(stored("1"));
    await first;
    const second = settled(stream.send(batchOf("t", { timeoutMs: 20 })));
    await pass(21);
    expect(await second).toMatchObject(silent);
  });

  it("closes a stream that was not used for 5 s, and opens another with the next batch", async () => {
    const { stream, streams } = start();
    for (const id of ["1", "2"]) {
      const sent = stream.send(batchOf());
      await streams[0]?.say(stored(id));
      await sent;
      await pass(4_999);
    }
    expect(streams[0]?.acts).not.toContain("end");
    await pass(2);
    expect(streams[0]?.acts.at(-1)).toBe("end");
    expect(vi.getTimerCount()).toBe(0);
    void stream.send(batchOf());
    expect(streams).toHaveLength(2);
  });
});

it("holds the process only while something is not answered", async () => {
  const { stream, streams } = start();
  for (const id of ["1", "2"]) {
    const sent = [stream.send(batchOf()), stream.send(batchOf())];
    await streams[0]?.say(stored(id), stored(`${id}b`));
    await Promise.all(sent);
  }
  expect(streams[0]?.acts).toEqual(["ref", "unref", "ref", "unref"]);
});

it("half-closes at its close: what was sent is answered, and nothing more is sent on it", async () => {
  const { stream, streams } = start();
  const sent = stream.send(batchOf());
  stream.close();
  expect(streams[0]?.acts).toEqual(["ref", "end"]);
  const later = stream.send(batchOf());
  expect(streams.map((call) => call.sent.length)).toEqual([1, 1]);
  await streams[0]?.say(stored("1"), null);
  await streams[1]?.say(stored("2"), null);
  expect(await Promise.all([sent, later])).toMatchObject([[{ taskId: "1" }], [{ taskId: "2" }]]);
});

it("answers what is under way when its client is closed, and refuses what comes after", async () => {
  await using server = await startServer();
  const client = connect({ address: server.address });
  await client.enqueueStream.send(batchOf());
  const sent = client.enqueueStream.send(batchOf());
  client.close();
  expect(await sent).toMatchObject([{ created: true }]);
  await expect(createProducer(client).enqueue("q", "t")).rejects.toMatchObject({ reason: "CLOSED" });
});

it("does not hold a process that has nothing else to do", async () => {
  await using server = await startServer();
  const child = fork(join(import.meta.dirname, "enqueue-process.ts"), [server.address], { stdio: "inherit" });
  // What holds the process is the channel to this one, otherwise.
  child.disconnect();
  expect(await once(child, "exit")).toEqual([0, null]);
});

it("opens again where the server stopped in between, and stores each task once", async () => {
  await using server = await startServer();
  const client = connect({ address: server.address, log: "silent" });
  const producer = createProducer(client);
  const enqueue = (count: number) => Promise.all(Array.from({ length: count }, () => producer.enqueue("q", "t")));
  await enqueue(1);
  const [, tasks] = await Promise.all([server.restart(), enqueue(50)]);
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(50);
  await enqueue(1);
  expect((await readQueue(server, "q")).statistics?.pending).toBe(52n);
  await producer.close();
  client.close();
});
