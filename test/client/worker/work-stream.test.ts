import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test, vi } from "vitest";
import {
  type WorkRequest,
  WorkRequestSchema,
  type WorkResponse,
  WorkResponseSchema,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { openWorkStream } from "../../../src/client/worker/work-stream.ts";
import { createMailbox } from "../mailbox.ts";

const capacity = (n: number) => create(WorkRequestSchema, { message: { case: "capacity", value: { n } } });

/** A stream whose call is in the test's hands; the protocol has numbers to say. */
function openScripted() {
  const responses = createMailbox<WorkResponse | null>("response");
  const sent: WorkRequest["message"][] = [];
  const waiting: number[] = [];
  let drained = Promise.withResolvers<void>();
  let room = Number.POSITIVE_INFINITY;
  const call = {
    send(message: WorkRequest) {
      sent.push(message.message);
      room--;
      return room > 0;
    },
    drained: () => drained.promise,
    end: () => responses.put(null),
    cancel: () => responses.put(null),
    responses: {
      [Symbol.asyncIterator]: () => ({
        async next() {
          const value = await responses.next();
          return value === null ? { done: true as const, value } : { done: false as const, value };
        },
      }),
    },
  };
  const protocol = {
    hello: () => create(WorkRequestSchema, { message: { case: "hello", value: { workerId: "w" } } }),
    next() {
      const n = waiting.shift();
      return n === undefined ? null : capacity(n);
    },
    hasMuch: () => waiting.length >= much,
    onMessage: () => undefined,
    close: () => undefined,
  };
  const stream = openWorkStream(call, protocol, { onWelcome: () => undefined, onDrain: () => undefined });
  return {
    stream,
    waiting,
    get sent() {
      return sent.map((message) => (message.case === "capacity" ? message.value.n : message.case));
    },
    heartbeat() {
      responses.put(create(WorkResponseSchema, { message: { case: "heartbeat", value: {} } }));
    },
    welcome(intervalMs = 60_000) {
      const value = { heartbeatInterval: durationFromMs(intervalMs) };
      responses.put(create(WorkResponseSchema, { message: { case: "welcome", value } }));
    },
    /** There is room for so many messages, the one that fills it included. */
    drain(messages: number) {
      room = messages;
      const { resolve } = drained;
      drained = Promise.withResolvers();
      resolve();
    },
    limit(messages: number) {
      room = messages;
    },
  };
}

/** How many messages are much to the scripted protocol. */
const much = 10;

/** After the end of this turn of the event loop. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("says nothing but hello before the welcome, and then what waits", async () => {
  const scripted = openScripted();
  scripted.waiting.push(1, 2);
  scripted.stream.poke();
  await turn();
  expect(scripted.sent).toEqual(["hello"]);
  scripted.welcome();
  await turn();
  await turn();
  expect(scripted.sent).toEqual(["hello", 1, 2]);
  scripted.stream.end();
  expect(await scripted.stream.ended).toBeNull();
});

test("answers a heartbeat, and says none by itself before an interval has gone by in which it said nothing", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    const scripted = openScripted();
    scripted.welcome(1_000);
    await turn();
    await turn();
    vi.advanceTimersByTime(900);
    scripted.heartbeat();
    await turn();
    await turn();
    expect(scripted.sent).toEqual(["hello", "heartbeat"]);
    vi.advanceTimersByTime(999);
    expect(scripted.sent).toEqual(["hello", "heartbeat"]);
    vi.advanceTimersByTime(1);
    expect(scripted.sent).toEqual(["hello", "heartbeat", "heartbeat"]);
    scripted.stream.end();
    await scripted.stream.ended;
  } finally {
    vi.useRealTimers();
  }
});

test("does not wait for the end of the turn when there is much to say", async () => {
  const scripted = openScripted();
  scripted.welcome();
  await turn();
  await turn();
  scripted.waiting.push(...Array.from({ length: much - 1 }, (_, index) => index));
  scripted.stream.poke();
  expect(scripted.sent).toEqual(["hello"]);
  scripted.waiting.push(much);
  scripted.stream.poke();
  expect(scripted.sent).toHaveLength(1 + much);
  await turn();
  expect(scripted.sent).toHaveLength(1 + much);
});

test("stops when the send buffer is full, and goes on when it has drained", async () => {
  const scripted = openScripted();
  scripted.welcome();
  await turn();
  await turn();
  scripted.limit(2);
  scripted.waiting.push(1, 2, 3, 4, 5);
  scripted.stream.poke();
  await turn();
  expect(scripted.sent).toEqual(["hello", 1, 2]);
  // However often it is told that there is more to say.
  scripted.stream.poke();
  await turn();
  expect(scripted.sent).toEqual(["hello", 1, 2]);
  scripted.drain(1);
  await turn();
  expect(scripted.sent).toEqual(["hello", 1, 2, 3]);
  scripted.drain(10);
  await turn();
  expect(scripted.sent).toEqual(["hello", 1, 2, 3, 4, 5]);
  scripted.stream.end();
  await scripted.stream.ended;
});

test("gathers what is to be said until the end of the turn", async () => {
  const scripted = openScripted();
  scripted.welcome();
  await turn();
  await turn();
  scripted.waiting.push(1);
  scripted.stream.poke();
  scripted.stream.poke();
  await Promise.resolve();
  scripted.waiting.push(2);
  expect(scripted.sent).toEqual(["hello"]);
  await turn();
  expect(scripted.sent).toEqual(["hello", 1, 2]);
  scripted.stream.end();
  await scripted.stream.ended;
});
