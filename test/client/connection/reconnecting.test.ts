import { status as statusCode } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ReconnectOptions, reconnecting } from "../../../src/client/connection/reconnecting.ts";
import { CallError } from "../../../src/grpc/client/call-error.ts";
import { noRoom } from "../../../src/grpc/client/unreached.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const away = (retryAfterMs: number | null = null) =>
  new CallError("away", { code: statusCode.UNAVAILABLE, retryAfterMs });
const refused = new CallError("no", { code: statusCode.INVALID_ARGUMENT });

/** One stream: messages, with waits of so many milliseconds between them, and how it ends. */
interface Script {
  readonly messages?: readonly (string | number)[];
  readonly error?: CallError;
}

/** What a script of streams comes to, with the longest delays that the backoff allows. */
function follow(
  scripts: readonly Script[],
  options: Partial<ReconnectOptions> & { readonly signal?: AbortSignal } = {},
) {
  const log: string[] = [];
  const left = [...scripts];
  async function* open() {
    const { messages = [], error } = left.shift() ?? {};
    for (const each of messages) {
      if (typeof each === "string") yield each;
      else await vi.advanceTimersByTimeAsync(each);
    }
    if (error !== undefined) throw error;
  }
  const { signal, ...others } = options;
  const messages = reconnecting(signal, open, {
    tries: {
      begin: () => log.push("begin"),
      failed: ({ message }) => log.push(`failed: ${message}`),
      reached: () => log.push("reached"),
      isElsewhere: () => false,
    },
    isFinal: (error) => error === refused,
    backoff: { random: () => 1 },
    onUp: () => log.push("up"),
    onDown: ({ message }, delayMs) => log.push(`down: ${message}, ${delayMs}`),
    wait: async (delayMs) => void (await vi.advanceTimersByTimeAsync(delayMs)),
    ...others,
  });
  async function read() {
    for await (const message of messages) log.push(message);
    return log;
  }
  return { log, read };
}

test("goes on with a new stream when one breaks, until one ends well", async () => {
  const scripts = [{ messages: ["a", "b"], error: away() }, { error: away(50) }, { messages: ["c"] }];
  const first = ["begin", "reached", "up", "a", "b", "down: away, 100"];
  const second = ["begin", "failed: away", "down: away, 250"];
  expect(await follow(scripts).read()).toEqual([...first, ...second, "begin", "reached", "up", "c"]);
});

test("throws what no reconnect can mend", async () => {
  const { log, read } = follow([{ messages: ["a"], error: refused }]);
  await expect(read()).rejects.toBe(refused);
  expect(log).toEqual(["begin", "reached", "up", "a"]);
});

test("begins its delays anew after a stream that has lasted, and not after one that broke soon", async () => {
  const scripts = [
    { messages: ["a"], error: away() },
    { messages: ["b", 9_999], error: away() },
    { messages: ["c", 10_000], error: away() },
    { messages: [10_000], error: away() },
  ];
  const log = await follow(scripts).read();
  expect(log.filter((line) => line.startsWith("down"))).toEqual([
    "down: away, 100",
    "down: away, 200",
    "down: away, 100",
    "down: away, 200",
  ]);
});

test("gives up when the server is out of reach for too long, since its last answer", async () => {
  const scripts = [{ error: away() }, { messages: ["a"], error: away() }, { error: away() }, { error: away() }];
  const { log, read } = follow(scripts, { retryTimeoutMs: 700 });
  await expect(read()).rejects.toThrow("away");
  expect(log.filter((line) => line.startsWith("down"))).toEqual([
    "down: away, 100",
    "down: away, 200",
    "down: away, 400",
  ]);
});

test.each([
  ["while a stream is open", { onUp: true }],
  ["during a delay", { onUp: false }],
])("ends without an error when it is aborted %s", async (_when, { onUp }) => {
  const end = new AbortController();
  const abort = () => end.abort();
  const { log, read } = follow([{ messages: onUp ? ["a"] : [], error: away() }, { messages: ["never"] }], {
    signal: end.signal,
    ...(onUp ? { onUp: abort } : { wait: async () => abort() }),
  });
  await read();
  expect(log).not.toContain("never");
});

test("waits longer and longer, up to a minute, while the server refuses the caller's rights", async () => {
  const denied = new CallError("no rights", { code: statusCode.PERMISSION_DENIED });
  const scripts = [...Array<Script>(7).fill({ error: denied }), { messages: ["a"] }];
  const delays: number[] = [];
  await follow(scripts, { onDown: (_, delayMs) => void delays.push(delayMs) }).read();
  expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test("waits no longer than usual for a token that is asked for again", async () => {
  const stale = new CallError("expired", { code: statusCode.UNAUTHENTICATED, renewsToken: true });
  const delays: number[] = [];
  const options = { onDown: (_: CallError, delayMs: number) => void delays.push(delayMs) };
  await follow([{ error: stale }, { messages: ["a"] }], options).read();
  expect(delays).toEqual([100]);
});

test("tries seldom where the headers of the call are refused", async () => {
  const noRoomLeft = new CallError("no room", {
    code: statusCode.UNAVAILABLE,
    unreached: { why: noRoom, maybeSent: false },
  });
  const log = await follow(Array(7).fill({ error: noRoomLeft })).read();
  const delays = log.filter((line) => line.startsWith("down")).map((line) => Number(line.split(", ")[1]));
  expect(delays).toEqual([100, 200, 400, 800, 2_000, 4_000, 8_000]);
});
