import { once } from "node:events";
import { type ClientHttp2Session, constants } from "node:http2";
import { create } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { EnqueueResponseSchema, QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { createFakeClock } from "../harness/fake-clock.ts";
import { refusalOf } from "../harness/refusal.ts";
import { frame, openHttp2, rawCall, startRpcHarness } from "../rpc/rpc-harness.ts";

const [mostBytes, mostFields] = [8_192, 40];
const settings = { maxHeaderBytes: mostBytes, maxHeaderFields: mostFields };
const enqueue = "/sitq.v1.QueueService/Enqueue";
const refused = {
  code: "RESOURCE_EXHAUSTED",
  reason: "HEADERS_TOO_LARGE",
  metadata: { max_bytes: String(mostBytes), max_fields: String(mostFields) },
};

async function start(clock?: ReturnType<typeof createFakeClock>) {
  let handled = 0;
  const handlers = {
    enqueue: async () => {
      handled++;
      return create(EnqueueResponseSchema, { created: true });
    },
  };
  const harness = await startRpcHarness({ settings, queue: handlers, ...(clock && { clock }) });
  return { ...harness, handled: () => handled };
}

/** Metadata of one large entry, or of many small ones. */
function metadataOf({ bytes = 0, entries = 0 }): Metadata {
  const metadata = new Metadata();
  if (bytes > 0) metadata.set("x", "v".repeat(bytes));
  for (let n = 0; n < entries; n++) metadata.set(`x-${n}`, "v");
  return metadata;
}

describe("a call whose headers are beyond a bound is refused, and its handler does not see it", () => {
  it.each([
    ["bytes", metadataOf({ bytes: mostBytes })],
    ["bytes, encoded", metadataOf({ bytes: mostBytes * 1.5 })],
    ["fields", metadataOf({ entries: mostFields })],
  ])("%s", async (_what, metadata) => {
    const { client, handled } = await start();
    const queue = client(QueueService);
    expect(await refusalOf(queue.enqueue({}, { metadata }))).toMatchObject(refused);
    expect(await refusalOf(client(Health).check({}, { metadata }))).toMatchObject(refused);
    expect(await refusalOf(client(Health).watch({}, { metadata })[Symbol.asyncIterator]().next())).toMatchObject(
      refused,
    );
    expect(handled()).toBe(0);
    expect(await queue.enqueue({})).toMatchObject({ created: true });
  });
});

describe("the bounds are exact", () => {
  /** Calls with headers of so many bytes and fields. */
  async function outcome(session: ClientHttp2Session, address: string, bytes: number, fields: number) {
    const own = {
      ":method": "POST",
      ":scheme": "http",
      ":authority": address,
      ":path": enqueue,
      "content-type": "application/grpc",
      te: "trailers",
    };
    const listed: [string, string][] = Object.entries(own);
    while (listed.length < fields) listed.push([`x-${listed.length}`, ""]);
    const used = listed.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
    const [last = ["", ""]] = listed.splice(-1);
    listed.push([last[0], "v".repeat(bytes - used)]);
    const call = rawCall(session, enqueue, Object.fromEntries(listed));
    call.stream.end(frame(Buffer.alloc(0)));
    return (await call.status).codeName;
  }

  it.each([
    [mostBytes, mostFields, "OK"],
    [mostBytes + 1, mostFields, "RESOURCE_EXHAUSTED"],
    [mostBytes, mostFields + 1, "RESOURCE_EXHAUSTED"],
  ])("%i bytes in %i fields", async (bytes, fields, codeName) => {
    const { address } = await start();
    expect(await outcome(openHttp2(address), address, bytes, fields)).toBe(codeName);
  });
});

it.each<[string, Record<string, string>]>([
  ["bytes", { x: "v".repeat(3 * mostBytes) }],
  ["fields", Object.fromEntries(Array.from({ length: 3 * mostFields }, (_, n) => [`x-${n}`, "v"]))],
])("resets a call at more than twice the %s; the other calls of its connection go on", async (_what, headers) => {
  const { address, handled } = await start();
  const session = openHttp2(address);
  await once(session, "remoteSettings");
  const other = rawCall(session, enqueue);
  for (let n = 0; n < 3; n++) {
    const { stream } = rawCall(session, enqueue, headers);
    await new Promise((resolve) => stream.once("close", resolve));
    expect(stream.rstCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
  expect(handled()).toBe(0);
  other.stream.end(frame(Buffer.alloc(0)));
  expect(await other.status).toMatchObject({ codeName: "OK" });
});

it("tells clients what it takes, so that they need not try", async () => {
  const { address } = await start();
  const session = openHttp2(address);
  const [announced] = await once(session, "remoteSettings");
  expect(announced).toMatchObject({ maxHeaderListSize: 2 * mostBytes, maxConcurrentStreams: 150 });
});

it("ends a refused stream whose client goes on sending", async () => {
  const clock = createFakeClock();
  const { address } = await start(clock);
  const call = rawCall(openHttp2(address), enqueue, { x: "v".repeat(mostBytes) });
  expect(await call.status).toMatchObject({ reason: refused.reason, metadata: refused.metadata });
  const closed = once(call.stream, "close");
  clock.advance(1_000);
  await closed;
  expect(call.stream.rstCode).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});
