/** Messages of more than 64 KiB that are not whole: how many there may be, and for how long. */

import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { EnqueueResponseSchema } from "../../../gen/sitq/v1/queue_service_pb.js";
import { WorkResponseSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { frame, openHttp2, rawCall, startRpcHarness } from "../../rpc/rpc-harness.ts";

const timeoutMs = 10_000;
const mib = 1_048_576;
const enqueue = "/sitq.v1.QueueService/Enqueue";
const noRoom = {
  codeName: "RESOURCE_EXHAUSTED",
  reason: "TOO_MANY_UNFINISHED_BYTES",
  metadata: { max_bytes: String(4 * mib) },
  retryAfterMs: 1_000,
};

/** A server with room for one message of 4 MiB of each address. */
async function start() {
  const clock = createFakeClock();
  const harness = await startRpcHarness({
    clock,
    settings: { firstMessageTimeoutMs: timeoutMs, maxUnfinishedBytes: mib },
    queue: { enqueue: async () => create(EnqueueResponseSchema, { created: true }) },
    worker: {
      async work(requests, _context, out) {
        for await (const _ of requests) out.send(create(WorkResponseSchema));
      },
    },
  });
  return { clock, harness };
}

/** A message of one unknown field, which is skipped, in its frame. @param bytes at least 20 KiB */
function message(bytes: number): Buffer {
  // Field 15, with a length in four bytes.
  const length = bytes - 5;
  const varint = [0, 7, 14].map((shift) => ((length >> shift) & 127) | 128);
  return frame(Buffer.concat([Buffer.from([0x7a, ...varint, length >> 21]), Buffer.alloc(length)]));
}

/** Waits until the server has read what came over a connection before. */
const isRead = (session: ClientHttp2Session) => new Promise((resolve) => session.ping(resolve));

async function write(session: ClientHttp2Session, stream: ClientHttp2Stream, bytes: Buffer): Promise<void> {
  await new Promise((resolve) => stream.write(bytes, resolve));
  await isRead(session);
}

/** All but the end of a message of 4 MiB, in a call of its own. */
async function leaveUnfinished(session: ClientHttp2Session) {
  const whole = message(4 * mib);
  const call = rawCall(session, enqueue);
  await write(session, call.stream, whole.subarray(0, -10));
  return { ...call, finish: () => call.stream.end(whole.subarray(-10)) };
}

it("lets a large message wait until others of the address are whole; small ones and other addresses do not wait", async () => {
  const { harness } = await start();
  const [session, beside] = [openHttp2(harness.address, "127.0.0.2"), openHttp2(harness.address, "127.0.0.3")];
  const first = await leaveUnfinished(session);
  const second = rawCall(session, enqueue);
  second.stream.end(message(4 * mib));

  const small = rawCall(session, enqueue);
  small.stream.end(message(60_000));
  expect((await small.status).codeName).toBe("OK");
  const other = rawCall(beside, enqueue);
  other.stream.end(message(4 * mib));
  expect((await other.status).codeName).toBe("OK");
  expect(second.stream.writableFinished).toBe(false);

  first.finish();
  for (const { status } of [first, second]) expect((await status).codeName).toBe("OK");
});

it("gives the room of a call that is cancelled to the next", async () => {
  const { harness } = await start();
  const session = openHttp2(harness.address);
  const first = await leaveUnfinished(session);
  const second = rawCall(session, enqueue);
  second.stream.end(message(4 * mib));
  await isRead(session);
  first.stream.close();
  expect((await second.status).codeName).toBe("OK");
});

it("refuses a large message that waits for room while its connection is silent", async () => {
  const { clock, harness } = await start();
  const session = openHttp2(harness.address);
  await leaveUnfinished(session);
  const beside = openHttp2(harness.address);
  const waiting = rawCall(beside, enqueue);
  await write(beside, waiting.stream, message(4 * mib).subarray(0, 70_000));
  await clock.timers((pending) => pending >= 2);
  // What has arrived counts for the first period.
  clock.advance(timeoutMs);
  await isRead(beside);
  clock.advance(timeoutMs);
  expect(await waiting.status).toMatchObject(noRoom);
  // The other one ended before.
  const next = rawCall(beside, enqueue);
  next.stream.end(message(4 * mib));
  expect((await next.status).codeName).toBe("OK");
});

const late = { codeName: "DEADLINE_EXCEEDED", reason: "FIRST_MESSAGE_TIMEOUT" };
/** In how many periods the largest message arrives at 10 KB/s. */
const mostPeriods = Math.ceil(1 + (4 * mib) / 10 / timeoutMs);

/** Lets time pass for a call with an unfinished message of 4 MiB beside others that are busy. @returns after how many periods it ended */
async function periodsOf(bytesInPeriod: number): Promise<number> {
  const { clock, harness } = await start();
  const session = openHttp2(harness.address);
  const { stream, status } = rawCall(session, enqueue);
  await write(session, stream, message(4 * mib).subarray(0, 100_000));
  let hasEnded = false;
  void status.then(() => {
    hasEnded = true;
  });
  let periods = 0;
  while (!hasEnded && periods <= mostPeriods + 1) {
    await write(session, stream, Buffer.alloc(bytesInPeriod));
    for (let n = 0; n < 2; n++) {
      const busy = rawCall(session, enqueue);
      busy.stream.end(message(60_000));
      await busy.status;
    }
    clock.advance(timeoutMs);
    periods++;
    await isRead(session);
  }
  expect(await status).toMatchObject(late);
  return periods;
}

it("ends a large message that is silent or trickles, though its connection is never silent", async () => {
  expect(await periodsOf(0)).toBeLessThan(6);
  expect(await periodsOf(1)).toBeLessThan(6);
});

it("ends one that gets its share of a slow connection after the time of the largest at 10 KB/s", async () => {
  const periods = await periodsOf(30_000);
  expect(periods).toBeGreaterThanOrEqual(mostPeriods - 1);
  expect(periods).toBeLessThanOrEqual(mostPeriods + 1);
});

it("waits for a later large message of a stream no longer than for its first", async () => {
  const { clock, harness } = await start();
  const session = openHttp2(harness.address);
  const { stream, status } = rawCall(session, "/sitq.v1.WorkerService/Work");
  await write(session, stream, frame(Buffer.alloc(0)));
  await clock.timers((pending) => pending === 0);
  clock.advance(timeoutMs * 10);
  await write(session, stream, message(mib).subarray(0, -10));
  await clock.timers((pending) => pending === 1);
  clock.advance(timeoutMs);
  await isRead(session);
  clock.advance(timeoutMs);
  expect(await status).toMatchObject(late);
});

it("takes large messages of a stream one after the other, and leaves no timer behind", async () => {
  const { clock, harness } = await start();
  const session = openHttp2(harness.address);
  const { stream, status } = rawCall(session, "/sitq.v1.WorkerService/Work");
  for (let n = 0; n < 5; n++) stream.write(message(2 * mib));
  stream.end();
  expect((await status).codeName).toBe("OK");
  expect(clock.pendingTimers).toBe(0);
});
