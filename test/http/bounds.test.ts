/** What a request over HTTP may be, and how long it may take: by the bounds and reasons of gRPC. */

import { connect } from "node:http2";
import { createConnection, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { createFakeClock } from "../harness/fake-clock.ts";
import { type RpcHarness, type RpcHarnessOptions, startRpcHarness } from "../rpc/rpc-harness.ts";

const path = "/sitq.v1.QueueService/GetQueue";
const enqueue = "/sitq.v1.QueueService/Enqueue";
const handlers: RpcHarnessOptions = {
  queue: {
    getQueue: async ({ name }) => ({ queue: { name } }),
    enqueue: async () => ({ created: true }),
  },
};
const mib = 1_048_576;

/** Calls a method with a body as it is. */
async function call(
  { address }: Pick<RpcHarness, "address">,
  body: string | Buffer,
  headers: Record<string, string> = {},
  method = path,
): Promise<string> {
  const response = await fetch(`http://${address}${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return summaryOf(response.status, await response.text());
}

/** `429 MESSAGE_TOO_LARGE`, or the answer. */
function summaryOf(status: number, body: string): string {
  if (status === 200) return body;
  const { message, details } = JSON.parse(body) as { message: string; details?: { debug: { reason: string } }[] };
  return `${status} ${details?.[0]?.debug.reason}: ${message}`;
}

/** A connection of HTTP/1.1, by hand. */
function open({ address }: RpcHarness, localAddress = "127.0.0.1") {
  const port = Number(new URL(`http://${address}`).port);
  const socket: Socket = createConnection({ port, host: "127.0.0.1", localAddress });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
  });
  const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(received)));
  return {
    socket,
    send: (text: string | Buffer) => new Promise((resolve) => socket.write(text, resolve)),
    /** All that came, once the connection is closed. */
    closed,
  };
}

function head(length: number | "chunked", method = enqueue): string {
  const framing = length === "chunked" ? "transfer-encoding: chunked" : `content-length: ${length}`;
  return `POST ${method} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`;
}

test("requests in JSON are read by the rules of Protobuf", async () => {
  const harness = await startRpcHarness(handlers);
  expect(await call(harness, '{"name": "mail"}')).toBe('{"queue":{"name":"mail"}}');
  expect(await call(harness, "")).toBe('{"queue":{}}');
  expect(await call(harness, '{"name": "mail"}', { "content-type": "application/json; charset=utf-8" })).toContain(
    "mail",
  );
  const malformed = /^400 MALFORMED_MESSAGE: The message is not a valid sitq\.v1\.GetQueueRequest: /;
  for (const [body, problem] of [
    ['{"nam": "mail"}', 'key "nam" is unknown'],
    ['{"name": 5}', "sitq.v1.GetQueueRequest.name"],
    ["{", ""],
    ["[]", ""],
    ["null", ""],
    ['{"name": "a", "name": "b"}', ""],
    [Buffer.from([0x7b, 0xff, 0x7d]), "not UTF-8"],
  ] as const) {
    const answered = await call(harness, body);
    expect(answered).toMatch(malformed);
    expect(answered).toContain(problem);
  }
  const deep = `{"task": {"payload": {"json": ${"[".repeat(100_000)}${"]".repeat(100_000)}}}}`;
  expect(await call(harness, deep, {}, enqueue)).toMatch(/^400 MALFORMED_MESSAGE/);
  expect(harness.log).toEqual([]);
});

