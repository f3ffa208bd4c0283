import {
  callHeaders,
  errorCodes,
  flags,
  frameTypes,
  headerField,
  headerReferences,
  rawFrame,
  settingEntry,
  uint32,
} from "./raw-frames.ts";

/** Frames that are sent again and again, until the server closes the connection or all are sent. */
export interface Flood {
  readonly name: string;
  /** Sent once, before. Default: nothing. */
  readonly opening?: readonly Buffer[];
  /** @param n counts from 0 */
  readonly burst: (n: number) => readonly Buffer[];
  readonly bursts: number;
  /** Whether the peer reads what the server sends. Default true. */
  readonly reads?: boolean;
}

/** A flood that the server ends, by closing the connection. */
export interface ClosingFlood extends Flood {
  /** The codes that its GOAWAY may have. It can get lost: a peer that goes on sending is sent a reset by TCP. */
  readonly codes: readonly number[];
}

/** A flood that costs no more than reading it. */
export interface BoundedFlood extends Flood {
  /** The streams that the server resets, with their error codes. */
  readonly resets: Readonly<Record<number, number>>;
}

const { data, headers, priority, reset, settings, ping, windowUpdate, continuation } = frameTypes;
const { protocol, internal, flowControl, cancel, enhanceYourCalm } = errorCodes;
const health = callHeaders("/grpc.health.v1.Health/Check");
const work = callHeaders("/sitq.v1.WorkerService/Work");
/** A call of a stream, begun. */
const openedWork = [rawFrame(headers, flags.endHeaders, 1, work)];

/** The same frame again and again. */
function same(frame: Buffer, count = 1_000): Pick<Flood, "burst"> {
  const burst = Array.from({ length: count }, () => frame);
  return { burst: () => burst };
}

/** A call on a fresh stream again and again, with further frames on its stream. */
function calls(
  framesOf: (stream: number) => readonly Buffer[],
  { count = 100, block = health } = {},
): Pick<Flood, "burst"> {
  return {
    burst: (n) =>
      Array.from({ length: count }, (_, index) => 2 * (n * count + index) + 1).flatMap((stream) => [
        rawFrame(headers, flags.endHeaders, stream, block),
        ...framesOf(stream),
      ]),
  };
}

/** A call with headers of eight frames, without a message. */
function largeCall(stream: number): Buffer[] {
  const block = Buffer.concat([health, headerField("x", "v".repeat(60_000)), headerField("y", "v".repeat(60_000))]);
  const parts = Array.from({ length: 8 }, (_, index) => block.subarray(index * 16_000, (index + 1) * 16_000));
  return parts.map((part, index) => {
    if (index === 0) return rawFrame(headers, flags.endStream, stream, part);
    return rawFrame(continuation, index === parts.length - 1 ? flags.endHeaders : 0, stream, part);
  });
}

const limit = settingEntry(3, 100);
const windowBy = (stream: number, growth: number) => rawFrame(windowUpdate, 0, stream, uint32(growth));
const mostGrowth = 2 ** 31 - 1;

