import type { ServerHttp2Stream } from "node:http2";
import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status as statusCode } from "@grpc/grpc-js";
import { http2StreamOf, replaceDecompression, unfinishedMessage } from "../grpc-internals.ts";
import { makeStatus, reasonOf, toStatusObject } from "../status-details.ts";
import { type Decompress, isTooLarge } from "./decompression.ts";
import { resetAfterTrailers } from "./end-stream.ts";
import { CallLargeMessages, type LargeMessages, smallMessageBytes } from "./large-messages.ts";
import { completeStatus } from "./own-status.ts";
import { trafficOn } from "./session-traffic.ts";

/** A call that was refused. */
export interface RefusedCall {
  /** Its path: `/sitq.v1.QueueService/Enqueue`. */
  readonly method: string;
  /** Who called: `address:port`. */
  readonly peer: string;
  /** The canonical code, as text: `NOT_FOUND`. */
  readonly code: string;
  /** The reason of ErrorInfo; the code where there is none. */
  readonly reason: string;
  /** The trace that the caller says it is part of. Not there: none. */
  readonly traceparent?: string;
}

/** How long a client may take, how much it may send, and by which clock. */
export interface CallGuardOptions {
  /** How long a call's first message, or where there is only one the whole request, may stand still; in milliseconds. */
  readonly firstMessageTimeoutMs: number;
  /** The largest message that is taken, decompressed. */
  readonly maxReceiveBytes: number;
  readonly largeMessages: LargeMessages;
  /** Called with each call that is answered with a refusal. Default: nothing is. */
  readonly onRefused?: (call: RefusedCall) => void;
  /** One for all calls of the server. */
  readonly decompress: Decompress;
  readonly clock: {
    /** Runs `action` once, `delayMs` later; answers a function that calls it off. */
    after(delayMs: number, action: () => void): () => void;
    /** Runs `action` once what has already arrived from the network has been read. */
    afterIo(action: () => void): void;
  };
}

/** A connection on which messages that are waited for arrive slower than this stands still: 10 KB/s. */
export const leastBytesPerMs = 10;

/** How long the largest message may take, in milliseconds. */
export function longestMessageMs({
  firstMessageTimeoutMs,
  maxReceiveBytes,
}: Pick<CallGuardOptions, "firstMessageTimeoutMs" | "maxReceiveBytes">): number {
  return firstMessageTimeoutMs + maxReceiveBytes / leastBytesPerMs;
}

/**
 * A call stands still though its connection does not when it gets less than an eighth of its share, once the connection has brought so
 * many bytes for each of its calls: twice what clients send of a message before they turn to the next.
 */
const shareBytes = 131_072;
const leastShare = 1 / 8;
/** The frame of a message: a flag and the length. */
const frameBytes = 5;

/** What was received with calls that ended because a message was too large. */
const endedByTooLarge = new WeakSet<Metadata>();

/** Whether a call ended because its client sent a message that is too large: its handler sees no more than the end. */
export function wasEndedByTooLarge({ metadata }: { readonly metadata: Metadata }): boolean {
  return endedByTooLarge.has(metadata);
}

/**
 * Looks after what comes before and below the handlers, for every call of a server:
 *
 * - Calls that were begun and never say anything end with DEADLINE_EXCEEDED and `FIRST_MESSAGE_TIMEOUT`. Only an interceptor
 *   sees them: grpc-js calls a handler that takes one message when it is there. What counts is silence: while first messages
 *   arrive on its connection, a call waits, since they share one line and each other's window; and what lies in a socket
 *   because this process was busy is read first. But no longer than the largest message takes at 10 KB/s, or one call that
 *   trickles would keep all the others of its connection.
 * - Large messages are read once their caller is known and there is room for them; later ones of a stream are waited for as its first.
 * - A stream that breaks does not look like one that has ended. When a connection goes, and when a client of Node's cancels
 *   a call, the end of the requests is reported first and the cancellation a moment later.
 * - Compressed messages share a bounded memory.
 * - Statuses of grpc-js's own get the details that every refusal has, and a stream that the server ends is reset behind them.
 */