test("a request that is too large is refused, announced or not, and however it is compressed", async () => {
  const harness = await startRpcHarness({ ...handlers, settings: { maxReceiveBytes: mib } });
  const tooLarge = /^429 MESSAGE_TOO_LARGE: /;
  expect(await call(harness, Buffer.alloc(mib + 1, " "))).toMatch(tooLarge);
  const chunked = open(harness);
  await chunked.send(head("chunked", path));
  for (let n = 0; n < 5; n++) await chunked.send(`40000\r\n${" ".repeat(0x40000)}\r\n`);
  await chunked.send("0\r\n\r\n");
  // The connection goes on.
  await chunked.send("GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  expect(await chunked.closed).toMatch(/^HTTP\/1\.1 429 [\s\S]*MESSAGE_TOO_LARGE[\s\S]*HTTP\/1\.1 200 OK/);
  expect(await call(harness, gzipSync(Buffer.alloc(mib + 1, " ")), { "content-encoding": "gzip" })).toMatch(tooLarge);
  expect(await call(harness, gzipSync('{"name": "mail"}'), { "content-encoding": "gzip" })).toContain("mail");
  expect(await call(harness, "rubbish", { "content-encoding": "gzip" })).toMatch(/^400 MALFORMED_MESSAGE/);
  expect(await call(harness, "{}", { "content-encoding": "zstd" })).toMatch(/^501 UNSUPPORTED_ENCODING/);
});

test("times that are none are refused, and long ones taken", async () => {
  const harness = await startRpcHarness(handlers);
  expect(await call(harness, "{}", { "connect-timeout-ms": "soon" })).toMatch(
    /^400 INVALID_FIELD: connect-timeout-ms "soon"/,
  );
  expect(await call(harness, "{}", { "connect-timeout-ms": "9999999999" })).toBe('{"queue":{}}');
});

test("a request that stands still ends with its reason, by both versions", async () => {
  const clock = createFakeClock();
  const harness = await startRpcHarness({ ...handlers, clock, settings: { firstMessageTimeoutMs: 10_000 } });
  const slow = open(harness);
  await slow.send(`${head(1_000)}{"ta`);
  await clock.timers((pending) => pending === 1);
  clock.advance(10_000);
  expect(await slow.closed).toMatch(/^HTTP\/1\.1 504 [\s\S]*FIRST_MESSAGE_TIMEOUT/);

  const session = connect(`http://${harness.address}`);
  onTestFinished(() => session.destroy());
  const stream = session.request(
    { ":method": "POST", ":path": enqueue, "content-type": "application/json" },
    { endStream: false },
  );
  stream.on("error", () => undefined);
  const answered = new Promise<string>((resolve) => {
    let body = "";
    stream.on("data", (chunk) => {
      body += chunk;
    });
    stream.on("end", () => resolve(body));
  });
  stream.write('{"ta');
  await clock.timers((pending) => pending === 1);
  clock.advance(10_000);
  expect(await answered).toContain("FIRST_MESSAGE_TIMEOUT");
  await clock.timers((pending) => pending === 0);
  expect(harness.log).toEqual([]);
});

test("a large request waits for others of its address, and is refused where there is no room in time", async () => {
  const clock = createFakeClock();
  const settings = { firstMessageTimeoutMs: 10_000, maxReceiveBytes: 4 * mib, maxUnfinishedBytes: mib };
  const harness = await startRpcHarness({ ...handlers, clock, settings });
  const first = open(harness);
  await first.send(head(3 * mib));
  await first.send(Buffer.alloc(mib, " "));
  await clock.timers((pending) => pending === 1);
  const second = open(harness);
  await second.send(head(3 * mib));
  const other = open(harness, "127.0.0.2");
  await other.send(head(3 * mib));
  await clock.timers((pending) => pending === 3);
  await other.send(Buffer.concat([Buffer.alloc(3 * mib - 2, " "), Buffer.from("{}")]));
  await clock.timers((pending) => pending === 2);
  await first.send(Buffer.alloc(mib, " "));
  clock.advance(10_000);
  expect(await second.closed).toMatch(/^HTTP\/1\.1 429 [\s\S]*TOO_MANY_UNFINISHED_BYTES/);
});

test("a connection takes so many requests at a time, by pipelining too", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  onTestFinished(() => release());
  const harness = await startRpcHarness({
    queue: { getQueue: () => held.then(() => ({})) },
    settings: { maxConcurrentStreams: 3 },
  });
  const greedy = open(harness);
  await greedy.send(`${head(2, path)}{}`.repeat(4));
  expect(await greedy.closed).toBe("");
});

test("a call that goes on keeps its connection, and one that ends lets it be closed as idle", async () => {
  const harness = await startRpcHarness({ ...handlers, settings: { connectionIdleTimeoutMs: 100 } });
  const { promise, resolve } = Promise.withResolvers<void>();
  const session = connect(`http://${harness.address}`);
  session.on("error", () => undefined);
  session.once("close", resolve);
  const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/json" });
  stream.end("{}");
  stream.resume();
  await promise;
});