/** What Node and nghttp2 end by themselves, and what the server bounds. */
export const closingFloods: readonly ClosingFlood[] = [
  {
    name: "rapid reset",
    ...calls((stream) => [rawFrame(reset, 0, stream, uint32(cancel))]),
    bursts: 200,
    codes: [internal, enhanceYourCalm],
  },
  {
    name: "streams that the server has to reset",
    ...calls(() => [], { block: Buffer.concat([health, headerField("Upper-Case", "is malformed")]) }),
    bursts: 200,
    codes: [internal, enhanceYourCalm],
  },
  { name: "streams beyond the limit", ...calls(() => []), bursts: 100, codes: [internal, enhanceYourCalm] },
  {
    name: "pings whose answers are not read",
    ...same(rawFrame(ping, 0, 0, Buffer.alloc(8))),
    bursts: 2_000,
    reads: false,
    codes: [],
  },
  {
    name: "SETTINGS whose answers are not read",
    ...same(rawFrame(settings, 0, 0, limit)),
    bursts: 2_000,
    reads: false,
    codes: [],
  },
  {
    name: "pings whose answers are read",
    ...same(rawFrame(ping, 0, 0, Buffer.alloc(8)), 100),
    bursts: 100,
    codes: [internal, enhanceYourCalm],
  },
  {
    name: "SETTINGS whose answers are read",
    ...same(rawFrame(settings, 0, 0, limit), 100),
    bursts: 100,
    codes: [internal, enhanceYourCalm],
  },
  {
    name: "SETTINGS of many entries",
    ...same(rawFrame(settings, 0, 0, Buffer.concat(Array.from({ length: 2_000 }, () => limit))), 1),
    bursts: 1,
    codes: [enhanceYourCalm],
  },
  {
    name: "answers to pings that were not sent",
    ...same(rawFrame(ping, flags.ack, 0, Buffer.alloc(8))),
    bursts: 100,
    codes: [internal],
  },
  {
    name: "CONTINUATION without an end",
    opening: [rawFrame(headers, 0, 1, health)],
    ...same(rawFrame(continuation, 0, 1, headerField("x", "v".repeat(10_000))), 1),
    bursts: 1_000,
    codes: [internal, enhanceYourCalm],
  },
  {
    name: "empty CONTINUATION",
    opening: [rawFrame(headers, 0, 1, health)],
    ...same(rawFrame(continuation, 0, 1)),
    bursts: 100,
    codes: [internal, enhanceYourCalm],
  },
  { name: "empty DATA", opening: openedWork, ...same(rawFrame(data, 0, 1)), bursts: 100, codes: [internal] },
  {
    name: "DATA of padding",
    opening: openedWork,
    ...same(rawFrame(data, flags.padded, 1, Buffer.from([0]))),
    bursts: 500,
    codes: [enhanceYourCalm],
  },
  {
    name: "PRIORITY",
    ...same(rawFrame(priority, 0, 1, Buffer.from([0, 0, 0, 0, 1]))),
    bursts: 500,
    codes: [enhanceYourCalm],
  },
  { name: "frames of an unknown type", ...same(rawFrame(200)), bursts: 500, codes: [enhanceYourCalm] },
  { name: "a connection's window that grows by 0", ...same(windowBy(0, 0), 1), bursts: 1, codes: [protocol] },
  {
    name: "a connection's window beyond its end",
    ...same(windowBy(0, mostGrowth), 1),
    bursts: 2,
    codes: [flowControl],
  },
  {
    name: "a stream's window that grows by 0",
    opening: openedWork,
    ...same(windowBy(1, 0), 1),
    bursts: 1,
    codes: [protocol],
  },
  {
    name: "a stream's window beyond its end",
    opening: openedWork,
    ...same(windowBy(1, mostGrowth), 1),
    bursts: 2,
    codes: [flowControl],
  },
  {
    name: "RST_STREAM of a stream that never was",
    ...same(rawFrame(reset, 0, 1, uint32(cancel)), 1),
    bursts: 1,
    codes: [protocol],
  },
];

/** What stays, up to the bounds of a connection: its memory, its calls and its headers. */
export const boundedFloods: readonly BoundedFlood[] = [
  {
    // Node goes by its bound once the client has confirmed the server's SETTINGS, which this one does not.
    name: "headers of 120 KB",
    burst: (n) => largeCall(2 * n + 1),
    bursts: 100,
    resets: {},
  },
  { name: "window updates", ...same(windowBy(0, 1)), bursts: 200, resets: {} },
  {
    name: "calls whose answers have no window",
    opening: [rawFrame(settings, 0, 0, settingEntry(4, 0))],
    ...calls((stream) => [rawFrame(data, flags.endStream, stream, Buffer.alloc(5))], { count: 140 }),
    bursts: 1,
    resets: {},
  },
  {
    name: "headers that refer 12,000 times to 4 KB",
    burst: (n) => {
      const block = Buffer.concat([health, headerField("x", "v".repeat(4_000), true), headerReferences(12_000)]);
      return [rawFrame(headers, flags.endHeaders, 2 * n + 1, block)];
    },
    bursts: 50,
    resets: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [2 * n + 1, enhanceYourCalm])),
  },
];