export function callGuard(options: CallGuardOptions): ServerInterceptor {
  const { firstMessageTimeoutMs, maxReceiveBytes, largeMessages, decompress, onRefused, clock } = options;
  const leastBytes = firstMessageTimeoutMs * leastBytesPerMs;
  const longestMs = longestMessageMs(options);
  const late = (text: string) =>
    toStatusObject(
      makeStatus(statusCode.DEADLINE_EXCEEDED, `A message of the call did not arrive: ${text}.`, {
        reason: "FIRST_MESSAGE_TIMEOUT",
      }),
    );
  const silent = late(
    `for ${firstMessageTimeoutMs} ms its connection was silent or slower than 10 KB/s, or the call next to the others of its connection`,
  );
  const slow = late(`it took longer than ${Math.ceil(longestMs)} ms, in which the largest one arrives at 10 KB/s`);

  return (method, call) => {
    const stream = http2StreamOf(call);
    // A call whose connection is gone has its own.
    const traffic = trafficOn(stream?.session ?? call);
    /** Whether a message is waited for: the first one, or a large one. */
    let isAwaited = true;
    let hasBegun = false;
    let isArriving = false;
    let hasHalfClosed = false;
    let hasEnded = false;
    let received: Metadata | null = null;
    /** What has arrived of the message, and when to look whether it is a large one. */
    let arrivedBytes = 0;
    let lookAt = smallMessageBytes;
    /** What has arrived of the call while it was waited for. */
    let ownBytes = 0;
    let large: CallLargeMessages | null = null;

    replaceDecompression(call, (message, encoding) => decompress(message.subarray(frameBytes), encoding));
    const sendStatus = call.sendStatus.bind(call);
    call.sendStatus = (status) => {
      traffic.sentMessages++;
      if (!hasHalfClosed && stream !== null && !stream.readableEnded) resetAfterTrailers(stream, clock.after);
      const complete = completeStatus(status, maxReceiveBytes);
      if (received !== null && isTooLarge(complete)) endedByTooLarge.add(received);
      const { code } = complete;
      // A cancelled call is not refused.
      if (onRefused !== undefined && code !== statusCode.OK && code !== statusCode.CANCELLED) {
        const facts = { method: method.path, peer: call.getPeer(), code: statusCode[code] ?? String(code) };
        onRefused({ ...facts, reason: reasonOf(complete), ...(received && traceOf(received)) });
      }
      sendStatus(complete);
    };

    const sendMessage = call.sendMessage.bind(call);
    call.sendMessage = (message, done) => {
      traffic.sentMessages++;
      sendMessage(message, done);
    };

    stream?.on("data", ({ length }: Buffer) => {
      if (isAwaited) {
        traffic.arrivedBytes += length;
        ownBytes += length;
      }
      arrivedBytes += length;
      if (arrivedBytes > lookAt) holdBack(stream);
    });

    function holdBack(held: ServerHttp2Stream): void {
      // What had already arrived is read to its end, also when the call is over.
      if (received === null || hasEnded) return;
      const { path } = method;
      large ??= new CallLargeMessages({ call, stream: held, messages: largeMessages, path }, received, (status) =>
        call.sendStatus(status),
      );
      lookAt = arrivedBytes + large.hold(() => setArriving(false), awaitMessage);
    }

    function setArriving(value: boolean): void {
      if (isArriving === value) return;
      isArriving = value;
      traffic.arriving += value ? 1 : -1;
    }

    /** @param since the traffic when the call was last found to get its share */
    function watch(waitedMs: number, since = { all: traffic.arrivedBytes, own: ownBytes }): () => void {
      const before = traffic.arrivedBytes;
      const ownBefore = ownBytes;
      return clock.after(firstMessageTimeoutMs, () =>
        clock.afterIo(() => {
          if (!isAwaited) return;
          const nowMs = waitedMs + firstMessageTimeoutMs;
          const all = traffic.arrivedBytes - since.all;
          const isMoving = traffic.arrivedBytes - before >= leastBytes;
          const hasShare = ownBytes - since.own >= (all * leastShare) / traffic.arriving;
          const isJudged = isArriving && large !== null && all >= shareBytes * traffic.arriving;
          const isStalled = !isMoving || (isJudged && !hasShare && ownBytes - ownBefore < leastBytes);
          if (hasBegun && unfinishedMessage(call) === null) complete();
          else if (!isStalled && nowMs < longestMs)
            callOff = isJudged || !isArriving ? watch(nowMs) : watch(nowMs, since);
          else if (large?.waitsForRoom) call.sendStatus(largeMessages.noRoom);
          else call.sendStatus(isStalled ? silent : slow);
        }),
      );
    }
    setArriving(true);
    let callOff = watch(0);
    const complete = () => {
      isAwaited = false;
      setArriving(false);
      callOff();
    };
    /** A large message of a stream that goes on. */
    function awaitMessage(): void {
      if (hasEnded) return;
      setArriving(true);
      if (isAwaited) return;
      isAwaited = true;
      callOff = watch(0);
    }
    const end = () => {
      hasEnded = true;
      complete();
      large?.end();
    };

    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, pass) {
            received = metadata;
            pass(metadata);
          },
          onReceiveMessage(message, pass) {
            if (method.requestStream) {
              hasBegun = true;
              if (isAwaited) complete();
              arrivedBytes = 0;
              lookAt = smallMessageBytes;
              large?.taken();
            }
            pass(message);
          },
          onReceiveHalfClose(pass) {
            hasHalfClosed = true;
            complete();
            large?.taken();
            // Messages passed on after a cancellation are dropped. A single request needs no waiting.
            if (method.requestStream) clock.afterIo(pass);
            else pass();
          },
          // Called at the end of every call.
          onCancel: end,
        }),
    });
  };
}

/** The trace that a call says it is part of, for what is reported of it. */
export function traceOf(metadata: Metadata): Pick<RefusedCall, "traceparent"> {
  const [traceparent] = metadata.get("traceparent");
  return typeof traceparent === "string" ? { traceparent } : {};
}
