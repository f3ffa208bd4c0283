import { status as statusCode } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isOfServer, ServerChoice } from "../../../src/client/servers/server-choice.ts";
import { CallError } from "../../../src/grpc/client/call-error.ts";
import { noRoom } from "../../../src/grpc/client/unreached.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const addresses = ["a:1", "b:1", "c:1"];
const away = new CallError("away", { code: statusCode.UNAVAILABLE });
/** Leaves the order as it is. */
const inOrder = () => 0.999;

function choose(random = inOrder) {
  const moves: string[] = [];
  const choice = new ServerChoice({ addresses, random, onMove: (from, to) => moves.push(`${from} ${to}`) });
  return { choice, moves, leave: () => choice.leave(choice.current, away) };
}

test("each order of the servers is as likely as any other", () => {
  const counts = new Map<string, number>();
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let n = 0; n < 6_000; n++) {
    const order = choose(random).choice.addresses.join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test("stays with a server until it is left, and goes round", () => {
  const { choice, moves, leave } = choose();
  expect(choice.current.address).toBe("a:1");
  leave();
  expect(choice.current.address).toBe("b:1");
  leave();
  vi.advanceTimersByTime(3_000);
  leave();
  expect(choice.current.address).toBe("a:1");
  expect(moves).toEqual(["a:1 b:1", "b:1 c:1", "c:1 a:1"]);
});

test("is left once by all calls that failed there", () => {
  const { choice } = choose();
  const stay = choice.current;
  choice.leave(stay, away);
  choice.leave(stay, away);
  expect(choice.current.address).toBe("b:1");
});

test("a call from before a server was left does not leave it when it is called again", () => {
  const { choice, leave } = choose();
  const former = choice.current;
  for (let n = 0; n < 3; n++) leave();
  expect(choice.current.address).toBe("a:1");
  choice.leave(former, away);
  expect(choice.current.address).toBe("a:1");
});

test("passes over a server that was left a moment ago", () => {
  const { choice, leave } = choose();
  leave();
  leave();
  vi.advanceTimersByTime(2_001);
  leave();
  expect(choice.current.address).toBe("a:1");
  leave();
  // c was left a moment ago, and b is tried before it.
  expect(choice.current.address).toBe("b:1");
  expect(choice.isFresh).toBe(true);
});

test("knows no fresh server once all were left, and tells no move to one", () => {
  const { choice, moves, leave } = choose();
  expect([choice.isFresh, choice.hasFreshOther]).toEqual([true, true]);
  leave();
  leave();
  expect([choice.isFresh, choice.hasFreshOther]).toEqual([true, false]);
  leave();
  expect([choice.isFresh, choice.hasFreshOther]).toEqual([false, false]);
  expect(moves).toHaveLength(2);
  vi.advanceTimersByTime(2_001);
  expect(choice.isFresh).toBe(true);
});

test("the only server is never left", () => {
  const choice = new ServerChoice({ addresses: ["a:1"] });
  const { current } = choice;
  choice.leave(current, away);
  expect(choice.current).toBe(current);
  expect(choice.hasFreshOther).toBe(false);
});

test.each([
  ["a server that was not reached", { unreached: { why: "connection refused", maybeSent: false } }, true],
  ["a connection that was cut", { unreached: { why: "the connection was cut", maybeSent: true } }, true],
  ["a server that stops", { reason: "DRAINING" }, true],
  ["a server without its database", { reason: "STORE_UNREACHABLE" }, true],
  ["a server that has failed", { reason: "STORE_FAILED" }, true],
  ["a stream that is silent", { code: statusCode.DEADLINE_EXCEEDED, reason: "SERVER_SILENT" }, true],
  ["a server that has too much to do", { reason: "OVERLOADED" }, false],
  ["a connection without room", { unreached: { why: noRoom, maybeSent: false } }, false],
  [
    "a deadline before there was a connection",
    { code: statusCode.DEADLINE_EXCEEDED, unreached: { why: "it does not answer", maybeSent: false } },
    true,
  ],
  [
    "a deadline of a call that was sent",
    { code: statusCode.DEADLINE_EXCEEDED, unreached: { why: "it does not answer", maybeSent: true } },
    false,
  ],
  ["a refusal of the request", { code: statusCode.NOT_FOUND, reason: "TASK_NOT_FOUND" }, false],
])("%s: another server is called: %j, %j", (_, init, expected) => {
  expect(isOfServer(new CallError("", { code: statusCode.UNAVAILABLE, ...init }))).toBe(expected);
});
