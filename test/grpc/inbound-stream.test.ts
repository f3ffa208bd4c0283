import { Duplex } from "node:stream";
import { expect, it } from "vitest";
import { EnqueueRequestSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { MalformedMessage } from "../../src/grpc/codec.ts";
import { forEachMessage, InboundStream } from "../../src/grpc/inbound-stream.ts";

function source() {
  const stream = new Duplex({ objectMode: true, read: () => undefined });
  let abandoned = 0;
  const inbound = new InboundStream<string>(stream, () => abandoned++);
  return {
    stream,
    inbound,
    get abandoned() {
      return abandoned;
    },
    get listeners() {
      return stream.listenerCount("readable") + stream.listenerCount("end");
    },
  };
}

const done = { done: true, value: undefined };

it("gives what has come, then what comes, then the end", async () => {
  const s = source();
  s.stream.push("a");
  expect(await s.inbound.next()).toEqual({ done: false, value: "a" });
  const next = s.inbound.next();
  s.stream.push("b");
  s.stream.push(null);
  expect(await next).toEqual({ done: false, value: "b" });
  expect([await s.inbound.next(), await s.inbound.next()]).toEqual([done, done]);
  expect([s.listeners, s.abandoned]).toEqual([0, 0]);
});

it("gives what has come before it tells of a failure, and the failure once", async () => {
  const s = source();
  const failure = new Error("cut");
  s.stream.push("a");
  s.stream.push("b");
  s.stream.push(null);
  s.inbound.fail(failure);
  expect([await s.inbound.next(), await s.inbound.next()]).toEqual([
    { done: false, value: "a" },
    { done: false, value: "b" },
  ]);
  await expect(s.inbound.next()).rejects.toBe(failure);
  expect(await s.inbound.next()).toEqual(done);
  expect(s.listeners).toBe(0);
});

it("tells whoever waits of a failure at once", async () => {
  const s = source();
  const next = s.inbound.next();
  s.inbound.fail(new Error("cut"));
  await expect(next).rejects.toThrow("cut");
  s.inbound.fail(new Error("again"));
  expect(await s.inbound.next()).toEqual(done);
});

it("throws at a malformed message and is over", async () => {
  const s = source();
  s.stream.push(new MalformedMessage(EnqueueRequestSchema));
  s.stream.push("never read");
  await expect(s.inbound.next()).rejects.toThrow(MalformedMessage);
  expect(await s.inbound.next()).toEqual(done);
  expect(s.listeners).toBe(0);
});

it("answers who still waits when somebody else ends it, and abandons the source once", async () => {
  const s = source();
  const next = s.inbound.next();
  await s.inbound.return();
  await s.inbound.return();
  expect(await next).toEqual(done);
  expect([s.abandoned, s.listeners]).toEqual([1, 0]);
});

it("hands each message over, and holds none while it waits for the next", async () => {
  const messages = source();
  const taken: string[] = [];
  const all = forEachMessage(messages.inbound, (message) => taken.push(message));
  for (const each of ["a", "b", null]) messages.stream.push(each);
  await all;
  expect(taken).toEqual(["a", "b"]);
  const failing = source();
  failing.stream.push("a");
  const refused = forEachMessage(failing.inbound, () => {
    throw new Error("refused");
  });
  await expect(refused).rejects.toThrow("refused");
});
